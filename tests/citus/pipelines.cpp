// Pipelines side by side on the same servers, and one that reads what another one writes.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/citus/changes.hpp"
#include "tests/citus/mixed_writers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// A second pipeline of a scenario, with a definition of its own.
class second_pipeline {
public:
  second_pipeline(citus_scenario& s, std::string name, const std::string& text)
      : s_(s), name_(std::move(name)), path_(s.definition_path() + ".second") {
    write_file(path_, text);
  }
  child_process run() { return s_.start_program({"run", path_}); }
  program_outcome program(const std::string& command) const { return s_.program({command, path_}); }
  bool has_cut() const {
    return s_.target_says(fmt::format("exists (select from weir.cuts where pipeline = '{}')", name_), 60s);
  }

private:
  citus_scenario& s_;
  std::string name_;
  std::string path_;
};

/// The lines of a query, in order.
std::string answer(const citus_scenario& s, const std::string& query) {
  return s.coordinator().value(fmt::format(
      "with rows as materialized ({}) select string_agg(r::text, E'\\n' order by r::text) from rows r", query));
}

/// The tables that A writes, each another way.
std::vector<kept_view> kept_by_first() {
  const std::string select = "select region, count(*) as orders, sum(amount) as revenue from orders ";
  return {{.name = "plain", .select = select + "group by region"},
          {.name = "spread",
           .select = select + "where region is not null group by region",
           .placement = "distributed by (region)"},
          {.name = "everywhere", .select = select + "group by region", .placement = "reference"}};
}

std::string text_of_second(const citus_scenario& s, const std::string& name) {
  std::string text = fmt::format("pipeline {};\ncluster shop {{ coordinator \"{}\"; capture raw; }}\n", name,
                                 s.conninfo("coordinator"));
  for (const auto& table : kept_by_first())
    text += fmt::format("source {0} from shop.analytics.{0};\n"
                        "view of_{0} as select orders % 5 as rest, count(*) as regions, sum(orders) as orders, "
                        "sum(revenue) as revenue from {0} group by 1;\n"
                        "sink of_{0} into shop.board.of_{0} every 20 ms;\n",
                        table.name);
  return text + "supervise { retry 3, backoff 50 ms to 300 ms; }\n";
}

/// What the second pipeline should show, asked of the tables that the first one reads.
std::string expected_of(const kept_view& table) {
  return fmt::format("select orders % 5 as rest, count(*) as regions, sum(orders) as orders, sum(revenue) as revenue "
                     "from ({}) a group by 1",
                     table.select);
}

} // namespace

TEST_CASE("two databases of one cluster, a pipeline in each: nothing of one is in the way of the other") {
  const bool cdc = GENERATE(cdc_off_and_on());
  citus_scenario one("sales_side", cdc), other("stock_side", cdc);
  one.sql(some_rows(1, 500));
  other.sql("create schema stock;" + orders_table("stock.orders") +
            "select create_distributed_table('stock.orders', 'order_id', shard_count := 4);" +
            some_rows(1, 300, "stock.orders"));
  other.keep({kept_view{},
              {.name = "stocked",
               .table = "stock.orders",
               .select = "select region, sum(amount) as amount from stock_orders group by region"}});
  auto first = one.start();
  auto second = other.start();
  mixed_writers writers(one.member_conninfos(), seed()), others(other.member_conninfos(), seed() + 50);
  one.move_shard(one.shard_on("w1"), "w1", "w2");
  other.move_shard(other.shard_on("w2", "stock.orders"), "w2", "w1");
  some_changes(other, 5000, "stock.orders");
  for (const auto& node : one.members())
    CHECK(one.session(node).number("select count(*) from pg_replication_slots where slot_name like 'weir_s%_side_g%' "
                                   "and active") == 2);
  for (auto* s : {&one, &other}) {
    const auto doctor = s->program({"doctor", "FILE", "--json"});
    INFO(doctor.out);
    CHECK(doctor.exit_code == 0);
    CHECK_THAT(doctor.out, WEIR_CONTAINS("slot weir_" + s->name() + "_g1 keeps"));
  }
  second.kill();
  writers.stop();
  others.stop();
  one.expect_views_equal_queries();

  { // A pipeline of the same name would take the slots of the other.
    const auto text = one.text_of({kept_view{}});
    auto stolen = text;
    for (auto at = stolen.find("dbname=sales_side"); at != std::string::npos; at = stolen.find("dbname=sales_side"))
      stolen.replace(at, 17, "dbname=stock_side");
    for (auto at = stolen.find("analytics.totals"); at != std::string::npos; at = std::string::npos)
      stolen.replace(at, 16, "analytics.stolen");
    second_pipeline same(other, "sales_side", stolen);
    const auto run = same.program("run");
    INFO(run.err);
    CHECK(run.exit_code != 0);
    CHECK_THAT(run.err, WEIR_CONTAINS("is that of a pipeline of the same name in database sales_side"));
    CHECK_THAT(same.program("doctor").out, WEIR_CONTAINS("slot weir_sales_side_g0 is that of a pipeline"));
    CHECK(same.program("drop").exit_code == 0); // and takes nothing of the other's with it
  }
  auto again = other.run();
  some_changes(one, 20'000);
  some_changes(other, 20'000);
  one.expect_views_equal_queries();
  other.expect_views_equal_queries();
  CHECK_FALSE(one.logged("event=slot_lost"));
  CHECK_FALSE(first.exit_code().has_value());
}

TEST_CASE("a pipeline reads the tables that another one writes: local, distributed, reference; both are killed") {
  citus_scenario s("upstream_side", GENERATE(cdc_off_and_on()));
  s.keep(kept_by_first());
  s.sql(some_rows(1, 500));
  auto first = s.start();
  s.expect_views_equal_queries();

  // The identity of the table that has a primary key is not all that is needed of its old rows.
  second_pipeline second(s, "downstream", text_of_second(s, "downstream"));
  const auto refused = second.program("check");
  INFO(refused.err << refused.out);
  CHECK(refused.exit_code == 4);
  const auto said = refused.err + refused.out;
  CHECK_THAT(said, WEIR_CONTAINS("W0506"));
  std::size_t cures = 0;
  for (auto at = said.find("ALTER TABLE"); at != std::string::npos; at = said.find("ALTER TABLE", at + 1), ++cures)
    s.sql(said.substr(at, said.find("FULL", at) + 4 - at));
  CHECK(cures > 0);
  const auto accepted = second.program("check");
  INFO(accepted.err << accepted.out);
  REQUIRE(accepted.exit_code == 0);

  auto downstream = second.run();
  REQUIRE(second.has_cut());
  for (const auto& node : s.members())
    CHECK(s.session(node).number("select count(*) from pg_publication_tables where schemaname = 'weir'") == 0);
  mixed_writers writers(s.member_conninfos(), seed());
  std::this_thread::sleep_for(500ms);
  downstream.kill();
  std::this_thread::sleep_for(300ms);
  auto restarted = second.run();
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  s.move_shard(s.shard_on("w1", "analytics.spread"), "w1", "w2");
  first.kill();
  auto first_again = s.run();
  std::this_thread::sleep_for(500ms);
  restarted.kill();
  auto third = second.run();
  writers.stop();
  some_changes(s, 5000);
  s.sql("delete from orders where region = 'r3'"); // a row of each view goes
  s.expect_views_equal_queries();
  for (const auto& table : kept_by_first()) {
    const auto expected = answer(s, expected_of(table));
    const auto shown = fmt::format("select * from board.of_{}", table.name);
    INFO(table.name << " should show " << expected << "\nand shows " << answer(s, shown));
    CHECK(eventually(30s, [&] { return answer(s, shown) == expected; }));
  }
  CHECK_FALSE(first_again.exit_code().has_value());
  CHECK_FALSE(third.exit_code().has_value());
  third.signal(SIGTERM);
  REQUIRE(third.wait(20s) == 0);
  CHECK(second.program("drop").exit_code == 0);
}

TEST_CASE("a pipeline writes beside what it reads: a view without a primary key does not stop its own writer") {
  citus_scenario s("same_schema", GENERATE(cdc_off_and_on()));
  s.sql("create schema analytics;" + orders_table("analytics.facts") +
        "select create_distributed_table('analytics.facts', 'order_id', shard_count := 4);" +
        some_rows(1, 300, "analytics.facts"));
  s.keep({{.name = "by_region",
           .table = "analytics.facts",
           .select = "select region, count(*) as n, sum(amount) as amount from analytics_facts group by region"},
          {.name = "overall",
           .table = "analytics.facts",
           .select = "select count(*) as n, sum(amount) as amount from analytics_facts"}});
  auto weir = s.start();
  some_changes(s, 1000, "analytics.facts");
  s.expect_views_equal_queries();
  s.sql("delete from analytics.facts where region = 'r2'");
  s.expect_views_equal_queries();
  CHECK_FALSE(weir.exit_code().has_value());
}
