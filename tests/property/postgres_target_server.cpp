#include "tests/property/postgres_target_server.hpp"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "tests/support/child_process.hpp"
#include "tests/support/source_file.hpp"

namespace weir::test {
namespace {

void tool(const std::string& dir, std::vector<std::string> arguments) {
  std::vector<std::string> command{source_file("tools/cluster")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"--dir", dir});
  const auto log = dir + ".log";
  if (child_process(command, log, log).wait(std::chrono::seconds(120)) != 0)
    throw std::runtime_error("tools/cluster " + arguments[0] + " failed:\n" + read_file(log));
  std::filesystem::remove(log);
}

std::string value_of(const std::string& env, const std::string& name) {
  std::istringstream lines(env);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + "='")) return line.substr(name.size() + 2, line.size() - name.size() - 3);
  throw std::runtime_error("tools/cluster names no " + name);
}

std::string with_database(std::string conninfo, const std::string& database) {
  const std::string declared = "dbname=shop";
  return conninfo.replace(conninfo.find(declared), declared.size(), "dbname=" + database);
}

} // namespace

target_server& target_server::shared() {
  static target_server server;
  return server;
}

target_server::target_server()
    : dir_(std::filesystem::temp_directory_path() / ("weir-target-" + std::to_string(::getpid()))) {
  tool(dir_, {"up", "--nodes", "1", "--with", std::to_string(::getpid())});
  const auto env = read_file(dir_ + "/env");
  conninfo_ = value_of(env, "WEIR_COORDINATOR");
  admin_ = value_of(env, "WEIR_ADMIN_COORDINATOR");
}

target_server::~target_server() {
  try {
    tool(dir_, {"down"});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
}

std::string target_server::fresh_database() {
  const auto name = "target_" + std::to_string(++databases_);
  sql_session(admin_).run("CREATE DATABASE " + name + " OWNER weir");
  return name;
}

std::string target_server::conninfo(const std::string& database) const { return with_database(conninfo_, database); }

std::string target_server::admin(const std::string& database) const { return with_database(admin_, database); }

postgres::connection target_database::connect() const { return must(postgres::connection::open(conninfo, {})); }

} // namespace weir::test
