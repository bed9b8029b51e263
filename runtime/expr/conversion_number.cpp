#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <type_traits>

#include "runtime/expr/cast_kernel.hpp"
#include "runtime/expr/numeric_frame.hpp"
#include "runtime/rows/decimal_text.hpp"
#include "runtime/rows/integer_text.hpp"
#include "runtime/rows/numeric_rounding.hpp"

namespace weir {
namespace {

template <class T>
const char* type_words() noexcept {
  if constexpr (std::is_same_v<T, std::int16_t>) return "smallint";
  if constexpr (std::is_same_v<T, std::int32_t>) return "integer";
  return "bigint";
}

template <class T>
void out_of_range(const kernel_frame& f, std::size_t row) {
  f.fail(row, errc::numeric_value_out_of_range, std::string(type_words<T>()) + " out of range");
}

template <class T>
void integer_to_integer(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    const auto value = f.a.values->i64[f.a.at(i)];
    f.out.i64[i] = value;
    if (f.out.nulls[i] == 0 && value != static_cast<T>(value)) out_of_range<T>(f, i);
  }
}

/// Half to even, as rint has it.
template <class T>
void float_to_integer(const kernel_frame& f) {
  const double end = -static_cast<double>(std::numeric_limits<T>::min());
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] != 0) continue;
    const auto value = std::rint(f.a.values->f64[f.a.at(i)]);
    if (value >= -end && value < end) {
      f.out.i64[i] = static_cast<std::int64_t>(value);
    } else {
      out_of_range<T>(f, i); // NaN too
    }
  }
}

void double_to_real(const kernel_frame& f) {
  merge_nulls(f);
  f.out.f64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] != 0) continue;
    const auto value = f.a.values->f64[f.a.at(i)];
    const auto narrow = static_cast<float>(value);
    f.out.f64[i] = narrow;
    if (std::isinf(narrow) && !std::isinf(value))
      f.fail(i, errc::numeric_value_out_of_range, "value out of range: overflow");
    else if (narrow == 0 && value != 0)
      f.fail(i, errc::numeric_value_out_of_range, "value out of range: underflow");
  }
}

/// Half away from zero.
template <class T>
void numeric_to_integer(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] != 0) continue;
    const auto& value = f.a.values->decimals[f.a.at(i)];
    if (value.form != decimal::kind::finite && value.form != decimal::kind::big) {
      f.fail(i, errc::numeric_value_out_of_range,
             std::string("cannot convert ") + (value.form == decimal::kind::nan ? "NaN" : "infinity") + " to " +
                 type_words<T>());
      continue;
    }
    decimal whole;
    std::int64_t number = 0;
    bool fits = round_small(value, 0, rounding::half_away_from_zero, whole) && fits_int64(whole.coefficient);
    if (fits) {
      number = static_cast<std::int64_t>(whole.coefficient);
    } else if (const auto exact = round_to(numeric(*f.a.values, f.a.at(i)), 0, rounding::half_away_from_zero)) {
      fits = parse_integer(exact->to_string(), number) == parse_outcome::ok;
    }
    f.out.i64[i] = number;
    if (!fits || number != static_cast<T>(number)) out_of_range<T>(f, i);
  }
}

/// The digits that every decimal number of that many digits keeps on its way through the float.
template <int Digits>
void float_to_numeric(const kernel_frame& f) {
  merge_nulls(f);
  f.out.decimals.resize(f.rows);
  std::string big_text;
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] != 0) continue;
    std::array<char, 40> text;
    const auto value = f.a.values->f64[f.a.at(i)];
    const auto size = std::snprintf(text.data(), text.size(), "%.*g", Digits, value);
    const std::string_view written =
        std::isnan(value) ? "NaN" : std::string_view(text.data(), static_cast<std::size_t>(size));
    parse_decimal(written, f.out.decimals[i], big_text);
    if (f.out.decimals[i].form == decimal::kind::big) store(f, i, numeric::parse(written));
  }
}

void fit_numeric(const kernel_frame& f) {
  const int scale = declared_scale(f.out.type).value_or(0);
  const int whole_digits = ((f.out.type.typmod - 4) >> 16) - scale;
  const auto bound = numeric::parse("1e" + std::to_string(whole_digits));
  merge_nulls(f);
  f.out.decimals.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] != 0) continue;
    const auto at = f.a.at(i);
    auto& out = f.out.decimals[i];
    bool fits = false;
    if (round_small(f.a.values->decimals[at], scale, rounding::half_away_from_zero, out)) {
      fits = digit_count(magnitude(out.coefficient)) - scale <= whole_digits;
    } else {
      const numeric value(*f.a.values, at);
      const auto rounded = round_to(value, scale, rounding::half_away_from_zero);
      fits = value.is_nan();
      if (rounded && value.is_finite()) fits = (rounded->sign() < 0 ? rounded->negated() : *rounded) < *bound;
      if (rounded && fits) store(f, i, *rounded);
    }
    if (!fits) f.fail(i, errc::numeric_value_out_of_range, "numeric field overflow");
  }
}

template <class T>
kernel to_integer_kernel(type_id from) noexcept {
  if (is_integer(from)) return integer_to_integer<T>;
  return is_float(from) ? float_to_integer<T> : numeric_to_integer<T>;
}

} // namespace

kernel narrowing_kernel(type_id from, type_id to) noexcept {
  switch (to) {
    case type_id::int2: return to_integer_kernel<std::int16_t>(from);
    case type_id::int4: return to_integer_kernel<std::int32_t>(from);
    case type_id::int8: return to_integer_kernel<std::int64_t>(from);
    case type_id::float4: return from == type_id::float8 ? double_to_real : nullptr;
    default: return nullptr;
  }
}

kernel float_to_numeric_kernel(type_id from) noexcept {
  return from == type_id::float4 ? float_to_numeric<std::numeric_limits<float>::digits10>
                                 : float_to_numeric<std::numeric_limits<double>::digits10>;
}

kernel fit_numeric_kernel() noexcept { return fit_numeric; }

} // namespace weir
