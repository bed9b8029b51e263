// What the owners of a database do to a view's table stays, whatever weir has to read again.

#include <fmt/format.h>

#include <memory>

#include "tests/citus/changes.hpp"
#include "tests/support/catch.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// A role that may see some rows of a view. It is known to the whole cluster, and goes with the test.
class tenant_role {
public:
  explicit tenant_role(test_cluster& cluster) : cluster_(cluster) { drop(); }
  ~tenant_role() { drop(); }
  tenant_role(const tenant_role&) = delete;
  tenant_role& operator=(const tenant_role&) = delete;

private:
  void drop() const {
    for (const auto& node : cluster_.nodes()) {
      try {
        sql_session admin(cluster_.admin(node, "postgres"));
        if (admin.value("select 1 from pg_roles where rolname = 'tenant_a'").empty()) continue;
        for (const auto& row : admin.rows("select datname from pg_database where datname = 'tenants_see'"))
          sql_session(cluster_.admin(node, *row[0]))
              .run("set citus.enable_ddl_propagation = off; drop owned by tenant_a");
        admin.run("drop owned by tenant_a; drop role tenant_a");
      } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
      }
    }
  }

  test_cluster& cluster_;
};

std::string seen_by_tenant(const citus_scenario& s) {
  auto session = s.admin("coordinator");
  session.run("set role tenant_a");
  return session.value("select string_agg(region || '=' || orders, ' ' order by region) from analytics.totals");
}

std::string only_own(const citus_scenario& s) {
  return s.coordinator().value(
      "with o as materialized (select * from orders) select string_agg(region || '=' || n, ' ' "
      "order by region) from (select region, count(*) as n from o where region in ('r1', 'r2') "
      "and status = 'paid' group by region) g");
}

/// All that was done to the table, as text: grants, policies, indexes, comment, placement.
std::string equipment(const citus_scenario& s) {
  return s.coordinator().value(
      "select concat_ws(E'\\n', c.oid, c.relacl, c.relrowsecurity, obj_description(c.oid), (select string_agg(polname "
      "|| "
      "pg_get_expr(polqual, polrelid), ',') from pg_policy where polrelid = c.oid), (select string_agg(indexdef, ',' "
      "order by indexdef) from pg_indexes where schemaname = 'analytics' and tablename = 'totals'), (select partmethod "
      "|| "
      "colocationid from pg_dist_partition where logicalrelid = c.oid)) from pg_class c where c.oid = "
      "'analytics.totals'::regclass");
}

} // namespace

TEST_CASE("a tenant sees its rows of a distributed view, through rebuilds, reloads and a fresh start") {
  const bool cdc = GENERATE(cdc_off_and_on());
  citus_scenario s("tenants_see", cdc);
  const tenant_role role(s.cluster()); // goes before the database that its grants are in
  s.sql(some_rows(1, 400));
  s.keep({{.select = "select region, count(*) as orders, sum(amount) as revenue from orders where status = 'paid' and "
                     "region is not null group by region",
           .placement = "distributed by (region)"}});
  auto weir = std::make_unique<child_process>(s.start());
  s.sql("create role tenant_a login password 'tenant_secret'; grant usage on schema analytics to tenant_a;"
        "grant select on analytics.totals to tenant_a; alter table analytics.totals enable row level security;"
        "create policy own on analytics.totals to tenant_a using (region in ('r1', 'r2'));"
        "comment on table analytics.totals is 'for all tenants';"
        "create index by_revenue on analytics.totals (revenue)");
  for (const auto& node : s.members()) // Citus connects from node to node as whoever asks
    s.admin(node).run("insert into pg_dist_authinfo values (0, 'tenant_a', 'password=tenant_secret')");
  const auto as_equipped = equipment(s);
  const auto expect_all_as_before = [&](const char* after) {
    INFO(after);
    s.expect_views_become_queries(30s);
    CHECK(seen_by_tenant(s) == only_own(s));
    CHECK(seen_by_tenant(s).find("r3") == std::string::npos);
    CHECK(equipment(s) == as_equipped);
  };
  some_changes(s, 1000);
  expect_all_as_before("changes");

  s.sql("select alter_distributed_table('orders', shard_count := 6)");
  some_changes(s, 2000);
  expect_all_as_before("the source is read anew");

  REQUIRE(eventually(30s, [&] {
    try {
      auto node = s.admin("w1");
      node.run("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '" + s.slot("g1") +
               "' and active");
      node.run("select pg_drop_replication_slot('" + s.slot("g1") + "')");
      return true;
    } catch (const sql_error&) {
      return false; // taken again already, or not yet let go
    }
  }));
  some_changes(s, 3000);
  expect_all_as_before("a node is read anew");

  s.move_shard(s.shard_on("w1", "analytics.totals"), "w1", "w2");
  some_changes(s, 4000);
  expect_all_as_before("a shard of the view has moved");

  weir->signal(SIGTERM);
  REQUIRE(weir->wait(20s) == 0);
  REQUIRE(s.program({"drop", "FILE"}).exit_code == 0);
  const auto refused = s.program({"run", "FILE"});
  CHECK_THAT(refused.err, WEIR_CONTAINS("TRUNCATE"));
  s.sql("truncate analytics.totals"); // the cure
  weir = std::make_unique<child_process>(s.start());
  some_changes(s, 5000);
  expect_all_as_before("drop, and run again");
}
