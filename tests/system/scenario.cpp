#include "tests/system/scenario.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/support/catch.hpp"

namespace weir::test {

namespace {

std::string program_path() {
  const char* path = std::getenv("WEIR_PROGRAM");
  if (path == nullptr) throw std::runtime_error("WEIR_PROGRAM is not set: run the tests with ctest or tools/test");
  return path;
}

/// The last lines of a log, for the message of a failed expectation.
std::string tail_of(const std::string& text) {
  return text.size() < 4000 ? text : "…" + text.substr(text.size() - 4000);
}

/// What of a shard's move was left where it was cut off: a database with a subscription cannot be dropped.
void remove_subscriptions(sql_session& session) {
  for (const auto& row : session.rows("select quote_ident(subname) from pg_subscription where subdbid = (select oid "
                                      "from pg_database where datname = current_database())"))
    for (const auto* how :
         {"alter subscription {} disable", "alter subscription {} set (slot_name = none)", "drop subscription {}"})
      session.run(fmt::format(fmt::runtime(how), *row[0]));
}

/// What holds a database: slots, prepared transactions, subscriptions.
void empty_database(sql_session& admin, const std::string& conninfo, const std::string& name) {
  const auto mine = fmt::format("from pg_replication_slots where database = '{}'", name);
  (void)eventually(std::chrono::seconds(10), [&] {
    try {
      admin.run("select pg_terminate_backend(active_pid) " + mine + " and active");
      admin.run("select pg_drop_replication_slot(slot_name) " + mine);
      return true;
    } catch (const sql_error&) {
      return false; // the walsender is still about to go
    }
  });
  sql_session inside(conninfo);
  for (const auto& row : inside.rows("select gid from pg_prepared_xacts where database = current_database()"))
    inside.run("rollback prepared '" + *row[0] + "'");
  remove_subscriptions(inside);
}

/// The databases that a test of this name left behind, on all servers. Nobody gets in any more before the first goes: a
/// server of Citus connects to the others, and starts a session of its own in a database that is touched.
void remove_databases(const test_cluster& cluster, const std::string& name) {
  std::vector<std::string> holders;
  for (const auto& node : cluster.nodes()) {
    sql_session admin(cluster.admin(node, "postgres"));
    if (admin.value(fmt::format("select datallowconn from pg_database where datname = '{}'", name)) == "t")
      empty_database(admin, cluster.admin(node, name), name);
    if (!admin.value(fmt::format("select 1 from pg_database where datname = '{}'", name)).empty())
      holders.push_back(node);
  }
  for (const auto& node : holders)
    sql_session(cluster.admin(node, "postgres")).run(fmt::format("alter database {} allow_connections false", name));
  for (const auto& node : holders) {
    sql_session admin(cluster.admin(node, "postgres"));
    std::string why;
    if (!eventually(std::chrono::seconds(30), [&] {
          try {
            admin.run(fmt::format("drop database if exists {} with (force)", name));
            return true;
          } catch (const sql_error& e) {
            why = e.what();
            return false;
          }
        }))
      throw std::runtime_error(why);
  }
}

} // namespace

scenario::scenario(const std::string& name, test_cluster& cluster)
    : name_(name), cluster_(cluster),
      dir_(std::filesystem::temp_directory_path() / fmt::format("weir-test-{}-{}", ::getpid(), name)) {
  std::filesystem::create_directories(dir_);
  remove_databases(cluster_, name_);
  for (const auto& node : cluster_.nodes())
    sql_session(cluster_.admin(node, "postgres")).run(fmt::format("create database {} owner weir", name_));
}

scenario::scenario(const std::string& name, const std::string& table, test_cluster& cluster) : scenario(name, cluster) {
  table_ = table;
  for (const auto& node : cluster_.nodes()) {
    if (node == "coordinator") continue;
    workers_.push_back(node);
    session(node).run(table_ + "; alter table orders replica identity full");
  }
  define(pipeline_options{});
}

scenario::~scenario() {
  try {
    if (!leave_servers_) {
      for (const auto& node : cluster_.nodes()) cluster_.start(node); // a test that failed may have left one down
      remove_databases(cluster_, name_);
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "scenario %s: cannot clean up: %s\n", name_.c_str(), e.what());
  }
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

std::vector<std::string> scenario::worker_conninfos() const {
  std::vector<std::string> all;
  for (const auto& w : workers_) all.push_back(conninfo(w));
  return all;
}

std::string scenario::definition(const pipeline_options& options) const {
  return definition(options, conninfo("coordinator"), conninfo("w1"));
}

std::string scenario::definition(const pipeline_options& options, const std::string& coordinator,
                                 const std::string& w1) const {
  std::string nodes;
  for (const auto& w : workers_)
    nodes += fmt::format("{}{} \"{}\"", nodes.empty() ? "" : ", ", w, w == "w1" ? w1 : conninfo(w));
  return fmt::format("pipeline {};\n"
                     "cluster shop {{\n  coordinator \"{}\";\n  nodes {};\n}}\n"
                     "source orders from shop.public.orders;\n"
                     "view totals as {};\n"
                     "sink totals into shop.analytics.totals every {};\n"
                     "supervise {{ {} on worker failure isolate; }}\n",
                     name_, coordinator, nodes, options.select, options.every, options.supervise);
}

void scenario::define(const std::string& text) {
  write_file(definition_path(), text);
  const auto from = text.find("view totals as ");
  if (from != std::string::npos) select_ = text.substr(from + 15, text.find(";\n", from) - from - 15);
}

child_process scenario::run(const std::vector<std::string>& options) {
  std::vector<std::string> words{"run", "FILE"};
  words.insert(words.end(), options.begin(), options.end());
  return start_program(words);
}

child_process scenario::start_program(std::vector<std::string> arguments) {
  const auto log_path = (dir_ / "weir.log").string();
  return child_process(command_of(std::move(arguments)), log_path, log_path);
}

std::vector<std::string> scenario::command_of(std::vector<std::string> arguments) const {
  for (auto& a : arguments)
    if (a == "FILE") a = definition_path();
  arguments.insert(arguments.begin(), program_path());
  return arguments;
}

program_outcome scenario::program(std::vector<std::string> arguments, std::chrono::seconds patience) const {
  const auto out = (dir_ / "out").string(), err = (dir_ / "err").string();
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  child_process child(command_of(std::move(arguments)), out, err);
  const auto code = child.wait(patience);
  if (code < 0) child.kill();
  return {code, read_file(out), read_file(err)};
}

bool scenario::target_says(const std::string& condition, std::chrono::milliseconds patience) const {
  return eventually(patience, [&] {
    try {
      return session(target_).value("select " + condition) == "t";
    } catch (const sql_error&) {
      return false;
    }
  });
}

void scenario::await_first_cut() {
  INFO("weir's log: " << tail_of(log()));
  REQUIRE(target_says(fmt::format("exists (select from weir.cuts where pipeline = '{}')", name_),
                      std::chrono::seconds(60)));
}

void scenario::catch_up(const std::vector<std::string>& nodes) {
  for (const auto& node : nodes) {
    auto worker = session(node);
    const auto end = worker.value("select pg_current_wal_insert_lsn()");
    // A change that changes nothing goes behind it: positions alone are worth a cut only every few seconds.
    worker.run("update orders set order_id = order_id where ctid = (select min(ctid) from orders)");
    INFO("weir's log: " << tail_of(log()));
    INFO("waiting for the frontier to pass " << end << " of " << node);
    REQUIRE(target_says(
        fmt::format("(select position >= '{}'::pg_lsn from weir.frontier where pipeline = '{}' and node = '{}')", end,
                    name_, node),
        std::chrono::seconds(60)));
  }
}

void scenario::expect_view_equals_query(const std::string& altered, const char* line) {
  catch_up();
  auto target = session("coordinator");
  target.run("drop schema if exists recomputed cascade; create schema recomputed; set search_path = recomputed; " +
             table_ + "; alter table orders drop constraint if exists orders_pkey;" + // a key is one worker's own
             altered);
  for (const auto& w : workers_) session(w).copy("copy orders to stdout", target, "copy orders from stdin");
  const auto text_of = [line](const char* row) { return fmt::format(fmt::runtime(line), row); };
  const auto view = fmt::format("select {} as line from {} the_view", text_of("the_view"), totals);
  const auto query = fmt::format("select {} as line from ({}) the_query", text_of("the_query"), select_);
  std::string differences;
  for (const auto& row : target.rows(
           fmt::format("(select '- ' || line from ({0}) a except all select '- ' || line from ({1}) b) union all "
                       "(select '+ ' || line from ({1}) a except all select '+ ' || line from ({0}) b) limit 20",
                       view, query)))
    differences += *row[0] + "\n";
  INFO("- the view says, + its query says");
  INFO("weir's log: " << (differences.empty() ? std::string() : tail_of(log())));
  CHECK(differences == "");
}

} // namespace weir::test
