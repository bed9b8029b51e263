#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/system/scenario.hpp"

namespace weir::test {

/// A view of a test's pipeline. `table` is "schema.name"; the select calls it "name" if the schema is public, else
/// "schema_name".
struct kept_view {
  std::string name = "totals";
  std::string table = "public.orders";
  std::string select = "select region, count(*) as orders, sum(amount) as revenue, avg(amount) as average "
                       "from orders where status = 'paid' group by region";
  std::string placement = "";    ///< of its table, as a sink says it
  std::string columns = "*";     ///< those that the query needs, where the table cannot be asked for all
  const char* line = "{}::text"; ///< what is compared of a row
};

/// Beside the default view, one that is distributed: its key is never null.
inline const kept_view by_status{
    "by_status", "public.orders",
    "select status, count(*) as orders, sum(amount) as revenue from orders group by status", "distributed by (status)"};

/// The table orders, distributed by its key over 8 shards.
inline const std::string distributed_orders =
    "create table orders (order_id bigint primary key, region text, status text not null, amount numeric(12,2) not "
    "null, note text); alter table orders replica identity full; "
    "select create_distributed_table('orders', 'order_id', shard_count := 8);";

/// The cluster that the tests share, with citus.enable_change_data_capture off or on: a coordinator and w1, w2, which
/// every scenario joins, and w3, which it may.
test_cluster& shared_citus(bool cdc);

/// Do the tests ask for a capture that works only with citus.enable_change_data_capture?
bool cdc_is_needed();
/// For GENERATE: the setting off (0) and on (1), where both can be read.
inline auto cdc_off_and_on() { return Catch::Generators::range(cdc_is_needed() ? 1 : 0, 2); }

/// One test's own world on a Citus cluster: a fresh database on every server, in which coordinator, w1 and w2 are
/// joined, and a pipeline, named after the test, that keeps its views in schema analytics of the coordinator.
class citus_scenario : public scenario {
public:
  /// Runs `setup` at the coordinator.
  citus_scenario(const std::string& name, bool cdc, const std::string& setup = distributed_orders);
  /// On a cluster that goes with the test: its servers need not be as they were.
  citus_scenario(const std::string& name, test_cluster& own, const std::string& setup = distributed_orders);

  sql_session coordinator() const { return session(target_); }
  /// Another server is the coordinator from now on; the definition says so, too.
  void use_coordinator(const std::string& node);
  /// Statements at the coordinator, one after the other: Citus cannot pass on several DDL statements sent as one.
  void sql(const std::string& statements) const;

  /// Writes the definition with these views; without, that of the default view.
  void keep(const std::vector<kept_view>& views);
  std::string text_of(const std::vector<kept_view>& views) const;
  /// Another line of the block supervise: "on schema change stop;".
  void supervise(const std::string& line);
  /// How often the pipeline has told this event.
  long long events(const std::string& name) const;
  /// The definition says "raw", "logical" or, for "automatic", nothing from now on.
  void capture(const std::string& how);
  /// weir run, and its first cut.
  child_process start();

  /// "'127.0.0.1', 5432", as the functions of Citus take a node.
  std::string place(const std::string& node) const;
  std::string port(const std::string& node) const;
  /// The number that says which node it is, whatever its address.
  long long group(const std::string& node) const;
  /// Our names of the servers that are active in the cluster now, the coordinator among them.
  std::vector<std::string> members() const;
  std::vector<std::string> member_conninfos() const;

  void join(const std::string& node) const;
  /// Its shards go to the others, then the node goes.
  void leave(const std::string& node) const;
  /// A shard of the table that is on this node. Empty if there is none.
  std::string shard_on(const std::string& node, const std::string& table = "orders") const;
  void move_shard(const std::string& shard, const std::string& from, const std::string& to,
                  const std::string& mode = "force_logical") const;
  /// In two halves, on these two nodes. Under updates and deletes a force_logical split must not name the node that has
  /// the shard: Citus 13.2 creates the replica identity of halves that stay too late, and the split then waits for
  /// ever.
  void split_shard(const std::string& shard, const std::string& left, const std::string& right,
                   const std::string& mode = "force_logical") const;
  void rebalance() const;

  /// Waits until all that is committed in the cluster now is durably in the views.
  void catch_up();
  /// Catches up; then each view holds exactly the rows that its query gives, asked through the coordinator.
  void expect_views_equal_queries();
  /// The same, but what they hold may become right only within `patience`: where a node's positions start over.
  void expect_views_become_queries(std::chrono::seconds patience);
  /// What the views show and their queries do not, and the other way round; empty if they are equal.
  std::string differences() const;

private:
  void prepare(const std::string& setup);
  void wait_for_prepared() const;

  std::vector<kept_view> views_;
  std::string supervise_;
  std::string capture_;
};

} // namespace weir::test
