// Doctor on a real cluster: nothing on one that is well, and what is broken is named with a cure that cures it.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <set>

#include "tests/citus/changes.hpp"
#include "tests/support/catch.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

nlohmann::json examined(const citus_scenario& s) {
  const auto outcome = s.program({"doctor", "FILE", "--json"}, 60s);
  INFO(outcome.out << outcome.err);
  REQUIRE(nlohmann::json::accept(outcome.out));
  return nlohmann::json::parse(outcome.out);
}

/// What is not well of one kind; of every kind if none is named.
std::vector<nlohmann::json> troubles(const nlohmann::json& report, const std::string& code = "") {
  std::vector<nlohmann::json> found;
  for (const auto& f : report["findings"])
    if (f["severity"] != "ok" && (code.empty() || f["code"] == code)) found.push_back(f);
  return found;
}

std::string text_of(const std::vector<nlohmann::json>& findings) {
  std::string text;
  for (const auto& f : findings) text += f.dump() + "\n";
  return text;
}

std::string server_of(const citus_scenario& s, const std::string& place) {
  for (const auto& node : s.members())
    if (place == fmt::format("g{}", s.group(node))) return node;
  return "coordinator";
}

void restart(citus_scenario& s, const std::string& node) {
  s.cluster().stop(node);
  s.cluster().start(node);
}

/// Does what a cure says: each of its statements, where it says or at its place; then a restart, if that is said.
void follow(citus_scenario& s, const nlohmann::json& finding) {
  const auto cure = finding["cure"].get<std::string>();
  INFO(finding.dump());
  const auto said = [&](const char* words) { return cure.find(words) != std::string::npos; };
  auto where = std::vector<std::string>{server_of(s, finding["place"])};
  if (said("on the coordinator")) where = {"coordinator"};
  if (finding["place"] == "cluster" && said("on every node")) where = s.members();
  const auto statements = cure.substr(0, cure.find("--"));
  for (const auto& node : where) {
    auto admin = s.admin(node);
    std::string rest = statements;
    for (auto end = rest.find(';'); end != std::string::npos; end = rest.find(';')) {
      admin.run(rest.substr(0, end));
      rest.erase(0, end + 1);
    }
    if (said("restart the server")) restart(s, node);
  }
}

/// What a cure says is done once, however many nodes say it.
void follow_all(citus_scenario& s, const std::vector<nlohmann::json>& found) {
  std::set<std::string> done;
  for (const auto& f : found) {
    const auto cure = f["cure"].get<std::string>();
    const bool one_place = cure.find("on the coordinator") != std::string::npos;
    if (done.insert(cure + (one_place ? "" : f["place"].get<std::string>())).second) follow(s, f);
  }
}

struct ailment {
  std::string code;
  std::string place; ///< where it has to be named
  std::string severity;
  std::function<void(citus_scenario&)> bring_about;
};

/// Named where it should be, as what it should be, and by the exit status.
void expect_named(const citus_scenario& s, const ailment& a) {
  const auto found = troubles(examined(s), a.code);
  INFO(text_of(found));
  CHECK(std::any_of(found.begin(), found.end(),
                    [&](const auto& f) { return f["place"] == a.place && f["severity"] == a.severity; }));
  const auto all = troubles(examined(s));
  const bool errors = std::any_of(all.begin(), all.end(), [](const auto& f) { return f["severity"] == "error"; });
  CHECK(s.program({"doctor", "FILE", "--strict"}, 60s).exit_code == (errors ? 4 : 8));
}

/// Each is named after it was brought about, and not any more after its cures.
void expect_cured(citus_scenario& s, const std::vector<ailment>& all) {
  for (const auto& a : all) {
    INFO(a.code);
    CHECK(text_of(troubles(examined(s), a.code)) == "");
    a.bring_about(s);
    expect_named(s, a);
    follow_all(s, troubles(examined(s), a.code));
    CHECK(text_of(troubles(examined(s), a.code)) == "");
  }
}

/// Nothing is left that doctor would name, and the views of a run are right.
void expect_sound(citus_scenario& s, const std::string& changes = "") {
  CHECK(text_of(troubles(examined(s))) == "");
  CHECK(s.program({"doctor", "FILE", "--strict"}, 60s).exit_code == 0);
  auto weir = s.start();
  if (changes.empty())
    some_changes(s, 10'000);
  else
    s.sql(changes);
  s.expect_views_equal_queries();
}

} // namespace

TEST_CASE("doctor finds nothing on a cluster that is well, before the first run and while it runs") {
  citus_scenario s("well", GENERATE(cdc_off_and_on()));
  s.sql(some_rows(1, 100));
  CHECK(text_of(troubles(examined(s))) == "");
  CHECK(s.program({"doctor", "FILE", "--strict"}).exit_code == 0);
  auto weir = s.start();
  some_changes(s, 1000);
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  s.expect_views_equal_queries();
  CHECK(text_of(troubles(examined(s))) == "");
}

TEST_CASE("raw capture: what doctor names is cured by what it says") {
  test_cluster own(2, server_kind::citus);
  citus_scenario s("ailing_raw", own);
  const auto restarted_with = [](const std::string& node, const std::string& setting) {
    return [=](citus_scenario& on) {
      on.admin(node).run("alter system set " + setting);
      restart(on, node);
    };
  };
  const auto allowed = [](const std::string& node, const std::string& plugins) {
    return [=](citus_scenario& on) {
      auto admin = on.admin(node);
      admin.run("alter system set output_plugin_libraries = " + plugins);
      admin.run("select pg_reload_conf()");
    };
  };
  expect_cured(
      s, {{"replica_identity", "g1", "error", [](auto& on) { on.sql("alter table orders replica identity nothing"); }},
          {"tables_at_risk", "g0", "warning",
           [](auto& on) { on.sql("create table note (a int); create table \"Other note\" (a int)"); }},
          {"columnar_tables", "g0", "warning",
           [](auto& on) {
             on.sql("create extension citus_columnar; create table cold (a int) using columnar; select "
                    "create_distributed_table('cold', 'a')");
           }},
          {"output_plugins", "g1", "error", allowed("w1", "test_decoding")},
          {"output_plugins", "g2", "warning", allowed("w2", "pgoutput, wal2json")},
          {"slot", "g1", "error",
           [](auto& on) {
             on.admin("w1").run("select pg_create_logical_replication_slot('weir_ailing_raw_g1', "
                                "'test_decoding')");
           }},
          {"slots", "g2", "error", restarted_with("w2", "max_replication_slots = 0")},
          {"wal_level", "g1", "error", restarted_with("w1", "wal_level = replica")},
          {"citus_metadata", "g1", "warning",
           [](auto& on) { on.sql(fmt::format("select stop_metadata_sync_to_node({})", on.place("w1"))); }},
          {"statement_timeout", "g1", "warning", [](auto& on) {
             on.admin("w1").run("set citus.enable_ddl_propagation = off; alter role weir set statement_timeout = '1s'");
           }}});
  CHECK(text_of(troubles(examined(s))) == "");

  // What was not published for a while was not sent.
  {
    auto weir = s.start();
    some_changes(s, 1);
    s.expect_views_equal_queries();
  }
  s.admin("w1").run("set citus.enable_ddl_propagation = off; drop publication weir_ailing_raw");
  const auto gone = troubles(examined(s), "raw_publication");
  REQUIRE(gone.size() == 1);
  CHECK(gone[0]["place"] == "g1");
  REQUIRE(s.program({"drop", "FILE", "--views"}).exit_code == 0); // what the cure says
  auto weir = s.start();
  CHECK(text_of(troubles(examined(s))) == "");
  s.expect_views_equal_queries();
}

TEST_CASE("logical capture: what doctor names is cured by what it says") {
  test_cluster own(2, server_kind::citus);
  citus_scenario s("ailing_logical", own);
  s.sql(some_rows(1, 100));
  s.capture("logical");
  const auto off = troubles(examined(s), "change_data_capture");
  REQUIRE(off.size() == 3);
  for (const auto& f : off) follow(s, f);
  for (const auto& node : s.members())
    restart(s, node); // Citus takes the path of its decoders for granted from then on
  CHECK(text_of(troubles(examined(s))) == "");
  expect_cured(
      s,
      {{"change_data_capture", "g2", "error",
        [](auto& on) {
          on.admin("w2").run("set citus.enable_ddl_propagation = off; alter role weir in database ailing_logical set "
                             "citus.enable_change_data_capture = off");
        }},
       {"decoder", "g1", "error",
        [](auto& on) {
          on.admin("w1").run("alter system set dynamic_library_path = '/nowhere:$libdir'");
          restart(on, "w1");
        }},
       {"shard_like_names", "g0", "error",
        [](auto& on) { on.sql(fmt::format("create table metrics_{} (a int primary key)", on.shard_on("w1"))); }},
       {"dropped_columns", "g1", "error", [](auto& on) { on.sql("alter table orders drop column note"); }},
       {"output_plugins", "g1", "error", [](auto& on) {
          on.admin("w1").run("alter system set output_plugin_libraries = ''");
          on.admin("w1").run("select pg_reload_conf()");
        }}});
  expect_sound(s, "insert into orders select i, 'late', 'paid', i from generate_series(2000, 2100) i; "
                  "delete from orders where order_id < 50");
}

TEST_CASE("raw capture beside Citus' decoder, by a role that may not pass over it") {
  test_cluster own(2, server_kind::citus_cdc);
  citus_scenario s("ailing_role", own);
  {
    auto weir = s.start(); // as a superuser it makes the publications
    some_changes(s, 1);
    s.expect_views_equal_queries();
  }
  expect_cured(s, {{"raw_publication", "g1", "error", [](auto& on) {
                      for (const auto& node : on.members()) {
                        auto admin = on.admin(node);
                        admin.run("set citus.enable_ddl_propagation = off");
                        admin.run("update pg_extension set extowner = 10 where extname like 'citus%'");
                        admin.run("alter role weir nosuperuser replication");
                        admin.run("grant pg_read_all_settings to weir");
                      }
                    }}});
  auto weir = s.start();
  some_changes(s, 10'000);
  s.expect_views_equal_queries();
}

TEST_CASE("logical capture: a table is made anew where it has to be, and keeps what it had") {
  citus_scenario s("remade", true, orders_table() + R"(create table regions (name text primary key);
      select create_reference_table('regions'); insert into regions select 'r' || i from generate_series(0, 6) i;
      insert into regions values ('moved');
      create table parents (id bigint primary key, head bigint);
      select create_distributed_table('parents', 'id', shard_count := 4);
      select create_distributed_table('orders', 'order_id', colocate_with := 'parents');
      alter table orders add constraint of_region foreign key (region) references regions (name);
      grant select on orders to public)");
  s.capture("logical");
  s.sql(some_rows(1, 100));
  const auto kept = [&] {
    return s.coordinator().value(
        "select string_agg(format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)), ', ' order by "
        "conrelid::regclass::text, conname) || (select count(distinct colocationid) || ' ' || count(*) from "
        "pg_dist_partition where partmethod = 'h') || (select relacl::text || relreplident::text from pg_class where "
        "oid = "
        "'orders'::regclass) || (select count(*) from pg_dist_shard) from pg_constraint where contype = 'f' and "
        "connamespace = 'public'::regnamespace");
  };
  const auto dropped = [](const std::string& table) {
    return [=](citus_scenario& on) {
      on.sql("alter table " + table + " add column gone int; alter table " + table + " drop column gone");
    };
  };
  const auto remade = [&](const std::string& table) {
    const auto before = kept();
    expect_cured(s, {{"dropped_columns", "g1", "error", dropped(table)}});
    CHECK(kept() == before);
    CHECK(s.coordinator().number("select count(*) from " + table) > 0);
  };
  remade("orders"); // beside a colocated table, by itself
  s.sql("insert into parents select i from generate_series(1, 100) i; "
        "alter table orders add constraint of_parent foreign key (order_id) references parents (id); "
        "alter table parents add constraint of_itself foreign key (id) references parents (id)");
  remade("orders"); // with the table that a foreign key goes to, which has one to itself
  {
    const auto before = kept();
    s.sql("alter table orders drop constraint of_parent"); // new orders have no parents
    expect_sound(s);
    s.sql("delete from orders where order_id > 100; "
          "alter table orders add constraint of_parent foreign key (order_id) references parents (id)");
    CHECK(kept() == before);
  }
  REQUIRE(s.program({"drop", "FILE", "--views"}).exit_code == 0);
  s.sql("alter table regions replica identity full");
  s.keep({{"names", "public.regions", "select count(*) as regions from regions"}});
  remade("regions"); // a reference table, which foreign keys come from
  expect_sound(s, "insert into regions values ('new')");
}

TEST_CASE("logical capture: shards that are kept twice are made single") {
  const bool beside = GENERATE(false, true);
  citus_scenario s("twice", true,
                   "set citus.shard_replication_factor = 2;" + distributed_orders +
                       (beside ? "create table parents (id bigint primary key); "
                                 "select create_distributed_table('parents', 'id', colocate_with := 'orders')"
                               : ""));
  s.sql(some_rows(1, 100));
  CHECK(text_of(troubles(examined(s))) == ""); // raw: one of both counts
  s.capture("logical");
  expect_named(s, {"replication_factor", "g1", "error", {}});
  follow_all(s, troubles(examined(s), "replication_factor"));
  CHECK(s.coordinator().number("select count(*) from pg_dist_placement join pg_dist_shard using (shardid) where "
                               "logicalrelid = 'orders'::regclass") == 8);
  CHECK(s.coordinator().number("select count(distinct colocationid) from pg_dist_partition") == 1);
  expect_sound(s);
}

TEST_CASE("logical capture: a reference table without a placement on the coordinator is given one") {
  citus_scenario s("no_placement", true, orders_table() + "select create_reference_table('orders')");
  s.sql(some_rows(1, 100));
  s.capture("logical");
  expect_cured(s, {{"reference_placement", "g1", "error",
                    [](auto& on) { on.sql(fmt::format("select citus_remove_node({})", on.place("coordinator"))); }}});
  expect_sound(s);
}

TEST_CASE("a columnar source is refused, and converted by what doctor says") {
  citus_scenario s("columns", GENERATE(cdc_off_and_on()),
                   "create extension citus_columnar; create table orders (order_id bigint primary key, region text, "
                   "status text not null, amount numeric(12,2) not null, note text) using columnar; alter table orders "
                   "replica identity full;" +
                       std::string("select create_distributed_table('orders', 'order_id', shard_count := 8)"));
  s.sql(some_rows(1, 100));
  expect_named(s, {"table_kind", "g0", "error", {}});
  follow_all(s, troubles(examined(s), "table_kind"));
  expect_sound(s);
}

TEST_CASE("a node with an older extension is named, and brought to the others'") {
  citus_scenario s("versions", GENERATE(cdc_off_and_on()), "select 1");
  auto there = s.admin("w1");
  // An extension that is updated loses nothing. There is no way back, so it is made anew, and its metadata with it.
  there.run("set citus.enable_ddl_propagation = off");
  there.run("alter database versions set citus.enable_version_checks = off");
  const auto make_older = [](citus_scenario& on) {
    auto admin = on.admin("w1");
    admin.run("drop extension citus cascade");
    admin.run("create extension citus version '13.1-1'");
  };
  expect_cured(s, {{"extension_version", "cluster", "error", make_older}});
  follow_all(s, troubles(examined(s), "citus_metadata"));
  there.run("alter database versions reset citus.enable_version_checks");
  s.sql(distributed_orders);
  expect_sound(s);
}

TEST_CASE("shards with two placements count once, and doctor has nothing against them") {
  citus_scenario s("placements", GENERATE(cdc_off_and_on()),
                   "set citus.shard_replication_factor = 2;" + distributed_orders);
  s.sql(some_rows(1, 300));
  CHECK(text_of(troubles(examined(s))) == "");
  auto weir = s.start();
  some_changes(s, 1000);
  s.expect_views_equal_queries();
}
