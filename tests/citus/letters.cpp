// Views of a cluster that are grouped by values of which capital letters do not count.

#include <fmt/format.h>

#include "tests/citus/citus_scenario.hpp"
#include "tests/support/catch.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

const std::string orders =
    "create extension citext with schema public; create table orders (email public.citext not null, order_id bigint, "
    "city public.citext, amount numeric(12,2) not null, primary key (email, order_id)); alter table orders replica "
    "identity full; select create_distributed_table('orders', 'email', shard_count := 8)";

kept_view view(const char* name, const char* select, const char* placement) {
  kept_view out{name, "public.orders", select, placement};
  out.line = "lower({}::text)";
  return out;
}

/// Groups of which every node has rows, each in several spellings, and groups that one node has for itself.
void add_orders(const citus_scenario& s, const std::string& node, int first) {
  s.session(node).run(fmt::format(
      "insert into orders select case when i % 2 = 0 then upper(e) else e end, i, (array['Oslo', 'OSLO', 'riga', null, "
      "'Riga'])[1 + i % 5], i % 100 from generate_series({0}, {0} + 999) i, lateral (select 'user' || i % 90 || "
      "'@example.org' as e) x",
      first));
}

} // namespace

TEST_CASE("a distributed view of citext has one row of each group, through moves and a restart") {
  citus_scenario s("citext", cdc_is_needed(), orders);
  s.keep(
      {view("by_email",
            "select email, city, count(*) as orders, sum(amount) as revenue from orders group by email, city",
            "distributed by (email)"),
       view("by_city",
            "select city, count(*) as orders, avg(amount) as average from orders where city <> 'BERGEN' group by city",
            "")});
  add_orders(s, "w1", 1);
  auto weir = s.start();
  s.expect_views_equal_queries();
  add_orders(s, "w2", 2'000);
  s.session("w1").run(
      "update orders set city = upper(city) where order_id % 3 = 0; delete from orders where order_id % 7 = 0");
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  s.move_shard(s.shard_on("w2", "analytics.by_email"), "w2", "w1");
  s.session("w2").run("delete from orders where email = 'USER7@example.org'; update orders set amount = amount + 1");
  s.expect_views_equal_queries();
  weir.kill();
  add_orders(s, "w1", 4'000);
  auto again = s.run();
  s.expect_views_become_queries(30s);
  CHECK_FALSE(again.exit_code().has_value());
  const auto verified = s.program({"verify", "FILE"}, 60s);
  INFO(verified.out << verified.err);
  CHECK(verified.exit_code == 0);
}
