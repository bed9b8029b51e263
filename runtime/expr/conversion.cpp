#include <limits>

#include "runtime/expr/cast_kernel.hpp"
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

void timestamp_to_date(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    const auto moment = f.a.values->i64[f.a.at(i)];
    const bool infinite = moment == datetime_infinity || moment == datetime_negative_infinity;
    const auto days = moment / microseconds_per_day - (moment % microseconds_per_day < 0 ? 1 : 0);
    f.out.i64[i] = infinite ? moment : days;
  }
}

void boolean_from_integer(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) f.out.i64[i] = f.a.values->i64[f.a.at(i)] != 0 ? 1 : 0;
}

/// An infinite moment has no time of day: null.
void timestamp_to_time(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    const auto moment = f.a.values->i64[f.a.at(i)];
    f.out.nulls[i] |= is_infinite_datetime(moment) ? 1 : 0;
    f.out.i64[i] = split_moment(moment).time;
  }
}

void time_to_interval(const kernel_frame& f) {
  merge_nulls(f);
  f.out.intervals.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) f.out.intervals[i].time = f.a.values->i64[f.a.at(i)];
}

/// The time of day of what is left of whole days; days and months do not count. Close to the least number PostgreSQL 15
/// overflows and makes times of more than a day, which it cannot read itself: these fail here.
void interval_to_time(const kernel_frame& f) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min() + microseconds_per_day;
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    const auto time = f.a.values->intervals[f.a.at(i)].time;
    f.out.i64[i] = split_moment(time).time;
    if (f.out.nulls[i] == 0 && time < least) f.fail(i, errc::numeric_value_out_of_range, "interval out of range");
  }
}

kernel to_number_kernel(type_id from, type_id to) noexcept {
  if (is_integer(to)) return narrowing_kernel(from, to);
  if (is_float(from)) return to == type_id::numeric ? float_to_numeric_kernel(from) : narrowing_kernel(from, to);
  if (is_integer(from)) {
    switch (to) {
      case type_id::numeric: return integer_to_numeric;
      case type_id::float4: return integer_to_float<float>;
      default: return integer_to_float<double>;
    }
  }
  return to == type_id::float8 ? numeric_to_float<&numeric::to_float8, true>
                               : numeric_to_float<&numeric::to_float4, false>;
}

} // namespace

bool is_relabelling(type_id from, type_id to) noexcept {
  if (from == to) return true;
  if (is_integer(from) && is_integer(to)) return from < to;
  if (is_string(to))
    return is_string(from) || from == type_id::uuid || from == type_id::character || from == type_id::opaque ||
           from == type_id::citext;
  if (from == type_id::boolean && to == type_id::int4) return true;
  if (from == type_id::timestamp && to == type_id::timestamptz) return true; // in UTC, as all of weir's sessions are
  return from == type_id::float4 && to == type_id::float8;
}

kernel cast_kernel(type_id from, type_id to) noexcept {
  if (is_number(from) && is_number(to)) return to_number_kernel(from, to);
  if (is_string(to)) return to_text_kernel(from);
  if (is_string(from)) return from_text_kernel(to);
  if (from == type_id::int4 && to == type_id::boolean) return boolean_from_integer;
  if (from == type_id::date && (to == type_id::timestamp || to == type_id::timestamptz)) return date_to_timestamp;
  if (from == type_id::timestamp && to == type_id::date) return timestamp_to_date;
  if (from == type_id::timestamp && to == type_id::time) return timestamp_to_time;
  if (from == type_id::time && to == type_id::interval) return time_to_interval;
  if (from == type_id::interval && to == type_id::time) return interval_to_time;
  return nullptr;
}

bool is_immutable_cast(type_id from, type_id to) noexcept {
  // how dates and intervals are written depends on a setting of the session
  return !is_string(to) || (from != type_id::date && from != type_id::timestamp && from != type_id::interval);
}

} // namespace weir
