// Numeric's arithmetic against the arithmetic of school: digits in a list, carries by hand.

#include <algorithm>

#include "runtime/rows/numeric.hpp"
#include "tests/property/expr_samples.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir::test {
namespace {

/// Decimal digits, the lowest first, without leading zeros.
using digit_list = std::vector<int>;

void trim(digit_list& d) {
  while (!d.empty() && d.back() == 0) d.pop_back();
}

int order_of(const digit_list& a, const digit_list& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  for (std::size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

digit_list plus(const digit_list& a, const digit_list& b) {
  digit_list out;
  for (std::size_t i = 0, carry = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
    const auto sum = (i < a.size() ? a[i] : 0) + (i < b.size() ? b[i] : 0) + static_cast<int>(carry);
    out.push_back(sum % 10);
    carry = static_cast<std::size_t>(sum / 10);
  }
  return out;
}

/// a - b, where a >= b.
digit_list minus(digit_list a, const digit_list& b) {
  int borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] -= (i < b.size() ? b[i] : 0) + borrow;
    borrow = a[i] < 0 ? 1 : 0;
    a[i] += borrow * 10;
  }
  trim(a);
  return a;
}

digit_list times(const digit_list& a, const digit_list& b) {
  digit_list out(a.size() + b.size() + 1, 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      out[i + j] += a[i] * b[j];
      out[i + j + 1] += out[i + j] / 10;
      out[i + j] %= 10;
    }
  }
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    out[i + 1] += out[i] / 10;
    out[i] %= 10;
  }
  trim(out);
  return out;
}

/// Long division: a becomes the remainder, the quotient is returned.
digit_list divided(digit_list& a, const digit_list& b) {
  digit_list quotient;
  digit_list rest;
  for (std::size_t i = a.size(); i-- > 0;) {
    rest.insert(rest.begin(), a[i]);
    trim(rest);
    int digit = 0;
    for (; order_of(rest, b) >= 0; ++digit) rest = minus(rest, b);
    quotient.insert(quotient.begin(), digit);
  }
  a = rest;
  trim(quotient);
  return quotient;
}

/// A finite number as its sign, digits and scale; made from text and shown as text only.
struct school_number {
  bool negative = false;
  digit_list digits;
  int scale = 0;

  static school_number of(const std::string& text) {
    school_number n;
    bool point = false;
    for (const char c : text) {
      if (c == '-') n.negative = true;
      if (c == '.') point = true;
      if (c < '0' || c > '9') continue;
      n.digits.insert(n.digits.begin(), c - '0');
      if (point) ++n.scale;
    }
    trim(n.digits);
    return n;
  }

  std::string shown() const {
    std::string out;
    for (std::size_t i = 0; i < std::max(digits.size(), static_cast<std::size_t>(scale) + 1); ++i) {
      if (i == static_cast<std::size_t>(scale) && i > 0) out.push_back('.');
      out.push_back(static_cast<char>('0' + (i < digits.size() ? digits[i] : 0)));
    }
    if (negative && !digits.empty()) out.push_back('-');
    std::reverse(out.begin(), out.end());
    return out;
  }

  digit_list at_scale(int wanted) const {
    auto out = digits;
    out.insert(out.begin(), static_cast<std::size_t>(wanted - scale), 0);
    trim(out);
    return out;
  }
};

school_number sum(const school_number& a, school_number b, bool subtract) {
  b.negative ^= subtract;
  school_number out;
  out.scale = std::max(a.scale, b.scale);
  const auto x = a.at_scale(out.scale);
  const auto y = b.at_scale(out.scale);
  const bool a_larger = order_of(x, y) >= 0;
  out.negative = a_larger ? a.negative : b.negative;
  out.digits = a.negative == b.negative ? plus(x, y) : a_larger ? minus(x, y) : minus(y, x);
  return out;
}

school_number product(const school_number& a, const school_number& b) {
  return {a.negative != b.negative, times(a.digits, b.digits), a.scale + b.scale};
}

school_number remainder(const school_number& a, const school_number& b) {
  school_number out{a.negative, {}, std::max(a.scale, b.scale)};
  out.digits = a.at_scale(out.scale);
  divided(out.digits, b.at_scale(out.scale));
  return out;
}

/// The quotient at a scale that PostgreSQL chose, rounded half away from zero.
school_number quotient(const school_number& a, const school_number& b, int scale) {
  auto dividend = a.digits;
  auto divisor = b.digits;
  const int lift = scale + b.scale - a.scale;
  auto& lifted = lift < 0 ? divisor : dividend;
  lifted.insert(lifted.begin(), static_cast<std::size_t>(lift < 0 ? -lift : lift), 0);
  trim(lifted);
  school_number out{a.negative != b.negative, divided(dividend, divisor), scale};
  if (order_of(plus(dividend, dividend), divisor) >= 0) out.digits = plus(out.digits, {1});
  return out;
}

TEST_CASE("numeric computes what is computed by hand", "[rows][numeric]") {
  seeded_random random(seed());
  samples sample(random);
  int compared = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto x = *numeric::parse(sample.of(type_id::numeric));
    const auto y = *numeric::parse(sample.of(type_id::numeric));
    if (!x.is_finite() || !y.is_finite()) continue;
    ++compared;
    const auto a = school_number::of(x.to_string());
    const auto b = school_number::of(y.to_string());
    INFO(x.to_string() << " and " << y.to_string());
    REQUIRE(a.shown() == x.to_string());
    REQUIRE(add(x, y)->to_string() == sum(a, b, false).shown());
    REQUIRE(subtract(x, y)->to_string() == sum(a, b, true).shown());
    REQUIRE(multiply(x, y)->to_string() == product(a, b).shown());
    const auto difference = sum(a, b, true);
    REQUIRE((x < y) == (difference.negative && !difference.digits.empty()));
    REQUIRE((x == y) == difference.digits.empty());
    if (y.sign() == 0) continue;
    REQUIRE(modulo(x, y)->to_string() == remainder(a, b).shown());
    const auto ratio = divide(x, y);
    REQUIRE(ratio->to_string() == quotient(a, b, ratio->scale()).shown());
    // 16 significant digits or more, up to the largest scale.
    const auto significant = school_number::of(ratio->to_string()).digits.size();
    REQUIRE((significant >= 16 || x.sign() == 0 || ratio->scale() == 1000));
  }
  CHECK(compared > 1000);
}

} // namespace
} // namespace weir::test
