#include <nlohmann/json.hpp>

#include "runtime/plan/explain.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/source_file.hpp"

TEST_CASE("a plan says where the rows of a view are kept") {
  const std::string folder = weir::test::source_file("tests/golden/");
  const weir::test::schema_text schema(weir::test::read_text(folder + "schema.txt"));
  const auto done = weir::test::compile(weir::test::read_text(folder + "plans/spread.pipe"), schema);
  INFO(done.rendered());
  REQUIRE(done.plan);
  const auto text = weir::explain(*done.plan, {});
  CHECK(text == weir::test::golden(folder + "plans/spread.expected", text));
  const auto json = weir::explain_json(*done.plan, {});
  CHECK(json["views"][0]["sink"]["distributed_by"] == "region");
  CHECK(json["views"][1]["sink"]["colocated_with"]["table"] == "orders");
  CHECK(json["views"][2]["sink"]["placement"] == "reference");
  CHECK(done.plan->views[0].outputs[0].not_null); // its filter says so
  CHECK(!done.plan->views[0].outputs[1].not_null);
}
