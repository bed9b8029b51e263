#include <limits>

#include "runtime/expr/calendar_field.hpp"
#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/numeric_frame.hpp"
#include "runtime/expr/temporal_frame.hpp"

// extract and date_part: the fields of a value as exact numerics, or as floats computed as PostgreSQL computes them.
namespace weir {
namespace {

using field = calendar_field;

constexpr std::int64_t unix_epoch = -10957 * microseconds_per_day; // since 2000-01-01

/// Seconds and fractions of a time of day, or of an interval, whose parts may be negative.
struct clock_parts {
  std::int64_t hours;
  std::int64_t minutes;
  std::int64_t seconds;
  std::int64_t fraction; ///< microseconds

  explicit clock_parts(std::int64_t time)
      : hours(time / (3600 * microseconds_per_second)), minutes(time / (60 * microseconds_per_second) % 60),
        seconds(time / microseconds_per_second % 60), fraction(time % microseconds_per_second) {}
  std::int64_t below_minute() const noexcept { return seconds * microseconds_per_second + fraction; }
};

/// Writes one row's field as numeric.
class numeric_field {
public:
  static auto elements() { return &column::decimals; }
  numeric_field(const kernel_frame& f, std::size_t row) : f_(f), row_(row) {}

  void whole(std::int64_t value) { scaled(value, 0); }
  void scaled(std::int64_t value, int scale) { f_.out.decimals[row_] = {value, scale, decimal::kind::finite}; }
  void infinite(bool positive) {
    f_.out.decimals[row_] = {0, 0, positive ? decimal::kind::positive_infinity : decimal::kind::negative_infinity};
  }
  void clock(const clock_parts& c, field f) {
    if (f == field::microseconds) return whole(c.below_minute());
    scaled(c.below_minute(), f == field::milliseconds ? 3 : 6);
  }
  void microseconds(int128 value) { f_.out.decimals[row_] = {value, 6, decimal::kind::finite}; }
  /// Where PostgreSQL's difference does not fit into 64 bits its quotient has four digits.
  void epoch(std::int64_t moment) {
    auto since = static_cast<int128>(moment) - unix_epoch;
    if (since >= std::numeric_limits<std::int64_t>::max()) since = (since + 50) / 100 * 100;
    microseconds(since);
  }
  void time_epoch(std::int64_t time) { microseconds(time); }
  void interval_epoch(const interval& value) {
    // a year of 365.25 days: four times as many, and a quarter of the seconds of a day
    const std::int64_t quarters =
        1461 * std::int64_t{value.months / 12} + 120 * std::int64_t{value.months % 12} + 4 * std::int64_t{value.days};
    microseconds(static_cast<int128>(quarters) * (86400 / 4) * microseconds_per_second + value.time);
  }
  void julian(std::int64_t day, std::int64_t time) {
    auto part = divide(numeric(time), numeric(microseconds_per_day));
    store(f_, row_, part ? add(numeric(day), *part) : std::move(part));
  }

private:
  const kernel_frame& f_;
  std::size_t row_;
};

/// Writes one row's field as double precision.
class float_field {
public:
  static auto elements() { return &column::f64; }
  float_field(const kernel_frame& f, std::size_t row) : out_(f.out.f64[row]) {}

  void whole(std::int64_t value) { out_ = static_cast<double>(value); }
  void infinite(bool positive) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    out_ = positive ? infinity : -infinity;
  }
  void clock(const clock_parts& c, field f) {
    const auto seconds = static_cast<double>(c.seconds);
    const auto fraction = static_cast<double>(c.fraction);
    if (f == field::microseconds)
      out_ = seconds * 1e6 + fraction;
    else if (f == field::milliseconds)
      out_ = seconds * 1e3 + fraction / 1e3;
    else
      out_ = seconds + fraction / 1e6;
  }
  void epoch(std::int64_t moment) {
    std::int64_t since = 0;
    const bool fits = !__builtin_sub_overflow(moment, unix_epoch, &since);
    out_ = (fits ? static_cast<double>(since) : static_cast<double>(moment) - static_cast<double>(unix_epoch)) / 1e6;
  }
  void time_epoch(std::int64_t time) { out_ = static_cast<double>(time) / 1e6; }
  void interval_epoch(const interval& value) {
    out_ = static_cast<double>(value.time) / 1e6;
    out_ += (365.25 * 86400) * (value.months / 12);
    out_ += (30.0 * 86400) * (value.months % 12);
    out_ += 86400.0 * value.days;
  }
  void julian(std::int64_t day, std::int64_t time) {
    const clock_parts c(time);
    const auto seconds = static_cast<double>((c.hours * 60 + c.minutes) * 60 + c.seconds);
    out_ = static_cast<double>(day) + (seconds + static_cast<double>(c.fraction) / 1e6) / 86400.0;
  }

private:
  double& out_;
};

/// Those that only grow with the moment: of an infinite one they are infinite, all others are null.
bool grows(field f) noexcept { return (f >= field::year && f <= field::millennium) || f >= field::iso_year; }

template <class Field>
void of_infinite(const kernel_frame& f, std::size_t row, Field out, field wanted, bool positive) {
  if (grows(wanted)) return out.infinite(positive);
  f.out.nulls[row] = 1;
}

/// Of microseconds … hour.
template <class Field>
void of_clock(Field out, field wanted, std::int64_t time) {
  const clock_parts parts(time);
  if (wanted == field::hour) return out.whole(parts.hours);
  if (wanted == field::minute) return out.whole(parts.minutes);
  out.clock(parts, wanted);
}

template <class Field>
void of_timestamps(const kernel_frame& f) {
  const named_fields fields(f.a);
  for_values(f, Field::elements(), [&](std::size_t i) {
    const auto moment = number_at(f.b, i);
    const auto wanted = fields.at(i);
    Field out(f, i);
    if (is_infinite_datetime(moment)) return of_infinite(f, i, out, wanted, moment == datetime_infinity);
    const auto [days, time] = split_moment(moment);
    if (wanted == field::epoch) return out.epoch(moment);
    if (wanted == field::julian) return out.julian(field_of_day(days, wanted), time);
    if (wanted <= field::hour) return of_clock(out, wanted, time);
    out.whole(field_of_day(days, wanted));
  });
}

template <class Field>
void of_dates(const kernel_frame& f) {
  const named_fields fields(f.a);
  for_values(f, Field::elements(), [&](std::size_t i) {
    const auto days = number_at(f.b, i);
    const auto wanted = fields.at(i);
    Field out(f, i);
    if (is_infinite_datetime(days)) return of_infinite(f, i, out, wanted, days == datetime_infinity);
    if (wanted == field::epoch) return out.whole((days - unix_epoch / microseconds_per_day) * 86400);
    out.whole(field_of_day(days, wanted));
  });
}

template <class Field>
void of_times(const kernel_frame& f) {
  const named_fields fields(f.a);
  for_values(f, Field::elements(), [&](std::size_t i) {
    const auto wanted = fields.at(i);
    const auto time = number_at(f.b, i);
    Field out(f, i);
    if (wanted == field::epoch) return out.time_epoch(time);
    of_clock(out, wanted, time);
  });
}

template <class Field>
void of_intervals(const kernel_frame& f) {
  const named_fields fields(f.a);
  for_values(f, Field::elements(), [&](std::size_t i) {
    const auto& value = interval_at(f.b, i);
    const auto wanted = fields.at(i);
    Field out(f, i);
    switch (wanted) {
      case field::epoch: return out.interval_epoch(value);
      case field::day: return out.whole(value.days);
      case field::month: return out.whole(value.months % 12);
      case field::quarter: return out.whole(value.months % 12 / 3 + 1);
      case field::year: return out.whole(value.months / 12);
      case field::decade: return out.whole(value.months / 120);
      case field::century: return out.whole(value.months / 1200);
      case field::millennium: return out.whole(value.months / 12000);
      default: return of_clock(out, wanted, value.time);
    }
  });
}

template <class Field>
kernel kernel_for(type_id of) noexcept {
  switch (of) {
    case type_id::timestamp:
    case type_id::timestamptz: return of_timestamps<Field>;
    case type_id::date: return of_dates<Field>;
    case type_id::time: return of_times<Field>;
    case type_id::interval: return of_intervals<Field>;
    default: return nullptr;
  }
}

} // namespace

kernel extract_kernel(function f, type_id of) noexcept {
  return f == function::extract ? kernel_for<numeric_field>(of) : kernel_for<float_field>(of);
}

} // namespace weir
