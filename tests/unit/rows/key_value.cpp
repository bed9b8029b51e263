#include "runtime/rows/key_value.hpp"

#include <limits>

#include "tests/support/catch.hpp"

namespace weir {
namespace {

canonical_decimal canonical_of(const std::string& text) {
  column c({type_id::numeric});
  REQUIRE(append_text(c, text));
  return canonical(c, 0);
}

TEST_CASE("a canonical numeric has no zeros at the end of its fraction", "[operators]") {
  const auto c = canonical_of("12.3400");
  CHECK(c.form == decimal::kind::finite);
  CHECK(c.scale == 2);
  CHECK((c.coefficient == 1234));
}

TEST_CASE("a canonical integer keeps its zeros", "[operators]") {
  const auto c = canonical_of("1200");
  CHECK(c.scale == 0);
  CHECK((c.coefficient == 1200));
}

TEST_CASE("zero has one canonical form", "[operators]") {
  for (const auto* text : {"0.000", "-0", "-0.0"}) CHECK(canonical_of(text) == canonical_of("0"));
}

TEST_CASE("where the form changes, equal values still have the same one", "[operators]") {
  const std::string zeros(30, '0');
  for (const std::string& nines : {std::string(36, '9'), std::string(37, '9'), std::string(38, '9'),
                                   "1" + std::string(37, '0'), "1" + std::string(38, '0'),
                                   std::string("85070591730234615865843651857942052863"), // 2^126 - 1
                                   std::string("85070591730234615865843651857942052864")}) {
    INFO(nines);
    CHECK(canonical_of(nines) == canonical_of(nines + "." + zeros));
    CHECK(canonical_of("-" + nines) == canonical_of("-" + nines + "." + zeros));
    CHECK_FALSE(canonical_of(nines) == canonical_of("-" + nines));
    CHECK_FALSE(canonical_of(nines) == canonical_of(nines + ".1"));
  }
}

TEST_CASE("the place of the point matters in long numerics", "[operators]") {
  const std::string digits(50, '7');
  CHECK_FALSE(canonical_of(digits + ".7") == canonical_of(digits.substr(1) + ".77"));
}

TEST_CASE("NaN and the infinities are three values", "[operators]") {
  CHECK(canonical_of("NaN") == canonical_of("nan"));
  CHECK_FALSE(canonical_of("NaN") == canonical_of("Infinity"));
  CHECK_FALSE(canonical_of("Infinity") == canonical_of("-Infinity"));
  CHECK_FALSE(canonical_of("NaN") == canonical_of("0"));
}

TEST_CASE("equal floats have equal bits", "[operators]") {
  using limits = std::numeric_limits<double>;
  CHECK(float_key_bits(0.0) == float_key_bits(-0.0));
  CHECK(float_key_bits(limits::quiet_NaN()) == float_key_bits(-limits::signaling_NaN()));
  CHECK(float_key_bits(1.0) != float_key_bits(-1.0));
  CHECK(float_key_bits(limits::infinity()) != float_key_bits(limits::quiet_NaN()));
  CHECK(float_key_bits(limits::denorm_min()) != float_key_bits(0.0));
}

} // namespace
} // namespace weir
