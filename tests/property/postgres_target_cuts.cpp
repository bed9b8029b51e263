#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/view_writer.hpp"
#include "tests/property/postgres_target_model.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/source_file.hpp"

// weir.cuts, and what SQL can ask about cuts: weir.cut_of and weir.wait.

namespace weir::test {
namespace {

using postgres::frontier_entry;

constexpr const char* by_price = "'\"shown here\".\"the by_price\"'";

/// A registered pipeline over three nodes, and the way to make cuts of it.
struct pipeline_with_cuts {
  pipeline_with_cuts() {
    must(postgres::install_schema(holder));
    must(postgres::register_pipeline(holder, plan, "a definition"));
    grant = must(postgres::acquire_lease(holder, plan.name, "here:1", std::chrono::seconds(60)));
  }
  postgres::view_writer open() { return must(postgres::view_writer::open(db.connect(), plan, grant)); }
  /// Without rows: positions alone are a cut, too.
  void cut(postgres::view_writer& writer, std::uint64_t number, const std::vector<frontier_entry>& frontier) {
    must(writer.begin());
    must(writer.commit(epoch{number}, frontier));
  }
  /// What the server says of a statement that fails, hint included; "" if it does not.
  std::string failure(const std::string& sql) {
    try {
      db.sql.run(sql);
      return {};
    } catch (const sql_error& e) {
      return e.what();
    }
  }

  target_database db;
  pipeline_plan plan = facts_plan();
  postgres::connection holder = db.connect();
  postgres::lease_grant grant;
};

frontier_entry at(std::uint16_t node, std::uint64_t position) {
  return {node_index{node}, "slot", "7", 1, lsn{position}, lsn{position}, 0};
}

} // namespace

TEST_CASE("each cut has its number and the position of every node", "[target]") {
  pipeline_with_cuts p;
  auto writer = p.open();
  p.cut(writer, 1, {at(0, 100), at(1, 200)});
  p.cut(writer, 2, {at(1, 300)});
  p.cut(writer, 3, {at(0, 101), at(2, 1)});
  const auto vector = [&](int number) {
    return p.db.sql.value(fmt::format("SELECT positions FROM weir.cuts WHERE number = {}", number));
  };
  CHECK(vector(1) == R"({"n1": "0/64", "n2": "0/C8"})");
  CHECK(vector(2) == R"({"n1": "0/64", "n2": "0/12C"})"); // n1 stayed, and is in it
  CHECK(vector(3) == R"({"n1": "0/65", "n2": "0/12C", "n3": "0/1"})");
  CHECK(p.db.sql.number("SELECT count(*) FROM weir.cuts WHERE committed_at > now() - interval '1 minute'") == 3);
}

TEST_CASE("cuts are kept up to a number", "[target]") {
  pipeline_with_cuts p;
  p.db.sql.run("INSERT INTO weir.cuts (pipeline, number, positions) "
               "SELECT name, n, '{}' FROM generate_series(1, 20499) AS n, (VALUES ('facts'), ('others')) AS p (name)");
  auto writer = p.open();
  const auto kept = [&](const char* pipeline) {
    return p.db.sql.value(
        fmt::format("SELECT min(number) || ' to ' || max(number) FROM weir.cuts WHERE pipeline = '{}'", pipeline));
  };
  p.cut(writer, 20'500, {at(0, 1)});
  CHECK(kept("facts") == "10501 to 20500");
  for (std::uint64_t n = 20'501; n < 20'600; ++n) p.cut(writer, n, {at(0, n)});
  CHECK(kept("facts") == "10501 to 20599"); // in batches
  p.cut(writer, 20'601, {at(0, 20'601)});   // a number may be missing
  CHECK(kept("facts") == "10602 to 20601");
  CHECK(kept("others") == "1 to 20499");
}

TEST_CASE("cut_of tells the cut that the query sees", "[target]") {
  pipeline_with_cuts p;
  auto& sql = p.db.sql;
  const auto cut_of = [&](const std::string& view) { return sql.number("SELECT weir.cut_of(" + view + ")"); };
  CHECK(cut_of(by_price) == 0);
  auto writer = p.open();
  p.cut(writer, 1, {at(0, 1)});
  CHECK(cut_of(by_price) == 1);
  sql.run("SET search_path = \"shown here\"");
  CHECK(cut_of("'\"the by_shop\"'") == 1);
  CHECK(cut_of("'\"shown here\".\"the by_shop\"'::regclass::text") == 1);
  sql.run("RESET search_path");

  SECTION("whenever it is called: a query and its number are of one moment") {
    sql.run("BEGIN; DECLARE looking CURSOR FOR SELECT weir.cut_of(" + std::string(by_price) +
            "), (SELECT max(number) FROM weir.cuts)");
    p.cut(writer, 2, {at(0, 2)});
    const auto row = sql.rows("FETCH looking").at(0);
    CHECK(row[0] == "1");
    CHECK(row[1] == "1");
    CHECK(cut_of(by_price) == 2);
    sql.run("COMMIT");
  }
  SECTION("a repeatable read transaction stays with its cut") {
    sql.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    CHECK(cut_of(by_price) == 1);
    p.cut(writer, 2, {at(0, 2)});
    CHECK(cut_of(by_price) == 1);
    sql.run("COMMIT");
    CHECK(cut_of(by_price) == 2);
  }
  SECTION("what is no view of weir is refused") {
    sql.run("CREATE TABLE public.mine (a int)");
    for (const auto* no_view : {"'public.mine'", "'public.nowhere'", "'the by_price'", "'weir.cuts'"}) {
      const auto said = p.failure(fmt::format("SELECT weir.cut_of({})", no_view));
      INFO(no_view << ": " << said);
      CHECK_THAT(said, WEIR_CONTAINS("is no table in which weir keeps a view") || WEIR_CONTAINS("invalid name"));
    }
    CHECK_THAT(p.failure("SELECT weir.cut_of('public.mine')"), WEIR_CONTAINS("HINT:  SELECT sink_schema"));
    CHECK(sql.value("SELECT weir.cut_of(NULL)").empty());
  }
}

TEST_CASE("wait returns when the position is shown", "[target]") {
  pipeline_with_cuts p;
  auto& sql = p.db.sql;
  auto writer = p.open();
  p.cut(writer, 1, {at(0, 100)});
  CHECK(sql.number("SELECT weir.wait('n1', '0/64')") == 1);
  CHECK(sql.number("SELECT weir.wait('n1', '0/1', '0 s')") == 1);
  CHECK(sql.number("SELECT weir.wait(node => 'n1', \"position\" => '0/64', pipeline => 'facts')") == 1);

  SECTION("later, with the number of that cut") {
    std::thread later([&] {
      // not before it waits
      sql_session watching(p.db.conninfo);
      (void)eventually(std::chrono::seconds(20), [&] {
        return watching.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                               "wait_event = 'PgSleep'") == 1;
      });
      p.cut(writer, 2, {at(0, 199)});
      p.cut(writer, 3, {at(0, 200)});
    });
    const auto shown = sql.number("SELECT weir.wait('n1', '0/C8', '60 s')");
    later.join();
    CHECK(shown == 3);
  }
  SECTION("or says why not in time") {
    const auto said = p.failure("SELECT weir.wait('n1', '0/65', '20 ms')");
    CHECK_THAT(said, WEIR_CONTAINS("pipeline facts does not show node n1 up to 0/65: it is at 0/64"));
    CHECK_THAT(said, WEIR_CONTAINS("HINT:  weir why"));
    sql.run("INSERT INTO weir.nodes VALUES ('facts', 'n2', '', '', 'loading', '0/0', '0/0', '0/0', 0, NULL, 0, '')");
    CHECK_THAT(p.failure("SELECT weir.wait('n2', '0/1', '0 s')"), WEIR_CONTAINS("it is at no cut yet"));
  }
}

TEST_CASE("wait refuses what could never come", "[target]") {
  pipeline_with_cuts p;
  auto& sql = p.db.sql;
  CHECK_THAT(p.failure("SELECT weir.wait('n1', '0/1')"), WEIR_CONTAINS("HINT:  start one: weir run"));
  auto writer = p.open();
  p.cut(writer, 1, {at(0, 100)});
  sql.run("INSERT INTO weir.nodes SELECT pipeline, node, '', '', 'streaming', '0/0', '0/0', '0/0', 0, NULL, 0, '' "
          "FROM (VALUES ('facts', 'n1'), ('facts', 'n2'), ('others', 'n1')) AS known (pipeline, node)");

  SECTION("an unknown node or pipeline") {
    const auto said = p.failure("SELECT weir.wait('n9', '0/1')");
    CHECK_THAT(said, WEIR_CONTAINS("no pipeline reads a node \"n9\""));
    CHECK_THAT(said, WEIR_CONTAINS("HINT:  there are: n1 of facts, n2 of facts, n1 of others"));
    CHECK_THAT(p.failure("SELECT weir.wait('n2', '0/1', pipeline => 'others')"),
               WEIR_CONTAINS("no pipeline \"others\" reads a node \"n2\""));
  }
  SECTION("a node of several pipelines, unless one is named") {
    const auto said = p.failure("SELECT weir.wait('n1', '0/1')");
    CHECK_THAT(said, WEIR_CONTAINS("is read by several pipelines: facts, others"));
    CHECK_THAT(said,
               WEIR_CONTAINS("HINT:  name the one whose view is read: weir.wait('n1', '0/1', pipeline => 'facts')"));
    CHECK(sql.number("SELECT weir.wait('n1', '0/1', pipeline => 'facts')") == 1);
  }
  SECTION("a transaction that sees nothing new") {
    for (const auto* level : {"REPEATABLE READ", "SERIALIZABLE"}) {
      sql.run(fmt::format("BEGIN ISOLATION LEVEL {}", level));
      const auto said = p.failure("SELECT weir.wait('n1', '0/1', pipeline => 'facts')");
      sql.run("ROLLBACK");
      CHECK_THAT(said, WEIR_CONTAINS("would wait for ever") && WEIR_CONTAINS("READ COMMITTED"));
    }
    sql.run("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY");
    CHECK(sql.number("SELECT weir.wait('n1', '0/1', pipeline => 'facts')") == 1);
    sql.run("COMMIT");
  }
  SECTION("nulls") {
    for (const auto* arguments : {"NULL, '0/1'", "'n1', NULL", "'n1', '0/1', NULL"})
      CHECK_THAT(p.failure(fmt::format("SELECT weir.wait({})", arguments)), WEIR_CONTAINS("that are not null"));
  }
}

TEST_CASE("who may read the tables may call the functions, nobody else", "[target]") {
  pipeline_with_cuts p;
  auto writer = p.open();
  p.cut(writer, 1, {at(0, 100)});
  sql_session admin(target_server::shared().admin(p.db.name));
  const auto role = "reader_" + p.db.name;
  admin.run("CREATE ROLE " + role);
  admin.run(fmt::format("GRANT {0} TO weir; GRANT USAGE ON SCHEMA weir, \"shown here\" TO {0}", role));
  p.db.sql.run("SET ROLE " + role);
  const auto cut_of = fmt::format("SELECT weir.cut_of({})", by_price);
  CHECK_THAT(p.failure(cut_of), WEIR_CONTAINS("permission denied for table"));
  CHECK_THAT(p.failure("SELECT weir.wait('n1', '0/1')"), WEIR_CONTAINS("permission denied for table"));
  admin.run("GRANT SELECT ON weir.views, weir.cuts TO " + role);
  CHECK(p.db.sql.number(cut_of) == 1);
  admin.run("GRANT SELECT ON weir.nodes, weir.frontier TO " + role);
  CHECK(p.db.sql.number("SELECT weir.wait('n1', '0/64')") == 1);
}

TEST_CASE("a schema of an earlier version is brought up to date, with its rows", "[target]") {
  target_database db;
  db.sql.run(read_file(source_file("tests/property/schema_1.sql")));
  db.sql.run("INSERT INTO weir.pipelines (pipeline, fingerprint, definition) VALUES ('facts', 'x', 'a definition'); "
             "INSERT INTO weir.cuts (pipeline, epoch) VALUES ('facts', 7)");
  auto target = db.connect();
  must(postgres::install_schema(target));
  must(postgres::install_schema(target));
  CHECK(db.sql.value("SELECT number || ' ' || positions::text FROM weir.cuts") == "7 {}");
  CHECK(db.sql.value("SELECT epoch || consistency FROM weir.status") == "7");
  CHECK_THAT(db.sql.value("SELECT obj_description('weir'::regnamespace)"), WEIR_CONTAINS("schema version 5"));

  // What was brought up to date and what is made anew have one shape.
  const std::string shape =
      "SELECT string_agg(line, ' | ' ORDER BY line COLLATE \"C\") FROM (SELECT concat_ws(' ', c.relname, c.relkind, "
      "c.reloptions, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) "
      "FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid "
      "AND d.adnum = a.attnum WHERE c.relnamespace = 'weir'::regnamespace AND c.relkind <> 'i' AND a.attnum > 0 UNION "
      "ALL SELECT proname || "
      "pg_get_function_arguments(oid) FROM pg_proc WHERE pronamespace = 'weir'::regnamespace) AS shape (line)";
  target_database fresh;
  auto other = fresh.connect();
  must(postgres::install_schema(other));
  CHECK(db.sql.value(shape) == fresh.sql.value(shape));
}

} // namespace weir::test
