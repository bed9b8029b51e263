#include <memory>

#include "tests/support/catch.hpp"
#include "tests/unit/expr/build.hpp"
#include "tests/unit/expr/values.hpp"

// Types whose values are compared by more than their texts: by places of labels, by small letters.

namespace weir::test {
namespace {

const data_type mood{type_id::verbatim, -1, "public.mood",
                     std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"sad", "ok", "happy"})};
const data_type citext{type_id::citext, -1, "public.citext", {}, letter_cases::read("AaBbÄä", "aA")};

expression first_column(const data_type& type) {
  auto e = column_of(type.id, 0);
  e.type = type;
  return e;
}

std::string compared(operation op, function f, type_id as, const data_type& type, const char* other, const char* rows) {
  return values_of(
      node(op, type_id::boolean, {call_of(f, as, {first_column(type)}), call_of(f, as, {literal(type, other)})}),
      rows_of(rows));
}

TEST_CASE("labels of an enum are in the order in which it has them", "[expr]") {
  constexpr const char* rows = "m:verbatim\n+ sad\n+ ok\n+ happy\n+ null\n";
  const auto of = [&](operation op) { return compared(op, function::label_place, type_id::int4, mood, "ok", rows); };
  CHECK(of(operation::less) == "t f f null");
  CHECK(of(operation::greater_equal) == "f t t null");
}

TEST_CASE("a label of which nobody knows the place fails its row", "[expr]") {
  CHECK(compared(operation::less, function::label_place, type_id::int4, mood, "ok", "m:verbatim\n+ sad\n+ odd\n") ==
        "t !\"odd\" is no label that public.mood had when weir started: where it is among them is not known");
}

TEST_CASE("citext is compared by its small letters", "[expr]") {
  constexpr const char* rows = "e:citext\n+ ab\n+ ÄB\n+ Äb\n+ 'äb '\n+ null\n";
  const auto of = [&](operation op) {
    return compared(op, function::small_letters, type_id::text, citext, "ÄB", rows);
  };
  CHECK(of(operation::equal) == "f t t f null");
  CHECK(of(operation::less) == "t f f f null");
}

TEST_CASE("small letters of what no database was asked about are none", "[expr]") {
  data_type unknown = citext;
  unknown.cases.reset();
  CHECK_FALSE(evaluator::make(call_of(function::small_letters, type_id::text, {first_column(unknown)})));
}

} // namespace
} // namespace weir::test
