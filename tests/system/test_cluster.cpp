#include "tests/system/test_cluster.hpp"
#include "tests/support/source_file.hpp"

#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/support/child_process.hpp"

namespace weir::test {

namespace {

/// tools/cluster with `arguments`.  Throws with what it said if it fails.
void tool(const std::string& dir, std::vector<std::string> arguments) {
  std::vector<std::string> command{source_file("tools/cluster")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"--dir", dir});
  const auto log = dir + ".log";
  if (child_process(command, log, log).wait(std::chrono::seconds(120)) != 0)
    throw std::runtime_error("tools/cluster " + arguments[0] + " failed:\n" + read_file(log));
  std::filesystem::remove(log);
}

std::string with_database(std::string conninfo, const std::string& database) {
  const std::string declared = "dbname=shop";
  return conninfo.replace(conninfo.find(declared), declared.size(), "dbname=" + database);
}

std::string upper(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string fresh_dir() {
  static int count = 0;
  return std::filesystem::temp_directory_path() /
         ("weir-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
}

} // namespace

test_cluster& test_cluster::shared() {
  static test_cluster cluster(2);
  return cluster;
}

test_cluster::test_cluster(int workers, server_kind kind) : dir_(fresh_dir()) {
  std::vector<std::string> up{"up", "--nodes", std::to_string(workers), "--with", std::to_string(::getpid())};
  if (kind != server_kind::plain) up.push_back("--citus");
  if (kind == server_kind::citus_cdc) up.push_back("--cdc");
  tool(dir_, up);
  read_env();
}

void test_cluster::read_env() {
  std::istringstream lines(read_file(dir_ + "/env"));
  for (std::string line; std::getline(lines, line);) { // NAME='value'
    const auto equals = line.find('=');
    env_[line.substr(0, equals)] = line.substr(equals + 2, line.size() - equals - 3);
  }
  nodes_.clear();
  std::istringstream names(env_.at("WEIR_CLUSTER_NODES"));
  for (std::string name; names >> name;) nodes_.push_back(name);
}

test_cluster::~test_cluster() {
  try {
    tool(dir_, {"down"});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
}

std::string test_cluster::conninfo(const std::string& node, const std::string& database) const {
  return with_database(env_.at("WEIR_" + upper(node)), database);
}

std::string test_cluster::admin(const std::string& node, const std::string& database) const {
  return with_database(env_.at("WEIR_ADMIN_" + upper(node)), database);
}

void test_cluster::add(const std::string& node) {
  control("add", node);
  read_env();
}

std::string test_cluster::add_standby(const std::string& node, slots logical) {
  if (logical == slots::copied)
    tool(dir_, {"standby", node, "--slots"});
  else
    control("standby", node);
  read_env();
  return node + "_standby";
}

void test_cluster::control(const std::string& verb, const std::string& node) { tool(dir_, {verb, node}); }

} // namespace weir::test
