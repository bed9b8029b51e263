#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/child_process.hpp"
#include "tests/support/sql_session.hpp"
#include "tests/system/test_cluster.hpp"

namespace weir::test {

/// How one run of the program ended.
struct program_outcome {
  int exit_code = -1; ///< -1 if it had to be killed
  std::string out;
  std::string err;
};

/// What a scenario's pipeline looks like; the rest of its definition is fixed.
struct pipeline_options {
  std::string select = "select region, count(*) as orders, sum(amount) as revenue, avg(amount) as average "
                       "from orders where status = 'paid' group by region";
  std::string every = "20 ms";
  std::string supervise = "retry 3, backoff 50 ms to 300 ms;";
};

/// One test's own world on a cluster: a fresh database on every server, the table orders on the workers, and a
/// pipeline, both named after the test, that keeps analytics.totals on the coordinator. All of it goes with the
/// scenario.
class scenario {
public:
  static constexpr const char* orders_table = "create table orders (order_id bigint primary key, region text, status "
                                              "text not null, amount numeric(12,2) not null, "
                                              "note text)";

  explicit scenario(const std::string& name, const std::string& table = orders_table,
                    test_cluster& cluster = test_cluster::shared());
  ~scenario();
  scenario(const scenario&) = delete;
  scenario& operator=(const scenario&) = delete;

  const std::string& name() const { return name_; }
  test_cluster& cluster() const { return cluster_; }
  const std::vector<std::string>& workers() const { return workers_; }
  std::string slot(const std::string& worker) const { return "weir_" + name_ + "_" + worker; }

  std::string conninfo(const std::string& node) const { return cluster_.conninfo(node, name_); }
  sql_session session(const std::string& node) const { return sql_session(conninfo(node)); }
  sql_session admin(const std::string& node) const { return sql_session(cluster_.admin(node, name_)); }
  std::vector<std::string> worker_conninfos() const;

  /// The definition with these options and, if given, other connection strings than the cluster's.
  std::string definition(const pipeline_options& options) const;
  std::string definition(const pipeline_options& options, const std::string& coordinator, const std::string& w1) const;
  /// Writes the definition that run() and program() take from now on.
  void define(const std::string& text);
  void define(const pipeline_options& options) { define(definition(options)); }
  std::string definition_path() const { return dir_ / "pipeline.pipe"; }

  /// weir run, with these options, left running.
  child_process run(const std::vector<std::string>& options = {});
  /// `weir ARGUMENTS…`, left running; the definition's path stands for "FILE".
  child_process start_program(std::vector<std::string> arguments);
  /// Waits for the first cut: from then on the views can be read, and what is written comes by the stream.
  void await_first_cut();
  /// `weir ARGUMENTS…`, to its end; the definition's path stands for "FILE".
  program_outcome program(std::vector<std::string> arguments,
                          std::chrono::seconds patience = std::chrono::seconds(30)) const;
  /// What all runs so far have logged.
  std::string log() const { return read_file(dir_ / "weir.log"); }
  bool logged(const std::string& text, std::size_t from = 0) const {
    return log().find(text, from) != std::string::npos;
  }

  /// Waits until all that is committed on the workers now is durably in the view; fails the test if that takes a
  /// minute.
  void catch_up(const std::vector<std::string>& nodes);
  void catch_up() { catch_up(workers_); }
  /// Catches up; then the view must hold, as text, exactly the rows its query gives over the rows of all workers.
  /// `altered`: what made of the table `orders`, as the scenario began with it, the one that there is now.
  /// `line`: what is compared of a row.
  void expect_view_equals_query(const std::string& altered = "", const char* line = "{}::text");

  /// Is it so within `patience`? Asks the target a query that gives a boolean; a target that fails gives no answer yet.
  bool target_says(const std::string& condition, std::chrono::milliseconds patience = std::chrono::seconds(30)) const;

protected:
  /// The databases and the directory alone: no tables, no definition.
  scenario(const std::string& name, test_cluster& cluster);

  std::string target_ = "coordinator"; ///< the server that holds the views
  bool leave_servers_ = false;         ///< the cluster goes with the scenario: there is nothing to put right

private:
  std::vector<std::string> command_of(std::vector<std::string> arguments) const;

  std::string name_;
  std::string table_;
  std::string select_;
  test_cluster& cluster_;
  std::vector<std::string> workers_;
  std::filesystem::path dir_;
};

/// Where the view of a scenario stands.
inline const std::string totals = "analytics.totals";

} // namespace weir::test
