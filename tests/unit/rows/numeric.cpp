#include "runtime/rows/numeric.hpp"

#include "tests/support/catch.hpp"

namespace weir {
namespace {

numeric of(std::string_view text) {
  auto value = numeric::parse(text);
  INFO(text);
  REQUIRE(value);
  return *std::move(value);
}

std::string shown(const result<numeric>& value) {
  return value ? value->to_string() : std::string(to_string(value.error().code)) + ": " + value.error().message;
}

const std::string overflow = "numeric_value_out_of_range: value overflows numeric format";

TEST_CASE("sums and products have PostgreSQL's display scales", "[rows][numeric]") {
  CHECK(shown(add(of("1.5"), of("2.25"))) == "3.75");
  CHECK(shown(add(of("1.50"), of("-1.5"))) == "0.00");
  CHECK(shown(subtract(of("1"), of("0.001"))) == "0.999");
  CHECK(shown(multiply(of("1.50"), of("2.0"))) == "3.000");
  CHECK(shown(multiply(of("0.00"), of("-5.0"))) == "0.000");
  CHECK(shown(modulo(of("-7.5"), of("2"))) == "-1.5");
  CHECK(shown(modulo(of("7.5"), of("-2.00"))) == "1.50");
}

TEST_CASE("arithmetic goes on beyond 127 bits and comes back", "[rows][numeric]") {
  const auto limit = of("85070591730234615865843651857942052863");
  CHECK(shown(add(limit, of("1"))) == "85070591730234615865843651857942052864");
  CHECK(shown(subtract(*add(limit, of("1")), of("1"))) == "85070591730234615865843651857942052863");
  CHECK(shown(subtract(limit.negated(), of("1"))) == "-85070591730234615865843651857942052864");
  CHECK(shown(multiply(limit, limit)) ==
        "7237005577332262213973186563042994240659232858142066020734411696778686496769");
  CHECK(shown(modulo(*multiply(limit, limit), limit)) == "0");
  CHECK(shown(divide(*multiply(limit, limit), limit)).starts_with("85070591730234615865843651857942052863"));
}

TEST_CASE("quotients have PostgreSQL's display scales", "[rows][numeric]") {
  // As psql shows them.
  CHECK(shown(divide(of("1"), of("3"))) == "0.33333333333333333333");
  CHECK(shown(divide(of("2"), of("3"))) == "0.66666666666666666667");
  CHECK(shown(divide(of("-2"), of("3"))) == "-0.66666666666666666667");
  CHECK(shown(divide(of("10"), of("2"))) == "5.0000000000000000");
  CHECK(shown(divide(of("123456789"), of("3"))) == "41152263.000000000000");
  CHECK(shown(divide(of("1"), of("3.000000000000000000000000"))) == "0.333333333333333333333333");
  CHECK(shown(divide(of("0"), of("7"))) == "0.00000000000000000000");
  CHECK(shown(divide(of("1e100"), of("7"))).size() == 100);
  CHECK(shown(divide(of("1"), of("1e50"))).size() == 2 + 68);
}

TEST_CASE("NaN and infinities", "[rows][numeric]") {
  const auto nan = of("NaN");
  const auto inf = of("Infinity");
  CHECK(shown(add(inf, of("1"))) == "Infinity");
  CHECK(shown(add(of("1"), inf.negated())) == "-Infinity");
  CHECK(shown(subtract(inf, inf)) == "NaN");
  CHECK(shown(add(inf, inf)) == "Infinity");
  CHECK(shown(multiply(inf, of("0"))) == "NaN");
  CHECK(shown(multiply(inf, of("-2"))) == "-Infinity");
  CHECK(shown(divide(of("5.00"), inf)) == "0");
  CHECK(shown(divide(inf, inf)) == "NaN");
  CHECK(shown(divide(inf, of("-1"))) == "-Infinity");
  CHECK(shown(divide(inf, of("0"))) == "division_by_zero: division by zero");
  CHECK(shown(divide(nan, of("0"))) == "NaN");
  CHECK(shown(modulo(of("5.00"), inf)) == "5.00");
  CHECK(shown(modulo(inf, of("5"))) == "NaN");
  CHECK(shown(modulo(inf, of("0"))) == "division_by_zero: division by zero");
  CHECK(shown(divide(of("1"), of("0.00"))) == "division_by_zero: division by zero");
  CHECK(nan == nan);
  CHECK(nan > inf);
  CHECK(inf > of("1e1000"));
  CHECK(inf.negated() < of("-1e1000"));
}

TEST_CASE("order looks at the value, not at the scale", "[rows][numeric]") {
  CHECK(of("1.0") == of("1.00"));
  CHECK(of("0") == of("-0.000"));
  CHECK(of("1e40") == of("1e40"));
  CHECK(of("1e37") == *add(of("1e37"), of("0.0000000000")));
  CHECK(of("99999999999999999999999999999999999999") < of("1e38"));
  CHECK(of("-1e40") < of("1"));
  CHECK(of("0.1") < of("0.10000000000000000000000000000000000000000001"));
}

TEST_CASE("the format's bounds", "[rows][numeric]") {
  const auto large = of("9e131071");
  CHECK(shown(add(large, large)) == overflow);
  CHECK(shown(subtract(large.negated(), large)) == overflow);
  CHECK(shown(multiply(large, of("2"))) == overflow);
  CHECK(shown(divide(large, of("0.01"))) == overflow);
  CHECK(shown(add(large, of("1"))).size() == 131072);
  const auto tiny = of("1e-16000");
  CHECK(multiply(tiny, tiny)->scale() == 16383); // rounded to nothing
  CHECK(multiply(tiny, tiny)->sign() == 0);
}

TEST_CASE("rounding is half away from zero", "[rows][numeric]") {
  CHECK(of("2.5").rounded(0).to_string() == "3");
  CHECK(of("-2.5").rounded(0).to_string() == "-3");
  CHECK(of("2.449").rounded(1).to_string() == "2.4");
  CHECK(of("2").rounded(3).to_string() == "2.000");
  CHECK(of("NaN").rounded(2).to_string() == "NaN");
}

TEST_CASE("floats nearest to a numeric", "[rows][numeric]") {
  CHECK(*of("0.1").to_float8() == 0.1);
  CHECK(*of("9007199254740993").to_float8() == 9007199254740992.0);
  CHECK(*of("9007199254740993.000000000000000000001").to_float8() == 9007199254740994.0);
  CHECK(*of("1e308").to_float8() == 1e308);
  CHECK_FALSE(of("1e309").to_float8());
  CHECK_FALSE(of("1e-400").to_float8());
  CHECK(*of("16777217").to_float4() == 16777216.0);
  CHECK_FALSE(of("1e39").to_float4());
  CHECK(std::isnan(*of("NaN").to_float8()));
}

TEST_CASE("copies and moves of big values are values", "[rows][numeric]") {
  auto a = of("1e60");
  auto b = a;
  auto c = std::move(a);
  b = b.negated();
  CHECK(c.to_string() == "1" + std::string(60, '0'));
  CHECK(b.to_string() == "-1" + std::string(60, '0'));
  a = c;
  CHECK(a == c);
  column out({type_id::numeric, -1});
  a.append_to(out);
  of("2.50").append_to(out);
  CHECK(numeric(out, 0) == c);
  CHECK(numeric(out, 1).to_string() == "2.50");
}

} // namespace
} // namespace weir
