#include <fmt/format.h>

#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/view_writer.hpp"
#include "tests/property/postgres_target_model.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"

// What the owners of a database do to a view table stays: policies, grants, indexes, comments, another owner.

namespace weir::test {
namespace {

constexpr std::size_t by_shop = 1;
constexpr const char* table = "\"shown here\".\"the by_shop\"";

struct shared_view {
  shared_view() {
    must(postgres::install_schema(holder));
    must(postgres::register_pipeline(holder, plan, "a definition"));
    grant = must(postgres::acquire_lease(holder, plan.name, "here:1", std::chrono::seconds(60)));
    tenant = "tenant_" + db.name;
    admin.run(fmt::format("CREATE ROLE {0}; GRANT {0} TO weir; GRANT USAGE ON SCHEMA \"shown here\" TO {0}", tenant));
  }
  /// A start of the program and one cut: a row of each of two shops.
  void start_and_cut() {
    must(postgres::register_pipeline(holder, plan, "a definition"));
    auto writer = must(postgres::view_writer::open(db.connect(), plan, grant));
    delta_sums sums(plan.views[by_shop]);
    for (const auto* shop : {"mine", "theirs"}) {
      row.shop = shop;
      sums.add(row, 0, 1);
    }
    must(writer.begin());
    must(writer.apply(by_shop, sums.take()));
    ++cuts;
    const std::vector<postgres::frontier_entry> frontier{{node_index{0}, "slot", "7", 1, lsn{cuts}, lsn{cuts}, 0}};
    must(writer.commit(epoch{cuts}, frontier));
  }
  /// As the tenant reads it.
  std::string seen() {
    db.sql.run("SET ROLE " + tenant);
    const auto rows =
        db.sql.value(fmt::format("SELECT string_agg(shop || '=' || count, ' ' ORDER BY shop) FROM {}", table));
    db.sql.run("RESET ROLE");
    return rows;
  }
  std::string all() {
    return admin.value(fmt::format("SELECT string_agg(shop || '=' || count, ' ' ORDER BY shop) FROM {}", table));
  }

  target_database db;
  sql_session admin{target_server::shared().admin(db.name)};
  pipeline_plan plan = facts_plan();
  postgres::connection holder = db.connect();
  postgres::lease_grant grant;
  std::string tenant;
  seeded_random random{7};
  fact row = random_fact(random, 1);
  std::uint64_t cuts = 0;
};

} // namespace

TEST_CASE("a tenant sees its rows of a view, before and behind restarts", "[target]") {
  shared_view v;
  v.start_and_cut();
  v.admin.run(fmt::format("ALTER TABLE {0} ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON {0} TO {1} USING (shop = "
                          "'mine'); GRANT SELECT ON {0} TO {1}; CREATE INDEX of_day ON {0} (day); COMMENT ON TABLE {0} "
                          "IS 'for all tenants'",
                          table, v.tenant));
  CHECK(v.seen() == "mine=1");
  v.start_and_cut();
  CHECK(v.seen() == "mine=2");
  CHECK(v.all() == "mine=2 theirs=2");
  CHECK(v.admin.value(fmt::format("SELECT obj_description('{}'::regclass)", table)) == "for all tenants");
  CHECK(v.admin.number(fmt::format("SELECT count(*) FROM pg_index WHERE indrelid = '{}'::regclass", table)) == 2);

  SECTION("emptied by whom it belongs to, it is filled again from the stream alone, and stays the same table") {
    const auto oid = v.admin.value(fmt::format("SELECT '{}'::regclass::oid", table));
    auto writer = must(postgres::view_writer::open(v.db.connect(), v.plan, v.grant));
    must(writer.begin());
    must(writer.truncate(by_shop, node_index{0}));
    must(writer.commit(epoch{++v.cuts}, {}));
    CHECK(v.seen().empty());
    v.start_and_cut();
    CHECK(v.seen() == "mine=1");
    CHECK(v.admin.value(fmt::format("SELECT '{}'::regclass::oid", table)) == oid);
  }
  SECTION("with another owner, the writer needs a policy of its own, and is told so") {
    const auto owner = "owner_" + v.db.name;
    v.admin.run(
        fmt::format("CREATE ROLE {0}; ALTER TABLE {1} OWNER TO {0}; GRANT SELECT, INSERT, UPDATE, DELETE ON {1} "
                    "TO weir",
                    owner, table));
    const auto refused = postgres::register_pipeline(v.holder, v.plan, "a definition");
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::permission_denied);
    CHECK_THAT(refused.error().message, WEIR_CONTAINS("row-level security applies to the writer"));
    v.admin.run(refused.error().hint.substr(0, refused.error().hint.find(';')));
    v.start_and_cut();
    CHECK(v.seen() == "mine=3");
    CHECK(v.all() == "mine=3 theirs=3");
    CHECK(v.admin.value(fmt::format("SELECT tableowner FROM pg_tables WHERE tablename = 'the by_shop'")) == owner);
  }
}

} // namespace weir::test
