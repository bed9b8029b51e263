#include <chrono>
#include <thread>

#include "runtime/postgres/discovery.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/replication_stream.hpp"
#include "runtime/postgres/snapshot_load.hpp"
#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using namespace weir::postgres;

namespace {

const node_spec w1{"w1", ""};

source_plan source(const std::string& table, const std::vector<std::string>& columns) {
  source_plan s{table, "public", table, {}};
  for (const auto& c : columns) s.columns.push_back({c, {type_id::int4}, false});
  return s;
}

pipeline_plan plan_of(const std::string& name, std::vector<source_plan> sources) {
  pipeline_plan plan;
  plan.name = name;
  plan.sources = std::move(sources);
  return plan;
}

/// "t(a, b) u" : the tables of a publication with their columns, all columns shown as *.
std::string published(connection& sql, const std::string& publication) {
  const auto rows =
      gained(sql.query("SELECT c.relname, (SELECT string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_attribute a "
                       "WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs)) "
                       "FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c "
                       "ON c.oid = r.prrelid WHERE p.pubname = " +
                       sql.literal(publication) + " ORDER BY 1"));
  std::string text;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    text += text.empty() ? "" : " ";
    text += std::string{rows.at(i, 0)} + "(" + (rows.is_null(i, 1) ? "*" : std::string{rows.at(i, 1)}) + ")";
  }
  return text;
}

std::string one(connection& sql, const std::string& query) { return std::string{gained(sql.query(query)).at(0, 0)}; }

} // namespace

TEST_CASE("a server tells who it is", "[postgres]") {
  auto& server = source_server::shared();
  auto sql = server.connect();
  auto replication = server.replicate();
  const auto identity = gained(identify(replication));
  CHECK(identity.system_id == one(sql, "SELECT system_identifier FROM pg_control_system()"));
  CHECK(identity.timeline == 1);
  CHECK(identity.database == "postgres");
  CHECK(identity.flushed.value > 0);
  CHECK(gained(flushed_position(sql)) >= identity.flushed);
  succeeds(check_server(sql, w1));
  succeeds(check_free_slot(sql, w1, "weir_x"));
}

TEST_CASE("a server that cannot be read is refused with the cure", "[postgres]") {
  SECTION("wal_level") {
    source_server server{{"wal_level = replica"}};
    auto sql = server.connect();
    const auto e = failure_of(check_server(sql, w1));
    CHECK(e.code == errc::wal_level);
    CHECK_THAT(e.message, WEIR_CONTAINS("node w1") && WEIR_CONTAINS("wal_level is replica"));
    CHECK_THAT(e.hint, WEIR_CONTAINS("ALTER SYSTEM SET wal_level = 'logical'") && WEIR_CONTAINS("restart"));
    auto replication = server.replicate();
    CHECK(failure_of(create_slot(replication, sql, w1, "weir_x", 5s)).code == errc::wal_level);
  }
  SECTION("no slot free") {
    source_server server{{"max_replication_slots = 1"}};
    auto sql = server.connect();
    succeeds(sql.execute("SELECT pg_create_physical_replication_slot('other')"));
    const auto e = failure_of(check_free_slot(sql, w1, "weir_x"));
    CHECK(e.code == errc::no_free_slot);
    CHECK_THAT(e.message,
               WEIR_CONTAINS("node w1") && WEIR_CONTAINS("all 1 replication slots") && WEIR_CONTAINS("other"));
    CHECK_THAT(e.hint, WEIR_CONTAINS("max_replication_slots"));
    succeeds(check_free_slot(sql, w1, "other"));
    auto replication = server.replicate();
    const auto made = failure_of(create_slot(replication, sql, w1, "weir_x", 5s));
    CHECK(made.code == errc::no_free_slot);
    CHECK_THAT(made.hint, WEIR_CONTAINS("max_replication_slots"));
  }
  SECTION("no walsenders") {
    source_server server{{"max_wal_senders = 0"}};
    auto sql = server.connect();
    const auto e = failure_of(check_server(sql, w1));
    CHECK(e.code == errc::wal_level);
    CHECK_THAT(e.hint, WEIR_CONTAINS("max_wal_senders"));
  }
  SECTION("a standby") {
    source_server server;
    server.become_standby();
    auto sql = server.connect();
    const auto e = failure_of(check_server(sql, w1));
    CHECK(e.code == errc::unsupported);
    CHECK_THAT(e.message, WEIR_CONTAINS("standby"));
    CHECK_THAT(e.hint, WEIR_CONTAINS("pg_promote"));
  }
  SECTION("a role without REPLICATION") {
    auto& server = source_server::shared();
    auto admin = server.connect();
    succeeds(admin.execute("DROP ROLE IF EXISTS \"Plain\"; CREATE ROLE \"Plain\" LOGIN"));
    auto sql = server.connect("postgres", "Plain");
    const auto e = failure_of(check_server(sql, w1));
    CHECK(e.code == errc::permission_denied);
    CHECK(e.hint == "ALTER ROLE \"Plain\" REPLICATION");
    succeeds(admin.execute("SELECT pg_create_logical_replication_slot('plain', 'pgoutput')"));
    const auto refused = failure_of(drop_slot(sql, "plain"));
    CHECK(refused.code == errc::permission_denied);
    succeeds(drop_slot(admin, "plain"));
  }
}

TEST_CASE("catalogs are read as weir needs them", "[postgres]") {
  auto& server = source_server::shared();
  auto sql = server.connect(server.fresh_database());
  succeeds(sql.execute(
      "CREATE SCHEMA s; CREATE COLLATION s.odd (provider = icu, locale = 'und', deterministic = false); "
      "CREATE TABLE s.\"We'ird\"(b int, gone int, a bigint NOT NULL, amount numeric(12,2), name varchar(10) COLLATE "
      "s.odd, "
      "twice int GENERATED ALWAYS AS (b * 2) STORED, PRIMARY KEY (a, b)); ALTER TABLE s.\"We'ird\" DROP COLUMN gone; "
      "CREATE TABLE public.whole(a int, b text); ALTER TABLE public.whole REPLICA IDENTITY FULL; "
      "CREATE TABLE public.keyed(a int PRIMARY KEY, u int NOT NULL UNIQUE); "
      "ALTER TABLE public.keyed REPLICA IDENTITY USING INDEX keyed_u_key; "
      "CREATE TABLE public.bare(); ALTER TABLE public.bare REPLICA IDENTITY NOTHING; "
      "CREATE VIEW public.seen AS SELECT 1 AS one"));
  const auto catalog = gained(read_catalog(sql, "w1",
                                           {{"s", "We'ird"},
                                            {"public", "whole"},
                                            {"public", "keyed"},
                                            {"public", "bare"},
                                            {"public", "seen"},
                                            {"public", "nowhere"}}));
  CHECK(catalog.node == "w1");
  CHECK(catalog.tables.size() == 5);
  CHECK(catalog.find("public", "nowhere") == nullptr);
  const auto* weird = catalog.find("s", "We'ird");
  REQUIRE(weird != nullptr);
  CHECK(weird->kind == 'r');
  CHECK(weird->identity == replica_identity::primary_key);
  CHECK(weird->primary_key == std::vector<std::string>{"a", "b"});
  REQUIRE(weird->columns.size() == 5);
  CHECK(weird->columns[0].name == "b");
  CHECK(weird->columns[0].in_identity);
  CHECK(weird->columns[1].not_null);
  CHECK(weird->columns[1].type_oid == 20);
  CHECK(weird->columns[2].type_name == "numeric(12,2)");
  CHECK(weird->columns[2].typmod == ((12 << 16) | 2) + 4);
  CHECK_FALSE(weird->columns[2].in_identity);
  CHECK(weird->columns[2].collation == column_collation{});
  CHECK(weird->columns[3].collation == column_collation{"odd", false});
  CHECK(weird->columns[3].type_name == "character varying(10)");
  CHECK(weird->columns[4].generated);
  CHECK(catalog.find("public", "whole")->identity == replica_identity::full);
  CHECK(catalog.find("public", "whole")->columns[1].in_identity);
  CHECK(catalog.find("public", "whole")->primary_key.empty());
  const auto* keyed = catalog.find("public", "keyed");
  CHECK(keyed->identity == replica_identity::index);
  CHECK_FALSE(keyed->columns[0].in_identity);
  CHECK(keyed->columns[1].in_identity);
  CHECK(keyed->primary_key == std::vector<std::string>{"a"});
  CHECK(catalog.find("public", "bare")->columns.empty());
  CHECK(catalog.find("public", "bare")->identity == replica_identity::nothing);
  CHECK(catalog.find("public", "seen")->kind == 'v');
}

TEST_CASE("a publication is made, kept, altered, dropped", "[postgres]") {
  auto& server = source_server::shared();
  auto sql = server.connect(server.fresh_database());
  succeeds(sql.execute(
      "CREATE TABLE public.t(id int PRIMARY KEY, a int, b int, twice int GENERATED ALWAYS AS (a * 2) STORED); "
      "CREATE TABLE public.\"U u\"(a int, b int); ALTER TABLE public.\"U u\" REPLICA IDENTITY FULL; "
      "CREATE TABLE public.n(a int, b int)"));
  const auto plan = plan_of("Orders", {source("t", {"a"}), source("U u", {"b"})});
  const auto version = [&] {
    return one(sql, "SELECT xmin FROM pg_publication WHERE pubname = 'weir_orders'") +
           one(sql, "SELECT string_agg(xmin::text, ',' ORDER BY oid) FROM pg_publication_rel");
  };
  succeeds(ensure_publication(sql, plan, w1));
  // The key is listed too, or the table's UPDATEs would fail; FULL identity allows no list.
  CHECK(published(sql, "weir_orders") == "U u(*) t(id,a)");
  CHECK(one(sql, "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication") == "t");
  succeeds(sql.execute("INSERT INTO public.t VALUES (1, 2, 3); UPDATE public.t SET b = 4; DELETE FROM public.t; "
                       "INSERT INTO public.\"U u\" VALUES (1, 2); UPDATE public.\"U u\" SET b = 4"));

  SECTION("equal: nothing is touched") {
    const auto before = version();
    succeeds(ensure_publication(sql, plan, w1));
    CHECK(version() == before);
  }
  SECTION("other columns and tables, two sources of one table together") {
    succeeds(ensure_publication(sql, plan_of("Orders", {source("t", {"a"}), source("t", {"b"}), source("n", {})}), w1));
    CHECK(published(sql, "weir_orders") == "n(a) t(id,a,b)");
  }
  SECTION("the replica identity became FULL") {
    succeeds(sql.execute("ALTER TABLE public.t REPLICA IDENTITY FULL"));
    succeeds(ensure_publication(sql, plan, w1));
    CHECK(published(sql, "weir_orders") == "U u(*) t(*)");
  }
  SECTION("someone narrowed it") {
    succeeds(sql.execute("ALTER PUBLICATION weir_orders SET (publish = 'insert'); "
                         "ALTER PUBLICATION weir_orders SET TABLE public.t WHERE (id > 5)"));
    succeeds(ensure_publication(sql, plan, w1));
    CHECK(published(sql, "weir_orders") == "U u(*) t(id,a)");
    CHECK(one(sql, "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication") == "t");
    CHECK(one(sql, "SELECT count(*) FROM pg_publication_rel WHERE prqual IS NOT NULL") == "0");
  }
  SECTION("dropped, twice") {
    succeeds(drop_publication(sql, "weir_orders"));
    succeeds(drop_publication(sql, "weir_orders"));
    CHECK(published(sql, "weir_orders").empty());
  }
  SECTION("what cannot be published") {
    const auto missing = failure_of(ensure_publication(sql, plan_of("p", {source("nowhere", {"a"})}), w1));
    CHECK(missing.code == errc::table_missing);
    CHECK_THAT(missing.message, WEIR_CONTAINS("node w1") && WEIR_CONTAINS("public.nowhere"));
    const auto column = failure_of(ensure_publication(sql, plan_of("p", {source("t", {"z"})}), w1));
    CHECK(column.code == errc::column_missing);
    const auto generated = failure_of(ensure_publication(sql, plan_of("p", {source("t", {"twice"})}), w1));
    CHECK(generated.code == errc::unsupported);
    succeeds(sql.execute("DROP PUBLICATION weir_orders; CREATE PUBLICATION weir_orders FOR ALL TABLES"));
    const auto all = failure_of(ensure_publication(sql, plan, w1));
    CHECK_THAT(all.message, WEIR_CONTAINS("FOR ALL TABLES"));
    succeeds(sql.execute("SELECT 1")); // no transaction is left open
    CHECK(one(sql, "SELECT now() = statement_timestamp()") == "t");
  }
}

TEST_CASE("two runtimes may make one publication at once", "[postgres]") {
  auto& server = source_server::shared();
  const auto database = server.fresh_database();
  auto sql = server.connect(database);
  succeeds(sql.execute("CREATE TABLE public.t(id int PRIMARY KEY, a int)"));
  const auto plan = plan_of("race", {source("t", {"a"})});
  for (int round = 0; round < 10; ++round) {
    std::vector<status> outcomes(4);
    std::vector<std::thread> runtimes;
    for (auto& outcome : outcomes)
      runtimes.emplace_back([&] {
        auto c = server.connect(database);
        outcome = ensure_publication(c, plan, w1);
      });
    for (auto& r : runtimes) r.join();
    for (auto& outcome : outcomes) succeeds(std::move(outcome));
    CHECK(published(sql, "weir_race") == "t(id,a)");
    succeeds(drop_publication(sql, "weir_race"));
  }
}

TEST_CASE("a missing privilege is named with the statement that grants it", "[postgres]") {
  auto& server = source_server::shared();
  const auto database = server.fresh_database();
  auto admin = server.connect(database);
  succeeds(admin.execute("CREATE TABLE public.t(id int PRIMARY KEY, a int)"));
  auto sql = server.connect(database, "weir");
  const auto plan = plan_of("rights", {source("t", {"a"})});
  auto e = failure_of(ensure_publication(sql, plan, w1));
  CHECK(e.code == errc::permission_denied);
  CHECK_THAT(e.message, WEIR_CONTAINS("node w1"));
  CHECK_THAT(e.hint, WEIR_CONTAINS("GRANT CREATE ON DATABASE " + database + " TO weir") &&
                         WEIR_CONTAINS("GRANT postgres TO weir") &&
                         WEIR_CONTAINS("CREATE PUBLICATION \"weir_rights\""));
  succeeds(admin.execute("GRANT CREATE ON DATABASE " + database + " TO weir; ALTER TABLE public.t OWNER TO weir"));
  succeeds(ensure_publication(sql, plan, w1));

  succeeds(admin.execute("ALTER PUBLICATION weir_rights OWNER TO postgres; ALTER TABLE public.t OWNER TO postgres"));
  succeeds(ensure_publication(sql, plan, w1)); // fits as it is: nobody's right is needed
  succeeds(admin.execute("ALTER TABLE public.t REPLICA IDENTITY FULL"));
  e = failure_of(ensure_publication(sql, plan, w1));
  CHECK(e.code == errc::permission_denied);
  CHECK_THAT(e.hint, WEIR_CONTAINS("ALTER PUBLICATION \"weir_rights\" OWNER TO weir"));

  const auto load =
      failure_of(copy_out(sql, "SELECT a FROM public.t", {{type_id::int4}}, 1000, [](batch) { return status{}; }));
  CHECK(load.code == errc::permission_denied);
  CHECK_THAT(load.hint, WEIR_CONTAINS("GRANT SELECT"));
}

TEST_CASE("a slot's life", "[postgres]") {
  auto& server = source_server::shared();
  const auto database = server.fresh_database();
  const auto slot = "weir_" + database;
  auto sql = server.connect(database);
  succeeds(sql.execute("CREATE TABLE public.t(id int PRIMARY KEY); INSERT INTO public.t VALUES (1)"));
  CHECK_FALSE(gained(find_slot(sql, slot)));
  auto replication = server.replicate(database);
  const auto made = gained(create_slot(replication, sql, w1, slot, 10s));
  const auto info = gained(find_slot(sql, slot));
  REQUIRE(info);
  CHECK(info->two_phase);
  CHECK(info->plugin == "pgoutput");
  CHECK(info->database == database);
  CHECK(info->wal_status == "reserved");
  CHECK_FALSE(info->active);
  CHECK(info->confirmed == made.consistent_point);
  CHECK(info->restart <= info->confirmed);

  SECTION("its snapshot shows what came before it, and nothing after") {
    succeeds(sql.execute("INSERT INTO public.t VALUES (2)"));
    auto reader = server.connect(database);
    succeeds(import_snapshot(reader, made.snapshot));
    CHECK(one(reader, "SELECT count(*) FROM public.t") == "1");
    CHECK(failure_of(reader.execute("INSERT INTO public.t VALUES (3)")).code == errc::sql_failed);
  }
  SECTION("its snapshot ends with the next command") {
    succeeds(replication.execute("SELECT 1"));
    const auto e = failure_of(import_snapshot(sql, made.snapshot));
    CHECK(e.code == errc::connection_lost);
    CHECK_THAT(e.hint, WEIR_CONTAINS("slot"));
    succeeds(sql.execute("SELECT 1"));
  }
  SECTION("making it again is refused") {
    const auto e = failure_of(create_slot(replication, sql, w1, slot, 10s));
    CHECK(e.code == errc::sql_failed);
    CHECK_THAT(e.message, WEIR_CONTAINS("already exists"));
  }
  SECTION("dropping it ends a walsender of weir's that still holds it") {
    auto stream = gained(replication_stream::start(server.replicate(database), {slot, "weir_p", lsn{}}));
    succeeds(drop_slot(sql, slot));
  }
  SECTION("dropping it while a stranger reads it names him") {
    auto stranger = gained(
        connection::open(server.conninfo("postgres", database), {.application_name = "other", .replication = true}));
    auto stream = gained(replication_stream::start(std::move(stranger), {slot, "weir_p", lsn{}}));
    const auto pid = gained(find_slot(sql, slot))->active_pid;
    CHECK(pid > 0);
    const auto e = failure_of(drop_slot(sql, slot));
    CHECK(e.code == errc::slot_in_use);
    CHECK_THAT(e.message, WEIR_CONTAINS(std::to_string(pid)));
    stream.stop(5s);
    CHECK(eventually(10s, [&] { return !gained(find_slot(sql, slot))->active; }));
  }
  succeeds(drop_slot(sql, slot));
  succeeds(drop_slot(sql, slot));
  CHECK_FALSE(gained(find_slot(sql, slot)));
}

TEST_CASE("a slot that waits for a transaction names it, and leaves nothing behind", "[postgres]") {
  source_server server;
  auto sql = server.connect();
  auto busy = gained(connection::open(server.conninfo(), {.application_name = "nightly"}));
  auto replication = server.replicate();
  succeeds(sql.execute("CREATE TABLE public.t(id int)"));
  std::string end;
  SECTION("a session") {
    succeeds(busy.execute("BEGIN; INSERT INTO public.t VALUES (1)"));
    const auto pid = one(busy, "SELECT pg_backend_pid()");
    const auto e = failure_of(create_slot(replication, sql, w1, "weir_x", 300ms));
    CHECK(e.code == errc::timeout);
    CHECK_THAT(e.message, WEIR_CONTAINS("node w1") && WEIR_CONTAINS("process " + pid) && WEIR_CONTAINS("nightly"));
    CHECK_THAT(e.hint, WEIR_CONTAINS("pg_terminate_backend(" + pid + ")"));
    end = "ROLLBACK";
  }
  SECTION("a prepared transaction") {
    succeeds(busy.execute("BEGIN; INSERT INTO public.t VALUES (1); PREPARE TRANSACTION 'citus_0_1_2_3'"));
    const auto e = failure_of(create_slot(replication, sql, w1, "weir_x", 300ms));
    CHECK(e.code == errc::timeout);
    CHECK_THAT(e.message, WEIR_CONTAINS("prepared transaction 'citus_0_1_2_3'"));
    CHECK_THAT(e.hint, WEIR_CONTAINS("ROLLBACK PREPARED 'citus_0_1_2_3'"));
    end = "ROLLBACK PREPARED 'citus_0_1_2_3'";
  }
  CHECK_FALSE(gained(find_slot(sql, "weir_x")));
  succeeds(busy.execute(end));
  gained(create_slot(replication, sql, w1, "weir_x", 30s)); // the same connection, none the worse
}

TEST_CASE("nodes are found where Citus lists them", "[postgres]") {
  auto& server = source_server::shared();
  auto sql = server.connect(server.fresh_database());
  const auto e = failure_of(discover_nodes(sql, "host=c user=weir dbname=shop"));
  CHECK(e.code == errc::config_invalid);
  CHECK_THAT(e.message, WEIR_CONTAINS("not a Citus coordinator") && WEIR_CONTAINS("pg_dist_node"));
  CHECK_THAT(e.hint, WEIR_CONTAINS("nodes \"host="));
}

TEST_CASE("nodes of a Citus catalog", "[postgres]") {
  source_server server{{"allow_system_table_mods = on"}}; // lets a table stand in for the extension's
  auto sql = server.connect();
  const bool with_clones = GENERATE(false, true);
  succeeds(sql.execute("CREATE TYPE public.noderole AS ENUM ('primary', 'secondary', 'unavailable'); "
                       "CREATE TABLE pg_catalog.pg_dist_node(nodeid int, groupid int, nodename text, nodeport int, "
                       "isactive bool, noderole public.noderole)"));
  CHECK_THAT(failure_of(discover_nodes(sql, "host=c")).message, WEIR_CONTAINS("no active primary"));
  succeeds(sql.execute("INSERT INTO pg_catalog.pg_dist_node VALUES (3, 2, 'w2', 5434, true, 'primary'), "
                       "(1, 0, 'c', 5432, true, 'primary'), (2, 1, 'w''1', 5433, true, 'primary'), "
                       "(4, 1, 'standby', 5435, true, 'secondary'), (5, 3, 'off', 5436, false, 'primary')"));
  if (with_clones)
    succeeds(sql.execute("ALTER TABLE pg_catalog.pg_dist_node ADD COLUMN nodeisclone bool NOT NULL DEFAULT false; "
                         "INSERT INTO pg_catalog.pg_dist_node VALUES (6, 4, 'clone', 5437, true, 'primary', true)"));
  const auto nodes = gained(discover_nodes(sql, "host=c port=5432 user=weir dbname=shop"));
  REQUIRE(nodes.size() == 3);
  CHECK(nodes[0].name == "g0");
  CHECK(nodes[1].name == "g1");
  CHECK(nodes[2].name == "g2");
  CHECK_THAT(nodes[1].conninfo, WEIR_CONTAINS(R"(host='w\'1' port='5433')") && WEIR_CONTAINS("user='weir'") &&
                                    WEIR_CONTAINS("dbname='shop'"));
}
