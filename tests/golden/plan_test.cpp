#include <nlohmann/json.hpp>

#include "runtime/plan/explain.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/source_file.hpp"

TEST_CASE("a plan is explained") {
  const std::string folder = weir::test::source_file("tests/golden/");
  const weir::test::schema_text schema(weir::test::read_text(folder + "schema.txt"));
  const auto done = weir::test::compile(weir::test::read_text(folder + "plans/orders.pipe"), schema);
  INFO(done.rendered());
  REQUIRE(done.plan);
  weir::explain_details details;
  details.publication = "weir_orders";
  details.publication_sql = "create publication weir_orders";
  details.memory = "256 MiB (default)";
  details.slots = {"weir_orders_w1", "weir_orders_w2"};
  details.statements = {{0, "first load on w1", "select 1"}};
  const auto text = weir::explain(*done.plan, details);
  CHECK(text == weir::test::golden(folder + "plans/orders.expected", text));
  const auto json = weir::explain_json(*done.plan, details).dump(2) + "\n";
  CHECK(json == weir::test::golden(folder + "plans/orders.json", json));
  CHECK((text + json).find("geheim") == std::string::npos);
}
