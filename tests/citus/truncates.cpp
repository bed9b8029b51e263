// A table is truncated between the snapshot that a reader has taken and its turn to be read. TRUNCATE takes the rows
// from snapshots that are older, too: what was read then is of no moment that ever was.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/citus/changes.hpp"
#include "tests/support/catch.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// Read first, and more than connections hold: its reader can be stopped in the middle.
const kept_view large{"large", "public.orders", "select note, count(*) as orders from orders group by note"};
const kept_view kinds{"kinds", "public.items",
                      "select kind, count(*) as items, sum(amount) as amount from items "
                      "group by kind"};

const std::string tables = distributed_orders +
                           "create table items (id bigint primary key, kind text not null, amount bigint not null); "
                           "alter table items replica identity full; "
                           "select create_distributed_table('items', 'id', shard_count := 4);"
                           "insert into orders select i, 'r', 'paid', 1, repeat(md5(i::text), 40) from "
                           "generate_series(1, 40000) i;"
                           "insert into items select i, 'k' || i % 5, i from generate_series(1, 1000) i";

/// Stops the program when it has its snapshot of w1 and reads `orders` there, and not yet `items`.
void stop_while_reading(const citus_scenario& s, const child_process& reader) {
  auto there = s.admin("w1");
  const auto reading = [&](const char* waiting) {
    return there.number(fmt::format("select count(*) from pg_stat_activity where datname = current_database() and "
                                    "query like 'COPY%orders%' and state = 'active' and {}",
                                    waiting)) > 0;
  };
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < give_up) {
    if (!reading("true")) continue; // it takes some tenths of a second: asked as fast as the server answers
    reader.signal(SIGSTOP);
    if (eventually(5s, [&] { return reading("wait_event = 'ClientWrite'") || !reading("true"); }) && reading("true"))
      return;
    reader.signal(SIGCONT);
  }
  FAIL("the reader was never seen reading");
}

/// What comes by the stream begins with rows that only the snapshot has.
void truncate_items_of_w1(const citus_scenario& s) {
  auto there = s.session("w1");
  there.run("set lock_timeout = '5s'"); // a reader that were already there would keep this test from its point
  s.sql("delete from items where id % 2 = 0");
  there.run("set citus.enable_manual_changes_to_shards = on");
  for (const auto& row : s.coordinator().rows(
           fmt::format("select shardid from pg_dist_shard join pg_dist_placement using (shardid) where logicalrelid = "
                       "'items'::regclass and groupid = {}",
                       s.group("w1"))))
    there.run("truncate items_" + *row[0]);
  s.sql("insert into items select i, 'k' || i % 5, i from generate_series(2001, 2400) i");
}

} // namespace

TEST_CASE("a shard is truncated between the snapshot of the first load and its turn to be read") {
  citus_scenario s("load_truncate", cdc_is_needed(), tables);
  s.keep({large, kinds});
  auto weir = s.run();
  stop_while_reading(s, weir);
  truncate_items_of_w1(s);
  weir.signal(SIGCONT);
  s.await_first_cut();
  CHECK(s.logged("was rewritten or truncated while it was read"));
  s.expect_views_equal_queries();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("a shard is truncated between the snapshot of verify and its turn to be read") {
  citus_scenario s("verify_truncate", cdc_is_needed(), tables);
  s.keep({large, kinds});
  auto weir = s.start();
  s.expect_views_equal_queries();
  auto verify = s.start_program({"verify", "FILE", "--json"});
  stop_while_reading(s, verify);
  truncate_items_of_w1(s);
  verify.signal(SIGCONT);
  CHECK(verify.wait(120s) == 0); // all views are equal
  s.expect_views_equal_queries();
}
