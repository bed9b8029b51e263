// The shards that a pipeline writes to move and are split, while it writes.

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "tests/citus/changes.hpp"
#include "tests/support/catch.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* view_table = "analytics.per_region";

/// Of some hundred groups, so that every cut touches most shards.
const kept_view per_region{"per_region", "public.orders",
                           "select region, count(*) as orders, sum(amount) as revenue, avg(amount) as average from "
                           "orders where region is not null group by region",
                           "distributed by (region)"};

/// Changes hundreds of groups at a time, through this node, for as long as it lives.
std::jthread changing(const citus_scenario& s, const std::string& node, int first) {
  return std::jthread([conninfo = s.conninfo(node), first](const std::stop_token& enough) {
    sql_session session(conninfo);
    for (int i = first; !enough.stop_requested(); i += 300) {
      session.run(fmt::format("insert into orders select i, 'r' || i % 397, 'paid', i % 1000, '' from "
                              "generate_series({0}, {0} + 299) i",
                              i));
      session.run(fmt::format("delete from orders where order_id between {} and {}", i, i + 50));
      std::this_thread::sleep_for(5ms);
    }
  });
}

/// How often a cut ended by an error of this kind and was done again.
long long cut_off(const citus_scenario& s) {
  const auto log = s.log();
  long long count = 0;
  for (auto at = log.find("event=worker_failed"); at != std::string::npos; at = log.find("event=worker_failed", at + 1))
    if (const auto line = log.substr(at, log.find('\n', at) - at); line.find("worker=view_writer") != std::string::npos)
      count += line.find("deadlock") != std::string::npos || line.find("lock timeout") != std::string::npos ? 1 : 0;
  return count;
}

/// The next move or split of the view's shards, in turn with and without writes blocked. Citus may end it for the sake
/// of the writer, and undoes it then.
void rearrange(const citus_scenario& s, int step) {
  const std::string from = step % 2 == 0 ? "w1" : "w2", to = step % 2 == 0 ? "w2" : "w1";
  const auto* mode = step / 2 % 2 == 0 ? "block_writes" : "force_logical";
  const auto shard = s.shard_on(from, view_table);
  try {
    if (step % 8 < 6)
      s.move_shard(shard, from, to, mode);
    else
      s.split_shard(shard, to, to, mode);
  } catch (const sql_error& e) {
    INFO(e.what());
    CHECK((e.sqlstate.starts_with("40") || e.sqlstate.starts_with("55") || e.sqlstate == "XX000"));
  }
}

} // namespace

TEST_CASE("cuts meet moves and splits of the shards they are written to, and those cut off are done again") {
  citus_scenario s("own_shards", cdc_is_needed());
  s.keep({per_region});
  s.sql(some_rows(1, 1000));
  auto weir = s.start();
  int steps = 0;
  {
    const auto one = changing(s, "w1", 1'000'000), other = changing(s, "w2", 2'000'000);
    const auto patience = std::chrono::steady_clock::now() + 180s;
    while (steps < 16 || (cut_off(s) == 0 && std::chrono::steady_clock::now() < patience)) {
      rearrange(s, steps++);
      INFO("weir's log: " << s.log().substr(s.log().size() - std::min<std::size_t>(s.log().size(), 4000)));
      REQUIRE_FALSE(weir.exit_code().has_value());
    }
  }
  INFO(steps << " moves and splits");
  CHECK(cut_off(s) > 0);
  s.expect_views_equal_queries();
  CHECK_FALSE(weir.exit_code().has_value());
}
