#include <thread>

#include <fmt/format.h>

#include "runtime/postgres/registry.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "tests/property/postgres_target_model.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"

namespace weir::test {
namespace {

constexpr const char* by_price = "\"shown here\".\"the by_price\"";

std::string shape_of(sql_session& sql, const std::string& table) {
  return sql.value("SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) "
                   "FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid = '" +
                   table + "'::regclass");
}

} // namespace

TEST_CASE("schema weir is made once, by four at a time", "[target]") {
  target_database db;
  std::vector<std::string> failures(4);
  std::vector<std::thread> threads;
  for (auto& failure : failures)
    threads.emplace_back([&db, &failure] {
      auto target = postgres::connection::open(db.conninfo, {});
      if (!target) {
        failure = target.error().message;
        return;
      }
      for (int i = 0; i < 3; ++i)
        if (const auto done = postgres::install_schema(*target); !done) failure = done.error().message;
    });
  for (auto& thread : threads) thread.join();
  for (const auto& failure : failures) CHECK(failure.empty());
  CHECK(db.sql.value("SELECT state FROM weir.health") == "ok");
  CHECK(db.sql.number("SELECT count(*) FROM weir.status") == 0);
}

TEST_CASE("a missing privilege is named with its grant", "[target]") {
  target_database db;
  sql_session admin(target_server::shared().admin(db.name));
  const auto role = "poor_" + db.name;
  admin.run("CREATE ROLE " + role + " LOGIN PASSWORD 'x'");
  admin.run(fmt::format("GRANT {} TO weir", role)); // so that the session below may become it
  auto target = db.connect();
  must(target.execute("SET ROLE " + role));

  const auto refused = postgres::install_schema(target);
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::permission_denied);
  CHECK_THAT(refused.error().hint, WEIR_CONTAINS("GRANT CREATE ON DATABASE"));
  admin.run(refused.error().hint);
  must(postgres::install_schema(target));

  admin.run("REVOKE CREATE ON DATABASE " + db.name + " FROM " + role);
  must(postgres::install_schema(target)); // there already: needs nothing
  const auto no_sink_schema = postgres::register_pipeline(target, facts_plan(), "a definition");
  REQUIRE(!no_sink_schema);
  CHECK(no_sink_schema.error().code == errc::permission_denied);
  CHECK_THAT(no_sink_schema.error().hint, WEIR_CONTAINS("GRANT CREATE ON DATABASE"));
  admin.run("CREATE SCHEMA \"shown here\"");
  const auto no_table = postgres::register_pipeline(target, facts_plan(), "a definition");
  REQUIRE(!no_table);
  CHECK_THAT(no_table.error().hint, WEIR_CONTAINS("GRANT USAGE, CREATE ON SCHEMA \"shown here\""));
  admin.run(no_table.error().hint);
  must(postgres::register_pipeline(target, facts_plan(), "a definition"));
}

TEST_CASE("view tables have the columns that the query itself would give", "[target]") {
  target_database db;
  auto target = db.connect();
  const auto plan = facts_plan();
  must(postgres::install_schema(target));
  must(postgres::register_pipeline(target, plan, "a definition"));
  db.sql.run(create_facts_sql("facts"));
  for (const auto& view : plan.views) {
    if (!view.computed.empty()) continue; // what they compute has the types that the test gave it
    INFO(view.name);
    std::string list;
    std::string keys;
    for (const auto& output : view.outputs) {
      const auto& a = view.aggregates.empty() ? aggregate_plan{} : view.aggregates[output.is_key ? 0 : output.index];
      const auto input = output.is_key                                  ? output.name
                         : a.function == aggregate_function::count_rows ? "*"
                                                                        : fact_inputs()[a.input].name;
      const auto* function = a.function == aggregate_function::sum   ? "sum"
                             : a.function == aggregate_function::avg ? "avg"
                                                                     : "count";
      list += (list.empty() ? "" : ", ") + (output.is_key ? input : fmt::format("{}({})", function, input)) + " AS " +
              target.identifier(output.name);
      if (output.is_key) keys += (keys.empty() ? "" : ", ") + output.name;
    }
    db.sql.run(fmt::format("CREATE TABLE asked_{} AS SELECT {} FROM facts{}", view.name, list,
                           keys.empty() ? "" : " GROUP BY " + keys));
    const auto table = target.qualified(view.sink.schema, view.sink.table);
    CHECK(shape_of(db.sql, table) == shape_of(db.sql, "asked_" + view.name));
    CHECK_THAT(db.sql.value("SELECT obj_description('" + table + "'::regclass)"),
               WEIR_CONTAINS("View " + view.name + " of pipeline facts"));
  }
  CHECK(db.sql.number("SELECT count(*) FROM pg_index WHERE indisprimary AND indrelid = '\"shown here\".\"the by_shop\"'"
                      "::regclass") == 1);
}

TEST_CASE("registering again continues, another definition does not", "[target]") {
  target_database db;
  auto target = db.connect();
  auto plan = facts_plan();
  must(postgres::install_schema(target));
  must(postgres::register_pipeline(target, plan, "a definition"));
  must(postgres::register_pipeline(target, plan, "a definition"));

  SECTION("another definition") {
    plan.views[0].sink.table = "elsewhere";
    const auto changed = postgres::register_pipeline(target, plan, "another definition");
    REQUIRE(!changed);
    CHECK(changed.error().code == errc::definition_changed);
  }
  SECTION("another pipeline for the same table") {
    plan.name = "others";
    const auto taken = postgres::register_pipeline(target, plan, "a definition");
    REQUIRE(!taken);
    CHECK(taken.error().code == errc::sink_unfit);
    CHECK_THAT(taken.error().message, WEIR_CONTAINS("already holds view by_price of pipeline facts"));
  }
  SECTION("a view table that was dropped is made again from the state") {
    db.sql.run("INSERT INTO weir.state_facts_prices (weir_node, k1, weir_rows) VALUES (0, 1, 2), (1, 1.0, 3), "
               "(1, NULL, 1)");
    db.sql.run("DROP TABLE \"shown here\".\"the prices\"");
    must(postgres::register_pipeline(target, plan, "a definition"));
    CHECK(db.sql.number("SELECT count(*) FROM \"shown here\".\"the prices\"") == 2);
  }
  SECTION("a state that is gone cannot be continued") {
    db.sql.run("DROP TABLE weir.state_facts_prices");
    const auto gone = postgres::register_pipeline(target, plan, "a definition");
    REQUIRE(!gone);
    CHECK(gone.error().code == errc::sink_unfit);
  }
  SECTION("unregistered, nothing stays but the view tables; or nothing") {
    must(postgres::unregister_pipeline(target, plan.name, false));
    CHECK(db.sql.number("SELECT count(*) FROM weir.pipelines") == 0);
    CHECK(db.sql.number("SELECT count(*) FROM pg_class WHERE relname LIKE 'state\\_%' AND relkind = 'r'") == 0);
    CHECK(db.sql.value("SELECT to_regclass('" + std::string(by_price) + "')") != "");
    must(postgres::register_pipeline(target, plan, "a definition")); // empty tables are adopted
    must(postgres::unregister_pipeline(target, plan.name, true));
    CHECK(db.sql.value("SELECT to_regclass('" + std::string(by_price) + "')") == "");
    must(postgres::unregister_pipeline(target, plan.name, true)); // not there: nothing to do
  }
}

TEST_CASE("a table that does not fit is refused with its differences", "[target]") {
  target_database db;
  auto target = db.connect();
  auto plan = facts_plan();
  plan.views.erase(plan.views.begin(), plan.views.begin() + 3); // prices: one column, price numeric
  plan.views[0].sink = {"public", "prices", std::chrono::milliseconds(0)};
  must(postgres::install_schema(target));
  const auto refusal = [&](const std::string& table_sql) {
    db.sql.run("DROP TABLE IF EXISTS public.prices");
    db.sql.run(table_sql);
    const auto r = postgres::register_pipeline(target, plan, "a definition");
    REQUIRE(!r);
    CHECK(r.error().code == errc::sink_unfit);
    CHECK(!r.error().hint.empty());
    CHECK(db.sql.number("SELECT count(*) FROM weir.pipelines") == 0);
    return r.error().message;
  };
  CHECK_THAT(refusal("CREATE TABLE public.prices (cost numeric)"),
             WEIR_CONTAINS("column price numeric is missing; column cost numeric is not in the view"));
  CHECK_THAT(refusal("CREATE TABLE public.prices (price numeric(10,2))"),
             WEIR_CONTAINS("column price is numeric(10,2), the view gives numeric"));
  CHECK_THAT(refusal("CREATE TABLE public.prices (price numeric, note text)"),
             WEIR_CONTAINS("column note text is not in the view"));
  CHECK_THAT(refusal("CREATE TABLE public.prices (price numeric UNIQUE)"),
             WEIR_CONTAINS("UNIQUE NULLS NOT DISTINCT (price) is missing"));
  CHECK_THAT(refusal("CREATE TABLE public.prices (price numeric, UNIQUE NULLS NOT DISTINCT (price)); INSERT INTO "
                     "public.prices VALUES (1)"),
             WEIR_CONTAINS("has rows that weir did not write"));
  CHECK_THAT(refusal("CREATE TABLE public.prices (a int) PARTITION BY RANGE (a)"),
             WEIR_CONTAINS("is not a plain table"));
  db.sql.run("DROP TABLE public.prices; CREATE TABLE public.prices (price numeric, UNIQUE NULLS NOT DISTINCT (price))");
  must(postgres::register_pipeline(target, plan, "a definition"));
}

TEST_CASE("names of state tables are short and never meet", "[target]") {
  CHECK(postgres::state_table_name("orders", "revenue") == "state_orders_revenue");
  CHECK(postgres::state_table_name("a_b", "c") != postgres::state_table_name("a", "b_c"));
  const std::string longest(63, 'x');
  CHECK(postgres::state_table_name(longest, "v").size() <= 63);
  CHECK(postgres::state_table_name(longest, "v") != postgres::state_table_name(longest, "w"));
}

TEST_CASE("events, nodes and status are told and read", "[target]") {
  target_database db;
  auto target = db.connect();
  const auto plan = facts_plan();
  CHECK(must(postgres::read_status(target)).empty()); // no schema weir yet
  must(postgres::install_schema(target));
  must(postgres::register_pipeline(target, plan, "a definition"));

  sql_session listener(db.conninfo);
  listener.run("LISTEN weir");
  must(postgres::record_event(target, plan.name,
                              {postgres::event_level::warning, "worker_failing", "n1", "it's \"off\""}));
  const auto told = listener.notification(std::chrono::seconds(10));
  REQUIRE(told);
  CHECK_THAT(*told, WEIR_CONTAINS("\"message\":\"it's \\\"off\\\"\""));
  CHECK_THAT(*told, WEIR_CONTAINS("\"level\":\"warning\""));
  must(postgres::record_event(target, plan.name,
                              {postgres::event_level::error, "long", "", std::string(20'000, '\x01')}));
  CHECK(listener.notification(std::chrono::seconds(10)));
  CHECK(db.sql.number("SELECT max(length(message)) FROM weir.events") == 20'000);

  std::vector<postgres::node_status> nodes(2);
  nodes[0].node = "n1";
  nodes[0].state = "streaming";
  nodes[0].received = lsn{0x16'b374'd848};
  nodes[1].node = "n2";
  nodes[1].address = "there:5432/shop";
  nodes[1].slot = "weir_facts_n2";
  nodes[1].state = "retrying";
  nodes[1].lag_bytes = 1'000;
  nodes[1].lag_seconds = 2.5;
  nodes[1].failures = 7;
  nodes[1].last_error = "no answer";
  must(postgres::record_nodes(target, plan.name, nodes));
  nodes[0].state = "failed";
  nodes[1].kept_bytes = 4096;
  nodes[1].kept_percent = 81;
  nodes[1].kept_seconds_left = 12.5;
  must(postgres::record_nodes(target, plan.name, nodes));
  must(postgres::record_nodes(target, plan.name, {}));

  const auto status = must(postgres::read_status(target));
  REQUIRE(status.size() == 1);
  CHECK(status[0].state == "stopped");
  CHECK(!status[0].cut_age_seconds);
  REQUIRE(status[0].nodes.size() == 2);
  CHECK(status[0].nodes[0].state == "failed");
  CHECK(status[0].nodes[0].received == lsn{0x16'b374'd848});
  CHECK(!status[0].nodes[0].lag_seconds);
  CHECK(status[0].nodes[1].lag_seconds == 2.5);
  CHECK(status[0].nodes[1].last_error == "no answer");
  CHECK(!status[0].nodes[0].kept_bytes);
  CHECK(status[0].nodes[1].kept_bytes == 4096);
  CHECK(status[0].nodes[1].kept_percent == 81);
  CHECK(status[0].nodes[1].kept_seconds_left == 12.5);
  REQUIRE(status[0].views.size() == 7);
  CHECK(status[0].views[0].table == "shown here.the at_all");

  CHECK(db.sql.value("SELECT state FROM weir.health") == "down");
  CHECK_THAT(db.sql.value("SELECT reasons FROM weir.health"), WEIR_CONTAINS("node n2 is retrying: no answer"));
  CHECK(db.sql.number("SELECT failing_nodes FROM weir.status") == 2);

  // One that is not among them any more has left.
  must(postgres::record_nodes(target, plan.name, std::span(nodes).first(1)));
  const auto later = must(postgres::read_status(target));
  REQUIRE(later[0].nodes.size() == 1);
  CHECK(later[0].nodes[0].node == "n1");
}

} // namespace weir::test
