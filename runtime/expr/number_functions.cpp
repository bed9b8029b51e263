#include <algorithm>
#include <cmath>
#include <type_traits>

#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/numeric_frame.hpp"
#include "runtime/rows/decimal_text.hpp"
#include "runtime/rows/numeric_rounding.hpp"

namespace weir {
namespace {

template <class T>
const char* overflow_words() noexcept {
  if constexpr (std::is_same_v<T, std::int16_t>) return "smallint out of range";
  if constexpr (std::is_same_v<T, std::int32_t>) return "integer out of range";
  return "bigint out of range";
}

template <class T>
void abs_of_integers(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    const auto value = f.a.values->i64[f.a.at(i)];
    if (f.out.nulls[i] == 0 && value == std::numeric_limits<T>::min()) {
      f.fail(i, errc::numeric_value_out_of_range, overflow_words<T>());
    } else {
      f.out.i64[i] = value < 0 && value != std::numeric_limits<std::int64_t>::min() ? -value : value;
    }
  }
}

double sign_of(double x) noexcept { return x > 0 ? 1 : x < 0 ? -1 : 0; }

template <double (*Compute)(double)>
void of_floats(const kernel_frame& f) {
  merge_nulls(f);
  f.out.f64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) f.out.f64[i] = Compute(f.a.values->f64[f.a.at(i)]);
}

double absolute(double x) noexcept { return std::fabs(x); }
double up(double x) noexcept { return std::ceil(x); }
double down(double x) noexcept { return std::floor(x); }
double nearest(double x) noexcept { return std::rint(x); } // half to even
double toward_zero(double x) noexcept { return std::trunc(x); }

kernel float_function(function f) noexcept {
  switch (f) {
    case function::abs: return of_floats<absolute>;
    case function::sign: return of_floats<sign_of>;
    case function::ceil: return of_floats<up>;
    case function::floor: return of_floats<down>;
    case function::round: return of_floats<nearest>;
    case function::trunc: return of_floats<toward_zero>;
    default: return nullptr;
  }
}

/// Calls compute(value) where the value is not null.
template <class Compute>
void of_numerics(const kernel_frame& f, Compute compute) {
  merge_nulls(f);
  f.out.decimals.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i)
    if (f.out.nulls[i] == 0) store(f, i, compute(numeric(*f.a.values, f.a.at(i))));
}

void abs_of_numerics(const kernel_frame& f) {
  of_numerics(f, [](const numeric& x) { return x.sign() < 0 ? x.negated() : x; });
}

void sign_of_numerics(const kernel_frame& f) {
  of_numerics(f, [](const numeric& x) { return x.is_nan() ? x : numeric(static_cast<std::int64_t>(x.sign())); });
}

template <rounding How>
void round_numerics(const kernel_frame& f) {
  constexpr std::int64_t most_digits = numeric_max_integer_digits + 1;
  merge_nulls(f);
  f.out.decimals.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] != 0) continue;
    const auto wanted = f.b.values == nullptr ? 0 : f.b.values->i64[f.b.at(i)];
    const auto scale = static_cast<int>(std::clamp<std::int64_t>(wanted, -most_digits, numeric_max_scale));
    const auto at = f.a.at(i);
    if (round_small(f.a.values->decimals[at], scale, How, f.out.decimals[i])) continue;
    store(f, i, round_to(numeric(*f.a.values, at), scale, How));
  }
}

void divide_numerics(const kernel_frame& f) {
  merge_nulls(f);
  f.out.decimals.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i)
    if (f.out.nulls[i] == 0)
      store(f, i, divide_truncating(numeric(*f.a.values, f.a.at(i)), numeric(*f.b.values, f.b.at(i))));
}

kernel numeric_function(function f) noexcept {
  switch (f) {
    case function::abs: return abs_of_numerics;
    case function::sign: return sign_of_numerics;
    case function::ceil: return round_numerics<rounding::up>;
    case function::floor: return round_numerics<rounding::down>;
    case function::round: return round_numerics<rounding::half_away_from_zero>;
    case function::trunc: return round_numerics<rounding::toward_zero>;
    case function::div: return divide_numerics;
    default: return nullptr;
  }
}

} // namespace

kernel number_function_kernel(function f, type_id id, bool with_scale) noexcept {
  switch (id) {
    case type_id::int2: return f == function::abs ? abs_of_integers<std::int16_t> : nullptr;
    case type_id::int4: return f == function::abs ? abs_of_integers<std::int32_t> : nullptr;
    case type_id::int8: return f == function::abs ? abs_of_integers<std::int64_t> : nullptr;
    case type_id::float4: return f == function::abs ? of_floats<absolute> : nullptr;
    case type_id::float8: return with_scale ? nullptr : float_function(f);
    case type_id::numeric: return numeric_function(f);
    default: return nullptr;
  }
}

} // namespace weir
