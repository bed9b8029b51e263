#include "runtime/postgres/raw_publication.hpp"

#include "runtime/postgres/node_admin.hpp"
#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/citus_catalogs.hpp"

using namespace weir;
using namespace weir::test;
using namespace weir::postgres;

namespace {

const node_spec node{"g1", ""};

pipeline_plan plan_over(const std::vector<std::string>& schemas) {
  pipeline_plan plan;
  plan.name = "Shop";
  for (const auto& schema : schemas) plan.sources.push_back({"orders", schema, "orders", {}});
  return plan;
}

/// A database with Citus' catalogs and two schemas, one with a name that has to be quoted.
struct world {
  source_server& server = source_server::shared();
  std::string database = server.fresh_database();
  connection admin = server.connect(database);
  connection plain = server.connect(database, "weir");
  pipeline_plan plan = plan_over({"public", "Ten\"ant", "public"});

  world() {
    succeeds(admin.execute(citus_catalogs(1)));
    succeeds(admin.execute("CREATE SCHEMA \"Ten\"\"ant\"; CREATE TABLE public.orders_102008(a int PRIMARY KEY)"));
  }

  /// What the stream would carry, by name.
  std::string published() {
    return std::string{gained(admin.query("SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY 1) FROM "
                                          "(SELECT schemaname, tablename FROM pg_publication_tables "
                                          "WHERE pubname = 'weir_shop' ORDER BY 1, 2) AS t(schemaname, tablename)"))
                           .at(0, 0)};
  }
};

constexpr const char* everything =
    "pg_catalog.pg_dist_node pg_catalog.pg_dist_partition pg_catalog.pg_dist_placement pg_catalog.pg_dist_shard "
    "pg_catalog.pg_dist_transaction public.orders_102008";

} // namespace

TEST_CASE("a superuser makes the raw publication, again and again with the same outcome", "[postgres]") {
  world w;
  CHECK(gained(raw_capture_possible(w.admin, w.plan)));
  for (int i = 0; i < 2; ++i) {
    succeeds(ensure_raw_publication(w.admin, w.plan, node));
    CHECK(w.published() == everything);
    succeeds(verify_raw_publication(w.admin, w.plan, node));
  }
  succeeds(w.admin.execute("CREATE TABLE \"Ten\"\"ant\".later(a int)"));
  CHECK_THAT(w.published(), WEIR_CONTAINS("Ten\"ant.later"));
}

TEST_CASE("the printed statements make a publication that fits", "[postgres]") {
  world w;
  succeeds(w.admin.execute(raw_publication_sql(w.plan, w.admin)));
  CHECK(w.published() == everything);
  succeeds(verify_raw_publication(w.plain, w.plan, node));
  const auto before = gained(w.admin.query("SELECT xmin FROM pg_publication WHERE pubname = 'weir_shop'"));
  succeeds(ensure_raw_publication(w.admin, w.plan, node));
  const auto after = gained(w.admin.query("SELECT xmin FROM pg_publication WHERE pubname = 'weir_shop'"));
  CHECK(before.at(0, 0) == after.at(0, 0)); // nothing was touched
}

TEST_CASE("a publication that holds other things is altered to hold exactly what is read", "[postgres]") {
  world w;
  SECTION("of another capture") {
    succeeds(w.admin.execute("CREATE PUBLICATION weir_shop FOR TABLE public.orders_102008"));
  }
  SECTION("with a schema too many") {
    succeeds(w.admin.execute("CREATE SCHEMA other; CREATE TABLE other.t(a int)"));
    succeeds(ensure_raw_publication(w.admin, plan_over({"other", "public"}), node));
  }
  SECTION("that leaves out deletes") {
    succeeds(w.admin.execute(raw_publication_sql(w.plan, w.admin)));
    succeeds(w.admin.execute("ALTER PUBLICATION weir_shop SET (publish = 'insert, update, truncate')"));
  }
  SECTION("with a filter on a catalog") {
    succeeds(
        w.admin.execute("CREATE PUBLICATION weir_shop FOR TABLE pg_catalog.pg_dist_placement WHERE (shardid > 7)"));
  }
  CHECK(failure_of(verify_raw_publication(w.admin, w.plan, node)).code == errc::schema_changed);
  succeeds(ensure_raw_publication(w.admin, w.plan, node));
  CHECK(w.published() == everything);
  succeeds(verify_raw_publication(w.admin, w.plan, node));
}

TEST_CASE("a role that is no superuser takes what is there, or is told what to have run", "[postgres]") {
  world w;
  CHECK_FALSE(gained(raw_capture_possible(w.plain, w.plan)));
  const auto refused = failure_of(ensure_raw_publication(w.plain, w.plan, node));
  CHECK(refused.code == errc::permission_denied);
  CHECK_THAT(refused.message, WEIR_CONTAINS("node g1") && WEIR_CONTAINS("weir_shop is not there"));
  CHECK_THAT(refused.hint,
             WEIR_CONTAINS("weir setup --print-sql") && WEIR_CONTAINS(raw_publication_sql(w.plan, w.plain)));

  succeeds(w.admin.execute(raw_publication_sql(w.plan, w.admin)));
  CHECK(gained(raw_capture_possible(w.plain, w.plan)));
  succeeds(ensure_raw_publication(w.plain, w.plan, node));

  const auto more = plan_over({"public", "Ten\"ant", "archive"});
  const auto small = failure_of(ensure_raw_publication(w.plain, more, node));
  CHECK_THAT(small.message, WEIR_CONTAINS("does not hold the tables of schema archive"));
  CHECK_THAT(small.hint, WEIR_CONTAINS("DROP PUBLICATION \"weir_shop\""));
}

TEST_CASE("what is taken out of a raw publication is noticed", "[postgres]") {
  world w;
  succeeds(ensure_raw_publication(w.admin, w.plan, node));
  SECTION("a schema") { succeeds(w.admin.execute("ALTER PUBLICATION weir_shop DROP TABLES IN SCHEMA public")); }
  SECTION("a catalog") { succeeds(w.admin.execute("ALTER PUBLICATION weir_shop DROP TABLE pg_catalog.pg_dist_shard")); }
  SECTION("all of it") { succeeds(w.admin.execute("DROP PUBLICATION weir_shop")); }
  SECTION("partitions' roots") {
    succeeds(w.admin.execute("ALTER PUBLICATION weir_shop SET (publish_via_partition_root = false)"));
  }
  CHECK(failure_of(verify_raw_publication(w.plain, w.plan, node)).code == errc::schema_changed);
}

TEST_CASE("a wrapped decoder takes the right to choose another", "[postgres]") {
  source_server server{{"dynamic_library_path = '$libdir/citus_decoders:$libdir'"}};
  auto admin = server.connect();
  succeeds(admin.execute(citus_catalogs(0)));
  auto plain = server.connect("postgres", "weir");
  const auto plan = plan_over({"public"});
  succeeds(ensure_raw_publication(admin, plan, node));
  CHECK(gained(decoder_is_wrapped(admin)));
  CHECK(gained(raw_capture_possible(admin, plan)));

  SECTION("the role sees the path") {
    succeeds(admin.execute("GRANT pg_read_all_settings TO weir"));
    CHECK(gained(decoder_is_wrapped(plain)));
    CHECK_FALSE(gained(raw_capture_possible(plain, plan)));
  }
  SECTION("the role sees Citus' setting only") {
    CHECK_FALSE(gained(decoder_is_wrapped(plain)));
    succeeds(plain.execute("SET citus.enable_change_data_capture = on"));
    CHECK(gained(decoder_is_wrapped(plain)));
    CHECK_FALSE(gained(raw_capture_possible(plain, plan)));
  }
  succeeds(admin.execute("GRANT SET ON PARAMETER dynamic_library_path TO weir"));
  CHECK(gained(decoder_is_wrapped(plain)));
  CHECK(gained(raw_capture_possible(plain, plan)));
}

TEST_CASE("without Citus' catalogs there is no raw capture", "[postgres]") {
  auto& server = source_server::shared();
  auto sql = server.connect(server.fresh_database());
  CHECK_FALSE(gained(raw_capture_possible(sql, plan_over({"public"}))));
  CHECK_FALSE(gained(decoder_is_wrapped(sql)));
  CHECK(failure_of(ensure_raw_publication(sql, plan_over({"public"}), node)).code == errc::unsupported);
}
