#include "runtime/expr/kernel.hpp"
#include "runtime/rows/datetime_text.hpp"
#include "runtime/rows/numeric.hpp"

namespace weir {
namespace {

void integer_to_numeric(const kernel_frame& f) {
  merge_nulls(f);
  f.out.decimals.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) f.out.decimals[i].coefficient = f.a.values->i64[f.a.at(i)];
}

template <class Float>
void integer_to_float(const kernel_frame& f) {
  merge_nulls(f);
  f.out.f64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) f.out.f64[i] = static_cast<Float>(f.a.values->i64[f.a.at(i)]);
}

using to_float = result<double> (numeric::*)() const;

/// Exact coefficients over exact powers of ten, both below 2^53, give the nearest double by one division.
bool exact_quotient(const decimal& value, double& out) noexcept {
  constexpr int128 exact = int128{1} << 53;
  if (value.form != decimal::kind::finite || value.scale > 15) return false;
  if (value.coefficient > exact || value.coefficient < -exact) return false;
  out = static_cast<double>(static_cast<std::int64_t>(value.coefficient)) /
        static_cast<double>(static_cast<std::int64_t>(powers_of_ten[static_cast<std::size_t>(value.scale)]));
  return true;
}

template <to_float Convert, bool IsDouble>
void numeric_to_float(const kernel_frame& f) {
  merge_nulls(f);
  f.out.f64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] != 0) continue;
    if (IsDouble && exact_quotient(f.a.values->decimals[f.a.at(i)], f.out.f64[i])) continue;
    auto value = (numeric(*f.a.values, f.a.at(i)).*Convert)();
    if (value) {
      f.out.f64[i] = *value;
    } else {
      f.fail(i, value.error().code, std::move(value.error().message));
    }
  }
}

void date_to_timestamp(const kernel_frame& f) {
  constexpr std::int64_t first_day_beyond = 9223371331200000000 / microseconds_per_day;
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    const auto days = f.a.values->i64[f.a.at(i)];
    const bool infinite = days == datetime_infinity || days == datetime_negative_infinity;
    if (f.out.nulls[i] != 0) continue;
    if (!infinite && days >= first_day_beyond) {
      f.fail(i, errc::numeric_value_out_of_range, "date out of range for timestamp");
    } else {
      f.out.i64[i] = infinite ? days : days * microseconds_per_day;
    }
  }
}

} // namespace

bool is_relabelling(type_id from, type_id to) noexcept {
  if (from == to) return true;
  if (is_integer(from) && is_integer(to)) return from < to;
  if (is_string(from) && is_string(to)) return true;
  if (from == type_id::timestamp && to == type_id::timestamptz) return true; // in UTC, as all of weir's sessions are
  return from == type_id::float4 && to == type_id::float8;
}

kernel cast_kernel(type_id from, type_id to) noexcept {
  if (is_integer(from)) {
    switch (to) {
      case type_id::numeric: return integer_to_numeric;
      case type_id::float4: return integer_to_float<float>;
      case type_id::float8: return integer_to_float<double>;
      default: return nullptr;
    }
  }
  if (from == type_id::numeric && to == type_id::float8) return numeric_to_float<&numeric::to_float8, true>;
  if (from == type_id::numeric && to == type_id::float4) return numeric_to_float<&numeric::to_float4, false>;
  if (from == type_id::date && (to == type_id::timestamp || to == type_id::timestamptz)) return date_to_timestamp;
  return nullptr;
}

} // namespace weir
