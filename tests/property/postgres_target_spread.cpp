#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <unistd.h>

#include "tests/property/postgres_target_mirror.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/source_file.hpp"

// View tables that Citus spreads over its nodes: with their state where they are distributed.

namespace weir::test {
namespace {

constexpr std::size_t by_price = 0, by_shop = 1, overall = 2, prices = 3, by_region = 4, some_shops = 5, at_all = 6;

/// A coordinator and two workers; goes down with the test. Without Citus there is none.
class citus_target {
public:
  citus_target() : dir_(std::filesystem::temp_directory_path() / ("weir-spread-" + std::to_string(::getpid()))) {
    const auto question = "bash -c '. \"" + source_file("tools/lib.sh") + "\" && has_citus' >/dev/null 2>&1";
    if (std::system(question.c_str()) != 0) {
      std::fputs("\n*** SKIPPED: the extension citus is not installed: views were not spread. ***\n\n", stderr);
      return;
    }
    REQUIRE(tool("up --citus --nodes 2 --with " + std::to_string(::getpid())));
    there_ = true;
    const auto env = read_file(dir_ + "/env");
    const std::string name = "WEIR_COORDINATOR='";
    const auto from = env.find(name) + name.size();
    conninfo = env.substr(from, env.find('\'', from) - from);
    // Every statement on a spread table is one for each of its shards.
    sql_session(conninfo).run("ALTER DATABASE shop SET citus.shard_count = 5");
  }
  ~citus_target() {
    if (there_) (void)tool("down");
  }
  citus_target(const citus_target&) = delete;
  citus_target& operator=(const citus_target&) = delete;
  explicit operator bool() const { return there_; }

  void clean() const {
    sql_session(conninfo).run("DROP SCHEMA IF EXISTS weir CASCADE; DROP SCHEMA IF EXISTS \"shown here\" CASCADE; "
                              "DROP TABLE IF EXISTS public.orders, public.beside");
  }
  std::string conninfo;

private:
  bool tool(const std::string& arguments) const {
    const std::string command = source_file("tools/cluster") + " " + arguments + " --dir " + dir_;
    return std::system((command + " >" + dir_ + ".log 2>&1").c_str()) == 0;
  }
  std::string dir_;
  bool there_ = false;
};

pipeline_plan spread_plan() {
  auto plan = facts_plan();
  plan.views[by_price].sink.placement = sink_placement::reference;
  plan.views[by_shop].sink.placement = sink_placement::distributed;
  plan.views[by_shop].sink.distribution_column = "shop";
  plan.views[by_region].sink.placement = sink_placement::distributed;
  plan.views[by_region].sink.distribution_column = "shop";
  plan.views[some_shops].sink.placement = sink_placement::distributed;
  plan.views[some_shops].sink.distribution_column = "shop";
  plan.views[overall].sink.placement = sink_placement::reference;
  // its key may be null, but not in a table of which it is the distribution column
  plan.views[prices].sink.placement = sink_placement::reference;
  return plan;
}

/// by_shop is its only distributed view.
pipeline_plan one_distributed_plan() {
  auto plan = spread_plan();
  for (const auto view : {by_region, some_shops}) {
    auto& sink = plan.views[view].sink;
    sink = {sink.schema, sink.table};
  }
  return plan;
}

constexpr const char* shop_table = "\"shown here\".\"the by_shop\"";

} // namespace

TEST_CASE("views over the nodes of Citus", "[target][citus]") {
  const citus_target citus;
  if (!citus) return;
  sql_session sql(citus.conninfo);
  const auto placement = [&](const std::string& table) {
    return sql.value("SELECT citus_table_type || ' ' || coalesce(distribution_column, '') FROM citus_tables WHERE "
                     "table_name = '" +
                     table + "'::regclass");
  };

  SECTION("equal their query after every cut, whatever came") {
    seeded_random seeds(seed());
    for (int run = 0; run < 3; ++run) {
      citus.clean();
      mirrored_views views(seeds.next(), spread_plan(), citus.conninfo);
      for (int cut = 0; cut < 15; ++cut) views.cut();
    }
  }
  SECTION("are made as the sink says, and taken if they are so") {
    citus.clean();
    auto plan = one_distributed_plan();
    auto target = must(postgres::connection::open(citus.conninfo, {}));
    must(postgres::install_schema(target));
    sql.run("CREATE TABLE public.orders (id bigint, shop varchar(20)); SELECT "
            "create_distributed_table('public.orders', 'shop', "
            "shard_count => 4); CREATE TABLE public.beside (n int)");
    auto& sink = plan.views[by_shop].sink;
    sink.colocated_schema = "public";
    const auto refusal = [&] {
      const auto r = postgres::register_pipeline(target, plan, "a definition");
      REQUIRE(!r);
      CHECK(r.error().code == errc::sink_unfit);
      return r.error();
    };
    sink.colocated_table = "beside";
    CHECK_THAT(refusal().message, WEIR_CONTAINS("cannot be distributed by (shop) colocated with public.beside"));
    sink.colocated_table = "orders";
    must(postgres::register_pipeline(target, plan, "a definition"));
    CHECK(placement(shop_table) == "distributed shop");
    CHECK(placement("\"shown here\".\"the overall\"") == "reference <none>");
    CHECK(sql.number("SELECT count(DISTINCT colocation_id) FROM citus_tables WHERE citus_table_type = 'distributed'") ==
          1);
    must(postgres::register_pipeline(target, plan, "a definition"));

    // What the cure says makes it fit.
    sink = {sink.schema, sink.table};
    auto e = refusal();
    CHECK_THAT(e.message, WEIR_CONTAINS("it is distributed by (shop)"));
    sql.run(e.hint);
    must(postgres::register_pipeline(target, plan, "a definition"));
    sink.placement = sink_placement::distributed;
    sink.distribution_column = "day";
    e = refusal();
    CHECK_THAT(e.message, WEIR_CONTAINS("it is a local table, the sink says distributed by (day)"));
    sql.run(e.hint);
    must(postgres::register_pipeline(target, plan, "a definition"));
    sink.distribution_column = "shop";
    sql.run(refusal().hint);
    must(postgres::register_pipeline(target, plan, "a definition"));
    sink.placement = sink_placement::reference;
    sql.run(refusal().hint);
    must(postgres::register_pipeline(target, plan, "a definition"));

    must(postgres::unregister_pipeline(target, plan.name, true));
    CHECK(sql.number("SELECT count(*) FROM citus_tables WHERE table_name::text LIKE '%the %'") == 0);
  }
  SECTION("the state of an earlier weir, local, is brought beside its view") {
    citus.clean();
    const auto plan = one_distributed_plan();
    auto target = must(postgres::connection::open(citus.conninfo, {}));
    must(postgres::install_schema(target));
    must(postgres::register_pipeline(target, plan, "a definition"));
    const std::string state = "weir.state_facts_by_shop";
    const std::string beside = "SELECT count(DISTINCT colocation_id) || ' ' || count(*) FROM citus_tables WHERE "
                               "citus_table_type = 'distributed'";
    sql.run("DROP TABLE weir.delta_facts_by_shop, " + state + "; SET citus.enable_ddl_propagation = off");
    auto local = plan;
    local.views[by_shop].sink.placement = sink_placement::local;
    sql.run(postgres::create_state_table_sql(local, by_shop, target));
    sql.run("INSERT INTO " + state +
            " (weir_node, k1, k2, weir_rows) VALUES (0, '2020-01-01', 'a', 2), (1, NULL, 'b', 3)");
    must(postgres::register_pipeline(target, plan, "a definition"));
    CHECK(sql.value(beside) == "1 3");
    CHECK(placement(state) == "distributed k2");
    CHECK(sql.value("SELECT string_agg(concat(k1, k2, weir_rows), ' ' ORDER BY k2) FROM " + state) ==
          "2020-01-01a2 b3");
  }
  SECTION("a table with one shard is refused") {
    citus.clean();
    auto plan = spread_plan();
    auto target = must(postgres::connection::open(citus.conninfo, {}));
    must(postgres::install_schema(target));
    sql.run("CREATE TABLE public.orders (id bigint, shop varchar(20)); SELECT "
            "create_distributed_table('public.orders', 'shop', shard_count => 1)");
    plan.views[by_shop].sink.colocated_schema = "public";
    plan.views[by_shop].sink.colocated_table = "orders";
    const auto refused = postgres::register_pipeline(target, plan, "a definition");
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::sink_unfit);
    CHECK_THAT(refused.error().message, WEIR_CONTAINS("has one shard"));
  }
  SECTION("a table that was dropped is made again, spread") {
    citus.clean();
    const auto plan = spread_plan();
    auto target = must(postgres::connection::open(citus.conninfo, {}));
    must(postgres::install_schema(target));
    must(postgres::register_pipeline(target, plan, "a definition"));
    sql.run("INSERT INTO weir.state_facts_by_shop (weir_node, k1, k2, weir_rows) VALUES (0, '2020-01-01', 'a', 2), "
            "(1, '2020-01-01', 'a', -1), (1, '2020-01-02', 'b', 3); DROP TABLE " +
            std::string(shop_table));
    must(postgres::register_pipeline(target, plan, "a definition"));
    CHECK(placement(shop_table) == "distributed shop");
    CHECK(sql.value("SELECT string_agg(shop || count, ' ' ORDER BY shop) FROM " + std::string(shop_table)) == "a1 b3");
  }
}

TEST_CASE("a server without Citus says so", "[target]") {
  const target_database db;
  auto target = db.connect();
  must(postgres::install_schema(target));
  const auto refused = postgres::register_pipeline(target, spread_plan(), "a definition");
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::sink_unfit);
  CHECK_THAT(refused.error().message,
             WEIR_CONTAINS("sink by_price is reference, and") && WEIR_CONTAINS("has no extension citus"));
  CHECK_THAT(refused.error().hint, WEIR_CONTAINS("leave the clause out of the sink"));
}

} // namespace weir::test
