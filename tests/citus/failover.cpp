// Standbys that take over from a primary, with the slots of weir on them and without.

#include <fmt/format.h>

#include "tests/citus/changes.hpp"
#include "tests/citus/mixed_writers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

server_kind kind_with(bool cdc) { return cdc ? server_kind::citus_cdc : server_kind::citus; }

/// What has been committed at `node` is at its standby, too.
std::string synchronous_standby(citus_scenario& s, const std::string& node,
                                test_cluster::slots logical = test_cluster::slots::none) {
  const auto standby = s.cluster().add_standby(node, logical);
  auto admin = s.admin(node);
  admin.run("alter system set synchronous_standby_names = 'walreceiver'"); // '*' would mean weir's reader, too
  admin.run("select pg_reload_conf()");
  return standby;
}

void take_over(citus_scenario& s, const std::string& node, const std::string& standby) {
  const auto port = s.port(node);
  s.cluster().kill(node);
  s.cluster().promote(standby);
  // As whoever manages a cluster does it: again, until it is done. A server that was just promoted may drop sessions.
  std::string why;
  const bool done = eventually(60s, [&] {
    try {
      s.session(node == "coordinator" ? standby : "coordinator")
          .run(fmt::format("select citus_update_node(nodeid, {}) from pg_dist_node where nodeport = {}",
                           s.place(standby), port));
      return true;
    } catch (const sql_error& e) {
      why = e.what();
      return false;
    }
  });
  INFO(why);
  REQUIRE(done);
}

std::string slot_on(sql_session& session) {
  return session.value("select slot_name from pg_replication_slots where database = current_database() and slot_name "
                       "like 'weir%'");
}

/// What the keeper of permanent slots does now and then.
void advance_slot(citus_scenario& s, const std::string& node, const std::string& standby) {
  auto primary = s.admin(node);
  const auto slot = slot_on(primary);
  const auto confirmed =
      primary.value(fmt::format("select confirmed_flush_lsn from pg_replication_slots where slot_name = '{}'", slot));
  auto there = s.admin(standby);
  REQUIRE(
      eventually(30s, [&] { return there.value("select pg_last_wal_replay_lsn() >= '" + confirmed + "'") == "t"; }));
  there.run(fmt::format("select pg_replication_slot_advance('{}', '{}')", slot, confirmed));
}

/// All that the primary has written is at its standby: a reader is not held back until it is.
void await_replay(citus_scenario& s, const std::string& node, const std::string& standby) {
  const auto end = s.admin(node).value("select pg_current_wal_insert_lsn()");
  auto there = s.admin(standby);
  REQUIRE(eventually(30s, [&] { return there.value("select pg_last_wal_replay_lsn() >= '" + end + "'") == "t"; }));
}

bool read_anew_since(const citus_scenario& s, std::size_t from) { return s.logged("event=node_loading", from); }

} // namespace

TEST_CASE("a worker's standby takes over, without the slot: its share is read anew") {
  const bool cdc = GENERATE(cdc_off_and_on());
  test_cluster own(2, kind_with(cdc));
  citus_scenario s("worker_failover", own);
  s.sql(some_rows(1, 2000));
  auto weir = s.start();
  const auto standby = synchronous_standby(s, "w1");
  mixed_writers writers({s.conninfo("coordinator"), s.conninfo("w2")}, seed());
  s.move_shard(s.shard_on("w1"), "w1", "w2"); // shares of two nodes that only together are right
  std::this_thread::sleep_for(1s);
  take_over(s, "w1", standby);
  std::this_thread::sleep_for(1s);
  writers.stop();
  some_changes(s, 5000, "orders");
  s.expect_views_become_queries(20s);
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("the coordinator's standby takes over") {
  const bool cdc = GENERATE(cdc_off_and_on());
  test_cluster own(2, kind_with(cdc));
  citus_scenario s("head_failover", own);
  s.sql(some_rows(1, 2000));
  std::string standby;
  {
    auto weir = s.start();
    standby = synchronous_standby(s, "coordinator");
    mixed_writers writers({s.conninfo("w1"), s.conninfo("w2")}, seed());
    std::this_thread::sleep_for(1s);
    take_over(s, "coordinator", standby);
    std::this_thread::sleep_for(1s);
    writers.stop();
  }
  s.use_coordinator(standby);
  auto weir = s.run();
  s.session("w1").run(some_rows(9000, 9100));
  s.expect_views_become_queries(20s);
}

TEST_CASE("a worker's standby takes over, with a slot that lags: weir goes on, and reads nothing anew") {
  const bool cdc = GENERATE(cdc_off_and_on());
  test_cluster own(2, kind_with(cdc));
  citus_scenario s("slot_failover", own);
  s.sql(some_rows(1, 2000));
  auto weir = s.start();
  const auto loaded = s.log().size();
  mixed_writers writers(s.member_conninfos(), seed());
  const auto standby = synchronous_standby(s, "w1", test_cluster::slots::copied);
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  advance_slot(s, "w1", standby);
  std::this_thread::sleep_for(2s);
  writers.remove(s.conninfo("w1"));
  writers.pause();
  await_replay(s, "w1", standby);
  take_over(s, "w1", standby);
  CHECK(s.admin(standby).value("select confirmed_flush_lsn < pg_current_wal_lsn() - 10000 from pg_replication_slots "
                               "where slot_name = '" +
                               s.slot("g1") + "'") == "t");
  writers.resume();
  writers.add(s.conninfo(standby));
  std::this_thread::sleep_for(1s);
  writers.stop();
  some_changes(s, 5000);
  s.expect_views_equal_queries();
  CHECK_FALSE(weir.exit_code().has_value());
  CHECK_FALSE(read_anew_since(s, loaded));
}

TEST_CASE("the coordinator's standby takes over, with a slot that lags: its share is not read anew") {
  const bool cdc = GENERATE(cdc_off_and_on());
  test_cluster own(2, kind_with(cdc));
  citus_scenario s("head_slot", own, "select 1");
  s.sql(fmt::format("select citus_set_node_property({}, 'shouldhaveshards', true)", s.place("coordinator")));
  s.sql(distributed_orders);
  REQUIRE(s.shard_on("coordinator") != "");
  s.sql(some_rows(1, 2000));
  auto first = s.start();
  mixed_writers writers({s.conninfo("w1"), s.conninfo("w2")}, seed());
  const auto standby = synchronous_standby(s, "coordinator", test_cluster::slots::copied);
  advance_slot(s, "coordinator", standby);
  std::this_thread::sleep_for(2s);
  writers.pause();
  first.kill();
  await_replay(s, "coordinator", standby);
  take_over(s, "coordinator", standby);
  writers.resume();
  s.use_coordinator(standby);
  const auto before = s.log().size();
  auto weir = s.run();
  std::this_thread::sleep_for(1s);
  writers.stop();
  s.session("w1").run(some_rows(9000, 9100));
  s.expect_views_equal_queries();
  CHECK_FALSE(read_anew_since(s, before));
}

TEST_CASE("a standby takes over with a slot that is not what it seems: the share is read anew, nothing is lost") {
  const auto [flaw, cdc] = GENERATE(std::pair{"came without its snapshot", true}, std::pair{"was invalidated", false},
                                    std::pair{"was moved past what the views have", true});
  INFO("the slot " << flaw);
  test_cluster own(2, kind_with(cdc || cdc_is_needed()));
  citus_scenario s("flawed_slot", own);
  s.sql(some_rows(1, 2000));
  std::string standby;
  {
    auto weir = s.start();
    mixed_writers writers(s.member_conninfos(), seed());
    standby = synchronous_standby(s, "w1", test_cluster::slots::copied);
    std::this_thread::sleep_for(1s);
    writers.stop();
    s.expect_views_equal_queries();
  }
  auto there = s.admin(standby);
  if (flaw == std::string("came without its snapshot")) {
    there.run("copy (select 1) to program 'cat > /dev/null; rm pg_logical/snapshots/*'");
  } else if (flaw == std::string("was invalidated")) {
    there.run("alter system set max_slot_wal_keep_size = '1MB'");
    there.run("select pg_reload_conf()");
    REQUIRE(eventually(60s, [&] {
      s.admin("w1").run("select pg_logical_emit_message(true, 'test', ''), pg_switch_wal()");
      s.admin("w1").run("checkpoint");
      await_replay(s, "w1", standby);
      there.run("checkpoint");
      return there.value("select wal_status from pg_replication_slots where slot_name = '" + s.slot("g1") + "'") ==
             "lost";
    }));
  }
  some_changes(s, 5000); // weir is down
  await_replay(s, "w1", standby);
  if (flaw == std::string("was moved past what the views have"))
    there.run(fmt::format("select pg_replication_slot_advance('{}', pg_last_wal_replay_lsn())", s.slot("g1")));
  take_over(s, "w1", standby);
  const auto before = s.log().size();
  auto weir = s.run();
  some_changes(s, 6000);
  s.expect_views_become_queries(30s);
  CHECK(s.logged("event=slot_lost", before));
  CHECK(read_anew_since(s, before));
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("a standby takes over that lacks what was read: it is noticed, and the share is read anew") {
  test_cluster own(2, kind_with(cdc_is_needed()));
  citus_scenario s("behind_standby", own);
  s.sql(some_rows(1, 500));
  auto weir = s.start();
  const auto standby = s.cluster().add_standby("w1", test_cluster::slots::copied);
  some_changes(s, 1000);
  await_replay(s, "w1", standby);
  s.admin(standby).run("alter system set primary_conninfo = 'host=127.0.0.1 port=1'");
  s.admin(standby).run("select pg_reload_conf()");
  REQUIRE(eventually(30s, [&] { return s.admin(standby).value("select count(*) from pg_stat_wal_receiver") == "0"; }));
  s.session("w1").run(some_rows(5000, 5100)); // which only the primary will ever have
  s.expect_views_equal_queries();
  const auto before = s.log().size();
  take_over(s, "w1", standby);
  s.expect_views_become_queries(30s);
  CHECK(s.logged("lacks WAL that was read before a failover", before));
  some_changes(s, 6000);
  s.expect_views_equal_queries();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("a server of another system identifier at a node's address is refused by name") {
  test_cluster own(2, kind_with(cdc_is_needed()));
  own.add("stranger");
  citus_scenario s("stranger", own);
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
  const auto shown =
      s.coordinator().value("select md5(string_agg(t::text, ',' order by region)) from analytics.totals t");
  const auto port = s.port("w1");
  s.cluster().kill("w1");
  s.coordinator().run(fmt::format("select citus_update_node(nodeid, {}) from pg_dist_node where nodeport = {}",
                                  s.place("stranger"), port));
  CHECK(weir.wait(60s) == 4); // a server that cannot serve the pipeline
  CHECK(s.logged("is another server than before"));
  CHECK(s.logged("point the node at the old server"));
  CHECK(s.coordinator().value("select md5(string_agg(t::text, ',' order by region)) from analytics.totals t") == shown);
}
