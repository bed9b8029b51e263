#include "runtime/capture/table_drift.hpp"

#include <functional>

#include "tests/support/catch.hpp"

using namespace weir;
using kind = capture::table_drift::kind;

namespace {

source_plan source() {
  source_plan plan;
  plan.name = plan.table = "orders";
  plan.schema = "public";
  plan.columns = {{"region", {type_id::varchar, 20 + 4}, false}, {"amount", {type_id::numeric, -1}, true}};
  return plan;
}

table_shape shape() {
  return {"public",
          "orders",
          100,
          "1",
          "f",
          {{1, "id", oid_of(type_id::int8), -1, "bigint", true, "7"},
           {2, "region", oid_of(type_id::varchar), 20 + 4, "character varying(20)", false, "7"},
           {3, "amount", oid_of(type_id::numeric), -1, "numeric", true, "7"}}};
}

/// What is found if this was done to the table, and nothing else is there.
capture::table_drift after(const std::function<void(table_shape&)>& change) {
  auto now = shape();
  change(now);
  return capture::compare(source(), shape(), {now});
}

} // namespace

TEST_CASE("table_drift: what concerns no used column is nothing") {
  CHECK(after([](table_shape&) {}).what == kind::none);
  CHECK(after([](table_shape& t) { t.columns.erase(t.columns.begin()); }).what == kind::none);
  CHECK(after([](table_shape& t) { t.columns[0].type_oid = oid_of(type_id::text); }).what == kind::none);
  CHECK(after([](table_shape& t) { t.files = "2"; }).what == kind::none);              // VACUUM FULL, TRUNCATE
  CHECK(after([](table_shape& t) { t.columns[1].changed = "8"; }).what == kind::none); // SET DEFAULT
  CHECK(after([](table_shape& t) { t.columns.push_back({4, "new", 25, -1, "text", false, "8"}); }).what == kind::none);
  CHECK(after([](table_shape& t) { t.identity = "d1"; }).what == kind::identity);
}

TEST_CASE("table_drift: a type that takes more values, and one whose values were computed anew") {
  const auto longer = after([](table_shape& t) {
    t.columns[1].typmod = 40 + 4;
    t.columns[1].type_name = "character varying(40)";
    t.columns[1].changed = "8";
  });
  CHECK(longer.what == kind::widened);
  CHECK(longer.text == "table \"public\".\"orders\": column \"region\" is now character varying(40), was character "
                       "varying(20)");
  CHECK(longer.columns == std::vector<std::string>{"region"});
  const auto computed = [](table_shape& t) {
    t.columns[2].changed = "8";
    t.files = "2";
  };
  CHECK(after(computed).what == kind::rewritten);
  CHECK(after(computed).text == "table \"public\".\"orders\": the values of column \"amount\" were rewritten");
  CHECK(after([](table_shape& t) { t.columns[2].not_null = false; }).what == kind::widened);
}

TEST_CASE("table_drift: names that went, and names that mean something else") {
  const auto renamed = after([](table_shape& t) { t.columns[1].name = "area"; });
  CHECK(renamed.what == kind::gone);
  CHECK(renamed.text == "table \"public\".\"orders\": column \"region\" is now called \"area\"");
  CHECK_THAT(renamed.cure, WEIR_CONTAINS("write \"area\""));
  CHECK(after([](table_shape& t) { t.columns.erase(t.columns.begin() + 1); }).what == kind::gone);
  CHECK(after([](table_shape& t) { t.columns[1].number = 4; }).what == kind::rewritten);
  CHECK(after([](table_shape& t) { std::swap(t.columns[1].name, t.columns[0].name); }).what == kind::rewritten);
  CHECK(after([](table_shape& t) { t.name = "old"; }).text == "table \"public\".\"orders\": it is now called "
                                                              "\"public\".\"old\"");
  CHECK(after([](table_shape& t) { t.oid = 101; }).what == kind::replaced);
  CHECK(after([](table_shape& t) {
          t.oid = 101;
          t.columns[1].typmod = -1;
        }).what == kind::rewritten);
  CHECK(capture::compare(source(), shape(), {}).what == kind::gone);
}

TEST_CASE("table_drift: without a look before, the plan is what it was") {
  CHECK(capture::compare(source(), {shape()}).what == kind::none);
  auto now = shape();
  now.columns[1].typmod = -1;
  now.columns[1].type_name = "character varying";
  CHECK(capture::compare(source(), {now}).text ==
        "table \"public\".\"orders\": column \"region\" is now character varying, was character varying(20)");
}

TEST_CASE("table_shape: its text is read as it was written") {
  const auto parsed = parse_shapes(to_text({shape()}));
  REQUIRE(parsed);
  CHECK(*parsed == std::vector<table_shape>{shape()});
  CHECK(parse_shapes("[{]").error().code == errc::invalid_value);
  CHECK(parse_shapes("[{\"schema\": 1}]").error().code == errc::invalid_value);
}
