#include "runtime/rows/exact_sum.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "runtime/base/random.hpp"
#include "runtime/rows/numeric.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir {
namespace {

static_assert(sizeof(exact_decimal_sum) <= 64 && sizeof(exact_binary_sum) <= 64);

std::string text_of(const exact_decimal_sum& sum, int scale = 0) {
  std::string out;
  sum.write_text(out, scale);
  column c({type_id::numeric, -1});
  sum.append_to(c, scale);
  std::string from_column;
  write_text(c, 0, from_column);
  CHECK(out == from_column);
  return out;
}

std::string text_of(const exact_binary_sum& sum) {
  std::string out;
  sum.write_text(out);
  column c({type_id::numeric, -1});
  sum.append_to(c);
  std::string from_column;
  write_text(c, 0, from_column);
  CHECK(out == from_column);
  return out;
}

column numerics(std::initializer_list<const char*> texts) {
  column c({type_id::numeric, -1});
  for (const char* text : texts) REQUIRE(append_text(c, text));
  return c;
}

TEST_CASE("a decimal sum shows as many digits as it needs and is told to", "[rows][sum]") {
  exact_decimal_sum sum;
  CHECK(sum.is_zero());
  CHECK(text_of(sum) == "0");
  CHECK(text_of(sum, 2) == "0.00");
  const auto values = numerics({"1.50", "2.5", "0.001", "1e50", "NaN"});
  sum.add(values, 0, 2);
  sum.add(values, 1, 1);
  CHECK(text_of(sum) == "5.5");
  CHECK(text_of(sum, 2) == "5.50");
  CHECK(sum.scale() == 2);
  sum.add(values, 2, 1);
  CHECK(text_of(sum, 2) == "5.501");
  sum.add(values, 3, 1);
  CHECK(text_of(sum, 2) == "1" + std::string(49, '0') + "5.501");
  sum.add(values, 4, 1); // NaN has a count of its own
  sum.add(values, 3, -1);
  sum.add(values, 2, -1);
  sum.add(values, 1, -1);
  sum.add(values, 0, -2);
  CHECK(sum.is_zero());
  CHECK(text_of(sum, 1) == "0.0");
  CHECK(sum.scale() == 3);
}

TEST_CASE("a decimal sum of integers beyond 128 bits", "[rows][sum]") {
  exact_decimal_sum sum;
  const auto least = std::numeric_limits<std::int64_t>::min();
  for (int i = 0; i < 5; ++i) sum.add_integer(least, least);
  CHECK(text_of(sum) == "425352958651173079329218259289710264320"); // 5 * 2^126
  for (int i = 0; i < 5; ++i) sum.add_integer(least, -std::numeric_limits<std::int64_t>::max());
  CHECK(text_of(sum) == "850705917302346158612319658395146649600"); // 5 * (2^126 + 2^63 * (2^63 - 1))
}

TEST_CASE("a column of integers or nulls is summed as it is", "[rows][sum]") {
  column c({type_id::int4, -1});
  c.append_i64(7);
  c.append_null();
  exact_decimal_sum sum;
  sum.add(c, 0, -3);
  sum.add(c, 1, 100);
  CHECK(text_of(sum) == "-21");
}

TEST_CASE("decimal sums equal sums of numerics, in any order and split", "[rows][sum]") {
  seeded_random random(test::seed());
  for (int round = 0; round < 200; ++round) {
    exact_decimal_sum parts[3];
    numeric model;
    for (int i = 0; i < 30; ++i) {
      std::string text = random.chance(1, 2) ? "-" : "";
      for (auto n = 1 + random.below(random.chance(1, 5) ? 60 : 12); n > 0; --n)
        text += static_cast<char>('0' + random.below(10));
      if (random.chance(2, 3)) {
        text += '.';
        for (auto n = 1 + random.below(random.chance(1, 5) ? 50 : 4); n > 0; --n)
          text += static_cast<char>('0' + random.below(10));
      }
      const auto value = numerics({text.c_str()});
      const auto weight = random.chance(1, 10) ? static_cast<std::int64_t>(random.next())
                                               : static_cast<std::int64_t>(random.below(7)) - 3;
      parts[random.below(3)].add(value, 0, weight);
      model = *add(model, *multiply(numeric(value, 0), numeric(weight)));
    }
    auto sum = parts[0];
    sum.merge(parts[1]);
    exact_decimal_sum other = std::move(parts[2]);
    other.merge(sum);
    REQUIRE(*numeric::parse(text_of(other)) == model);
    REQUIRE(text_of(other, 110) == model.rounded(110).to_string());
    CHECK(other.is_zero() == (model.sign() == 0));
  }
}

TEST_CASE("a binary sum is exact", "[rows][sum]") {
  exact_binary_sum sum;
  CHECK(text_of(sum) == "0");
  sum.add(0.1, 1);
  CHECK(text_of(sum) == "0.1000000000000000055511151231257827021181583404541015625");
  sum.add(1e300, 1);
  sum.add(5e-324, 1);
  sum.add(-1e300, 1);
  sum.add(0.1, -1);
  CHECK_FALSE(sum.is_zero());
  CHECK(text_of(sum).size() == 2 + 1074);
  sum.add(5e-324, -1);
  CHECK(sum.is_zero());
  CHECK(text_of(sum) == "0");
  sum.add(std::numeric_limits<double>::infinity(), 1); // has a count of its own
  sum.add(std::nan(""), 1);
  sum.add(-0.0, 1);
  CHECK(sum.is_zero());
  sum.add(-3, 2);
  CHECK(text_of(sum) == "-6");
  sum.add(1.7976931348623157e308, 3);
  CHECK(text_of(sum).size() == 309);
}

/// The exact decimal of mantissa * 2^exponent, by way of numerics.
numeric exact(double value) {
  int exponent = 0;
  numeric out(static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), 53)));
  exponent -= 53;
  const auto factor = *numeric::parse(exponent < 0 ? "0.5" : "2");
  for (int i = std::abs(exponent); i > 0; --i) out = *multiply(out, factor);
  return out;
}

TEST_CASE("binary sums equal sums of exact numerics, in any order and split", "[rows][sum]") {
  seeded_random random(test::seed());
  for (int round = 0; round < 60; ++round) {
    const int spread = round % 3 == 0 ? 300 : 20;
    exact_binary_sum parts[3];
    numeric model;
    for (int i = 0; i < 12; ++i) {
      const auto mantissa = static_cast<double>(static_cast<std::int64_t>(random.next()) >> random.below(60));
      const auto value =
          std::ldexp(mantissa, static_cast<int>(random.below(static_cast<std::uint64_t>(spread))) - spread / 2);
      const auto weight = random.chance(1, 10) ? static_cast<std::int64_t>(random.next())
                                               : static_cast<std::int64_t>(random.below(7)) - 3;
      parts[random.below(3)].add(value, weight);
      model = *add(model, *multiply(exact(value), numeric(weight)));
    }
    exact_binary_sum sum = parts[0];
    sum.merge(parts[1]);
    exact_binary_sum other = std::move(parts[2]);
    other.merge(sum);
    REQUIRE(*numeric::parse(text_of(other)) == model);
    CHECK(other.is_zero() == (model.sign() == 0));
  }
}

TEST_CASE("rows that come and go leave nothing behind", "[rows][sum]") {
  seeded_random random(test::seed());
  exact_binary_sum binary;
  exact_decimal_sum decimal;
  std::vector<double> values;
  for (int i = 0; i < 2000; ++i) {
    double value = std::bit_cast<double>(random.next());
    if (!std::isfinite(value)) value = 0.3;
    values.push_back(value);
    binary.add(value, 1);
    decimal.add_integer(static_cast<std::int64_t>(random.below(1000)), 1);
  }
  for (const double value : values) binary.add(value, -1);
  CHECK(binary.is_zero());
  CHECK_FALSE(decimal.is_zero());
}

} // namespace
} // namespace weir
