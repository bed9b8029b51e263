#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/temporal_frame.hpp"

// Sums and differences of dates, times and intervals, as timestamp.c and date.c have them.
namespace weir {
namespace {

template <bool Add>
void shift_date(const kernel_frame& f) {
  for_values(f, &column::i64, [&](std::size_t i) {
    const auto date = number_at(f.a, i);
    const auto shifted = Add ? date + number_at(f.b, i) : date - number_at(f.b, i);
    if (is_infinite_datetime(date)) {
      f.out.i64[i] = date;
    } else if (is_valid_date(shifted)) {
      f.out.i64[i] = shifted;
    } else {
      out_of_range(f, i, "date");
    }
  });
}

void days_between(const kernel_frame& f) {
  for_values(f, &column::i64, [&](std::size_t i) {
    const auto a = number_at(f.a, i);
    const auto b = number_at(f.b, i);
    if (is_infinite_datetime(a) || is_infinite_datetime(b))
      return f.fail(i, errc::numeric_value_out_of_range, "cannot subtract infinite dates");
    f.out.i64[i] = a - b;
  });
}

/// The difference wraps around where it does not fit, as in PostgreSQL 15.
void moments_between(const kernel_frame& f) {
  for_values(f, &column::intervals, [&](std::size_t i) {
    const auto a = number_at(f.a, i);
    const auto b = number_at(f.b, i);
    if (is_infinite_datetime(a) || is_infinite_datetime(b))
      return f.fail(i, errc::numeric_value_out_of_range, "cannot subtract infinite timestamps");
    const auto time = wrapping_subtract(a, b);
    f.out.intervals[i] = {time % microseconds_per_day, static_cast<std::int32_t>(time / microseconds_per_day), 0};
  });
}

void times_between(const kernel_frame& f) {
  for_values(f, &column::intervals, [&](std::size_t i) {
    f.out.intervals[i] = {number_at(f.a, i) - number_at(f.b, i), 0, 0};
  });
}

/// A moment as PostgreSQL's date2timestamp makes it of a date; false if it has none.
bool moment_of_date(std::int64_t days, std::int64_t& moment) noexcept {
  moment = days;
  if (is_infinite_datetime(days)) return true;
  if (days >= end_of_timestamps / microseconds_per_day) return false;
  moment = days * microseconds_per_day;
  return true;
}

void date_out_of_range(const kernel_frame& f, std::size_t row) {
  f.fail(row, errc::numeric_value_out_of_range, "date out of range for timestamp");
}

/// timestamp_pl_interval: months, then days, then time; each step has to stay in range. Months clip the day.
bool shift_moment(std::int64_t& moment, const interval& by) noexcept {
  if (is_infinite_datetime(moment)) return true;
  if (by.months != 0) {
    const auto [days, time] = split_moment(moment);
    const auto date = civil_from_days(days);
    const auto months = date.year * 12 + date.month - 1 + by.months;
    const auto year = months >= 0 ? months / 12 : -((11 - months) / 12);
    const auto month = static_cast<unsigned>(months - year * 12 + 1);
    const auto day = date.day < days_in_month(year, month) ? date.day : days_in_month(year, month);
    const auto shifted = days_from_civil(year, month, day);
    if (shifted < first_day || shifted >= end_of_timestamps / microseconds_per_day) return false;
    moment = shifted * microseconds_per_day + time;
  }
  if (by.days != 0) {
    const auto [days, time] = split_moment(moment);
    const auto shifted = days + by.days;
    if (shifted < first_day || shifted >= end_of_timestamps / microseconds_per_day) return false;
    moment = shifted * microseconds_per_day + time;
  }
  return !__builtin_add_overflow(moment, by.time, &moment) && is_valid_timestamp(moment);
}

/// As 0 - x in int32 and int64, which wrap around.
interval opposite(const interval& x) noexcept {
  const auto flip = [](std::int32_t v) { return static_cast<std::int32_t>(0U - static_cast<std::uint32_t>(v)); };
  return {wrapping_subtract(0, x.time), flip(x.days), flip(x.months)};
}

/// A date or a moment, and an interval.
template <bool OfDate, bool Add>
void shift_by_interval(const kernel_frame& f) {
  for_values(f, &column::i64, [&](std::size_t i) {
    auto moment = number_at(f.a, i);
    if (OfDate && !moment_of_date(moment, moment)) return date_out_of_range(f, i);
    const auto& span = interval_at(f.b, i);
    if (!shift_moment(moment, Add ? span : opposite(span))) return out_of_range(f, i, "timestamp");
    f.out.i64[i] = moment;
  });
}

template <bool Add>
void shift_time(const kernel_frame& f) {
  for_values(f, &column::i64, [&](std::size_t i) {
    const auto time = number_at(f.a, i);
    const auto span = interval_at(f.b, i).time;
    f.out.i64[i] = split_moment(Add ? wrapping_add(time, span) : wrapping_subtract(time, span)).time;
  });
}

void date_and_time(const kernel_frame& f) {
  for_values(f, &column::i64, [&](std::size_t i) {
    std::int64_t moment = 0;
    if (!moment_of_date(number_at(f.a, i), moment)) return date_out_of_range(f, i);
    if (is_infinite_datetime(moment)) {
      f.out.i64[i] = moment;
    } else {
      store_timestamp(f, i, moment + number_at(f.b, i));
    }
  });
}

bool is_timestamp(type_id id) noexcept { return id == type_id::timestamp || id == type_id::timestamptz; }

kernel sum_kernel(type_id left, type_id right) noexcept {
  if (left == type_id::date && is_integer(right)) return shift_date<true>;
  if (left == type_id::date && right == type_id::time) return date_and_time;
  if (right != type_id::interval) return nullptr;
  if (left == type_id::date) return shift_by_interval<true, true>;
  if (left == type_id::time) return shift_time<true>;
  return is_timestamp(left) ? shift_by_interval<false, true> : nullptr;
}

kernel difference_kernel(type_id left, type_id right) noexcept {
  if (left == type_id::date && is_integer(right)) return shift_date<false>;
  if (left == type_id::date && right == type_id::date) return days_between;
  if (is_timestamp(left) && left == right) return moments_between;
  if (left == type_id::time && right == type_id::time) return times_between;
  if (right != type_id::interval) return nullptr;
  if (left == type_id::date) return shift_by_interval<true, false>;
  if (left == type_id::time) return shift_time<false>;
  return is_timestamp(left) ? shift_by_interval<false, false> : nullptr;
}

} // namespace

kernel temporal_arithmetic_kernel(function f, type_id left, type_id right) noexcept {
  if (const auto of_intervals = interval_arithmetic_kernel(f, left, right)) return of_intervals;
  if (f == function::plus) return sum_kernel(left, right);
  return f == function::minus ? difference_kernel(left, right) : nullptr;
}

} // namespace weir
