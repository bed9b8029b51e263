#include <fmt/format.h>

#include "runtime/expr/calendar_field.hpp"
#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/temporal_frame.hpp"
#include "runtime/expr/time_zone.hpp"

// date_trunc, at time zone, make_date, and dates that are compared with timestamps.
namespace weir {
namespace {

/// Microseconds of the unit; 0 of a day and what is longer.
std::int64_t length_of(calendar_field unit) noexcept {
  switch (unit) {
    case calendar_field::microseconds: return 1;
    case calendar_field::milliseconds: return 1'000;
    case calendar_field::second: return microseconds_per_second;
    case calendar_field::minute: return 60 * microseconds_per_second;
    case calendar_field::hour: return 3600 * microseconds_per_second;
    default: return 0;
  }
}

/// Months of a unit of months; 0 of shorter ones.
std::int32_t months_of(calendar_field unit) noexcept {
  switch (unit) {
    case calendar_field::month: return 1;
    case calendar_field::quarter: return 3;
    case calendar_field::year: return 12;
    case calendar_field::decade: return 120;
    case calendar_field::century: return 1200;
    case calendar_field::millennium: return 12000;
    default: return 0;
  }
}

void truncate_interval(const kernel_frame& f) {
  const named_fields units(f.a);
  for_values(f, &column::intervals, [&](std::size_t i) {
    auto value = interval_at(f.b, i);
    const auto unit = units.at(i);
    const auto length = length_of(unit);
    value.time = length == 0 ? 0 : value.time - value.time % length;
    if (const auto months = months_of(unit); months != 0) value = {0, 0, value.months - value.months % months};
    f.out.intervals[i] = value;
  });
}

std::int64_t whole_seconds(std::int64_t moment) noexcept {
  return (moment - (moment < 0 ? microseconds_per_second - 1 : 0)) / microseconds_per_second;
}

/// The clocks of the zone that a call names, or UTC's. Moments and what they show, in microseconds.
class zone_clock {
public:
  explicit zone_clock(const kernel_frame& f) : zone_(static_cast<const time_zone*>(f.state)) {}

  std::int64_t shown_at(std::int64_t moment) noexcept {
    if (zone_ == nullptr) return moment;
    return moment + zone_->offset_at(whole_seconds(moment), place_) * microseconds_per_second;
  }
  std::int64_t moment_of(std::int64_t shown) noexcept {
    if (zone_ == nullptr) return shown;
    const auto seconds = whole_seconds(shown);
    return zone_->moment_of(seconds, place_) * microseconds_per_second + (shown - seconds * microseconds_per_second);
  }

private:
  const time_zone* zone_;
  std::size_t place_ = 0;
};

/// A timestamp, or a moment by the clocks of a zone. Days and what is longer begin when these say so; what is shorter
/// is cut off.
void truncate_moment(const kernel_frame& f) {
  zone_clock clock(f);
  const named_fields units(f.a);
  for_values(f, &column::i64, [&](std::size_t i) {
    const auto moment = number_at(f.b, i);
    if (is_infinite_datetime(moment)) {
      f.out.i64[i] = moment;
      return;
    }
    const auto unit = units.at(i);
    const auto [days, time] = split_moment(clock.shown_at(moment));
    if (const auto length = length_of(unit); length != 0) return store_timestamp(f, i, moment - time % length);
    const auto day = first_day_of(days, unit);
    if (day < first_day) return out_of_range(f, i, "timestamp");
    store_timestamp(f, i, clock.moment_of(day * microseconds_per_day));
  });
}

/// From the clock of a zone to the moment, or back.
template <bool ToMoment>
void at_named_zone(const kernel_frame& f) {
  zone_clock clock(f);
  for_values(f, &column::i64, [&](std::size_t i) {
    const auto given = number_at(f.b, i);
    if (is_infinite_datetime(given))
      f.out.i64[i] = given;
    else
      store_timestamp(f, i, ToMoment ? clock.moment_of(given) : clock.shown_at(given));
  });
}

/// The offset east of UTC that is the zone of a call, in microseconds; its fraction of a second does not count.
std::int64_t offset_of(const operand& zone, std::size_t row) {
  return interval_at(zone, row).time / microseconds_per_second * microseconds_per_second;
}

template <bool ToMoment>
void at_offset(const kernel_frame& f) {
  for_values(f, &column::i64, [&](std::size_t i) {
    const auto moment = number_at(f.b, i);
    if (is_infinite_datetime(moment)) {
      f.out.i64[i] = moment;
      return;
    }
    const auto offset = offset_of(f.a, i);
    std::int64_t shifted = 0;
    const bool overflows =
        ToMoment ? __builtin_sub_overflow(moment, offset, &shifted) : __builtin_add_overflow(moment, offset, &shifted);
    if (overflows) return out_of_range(f, i, "timestamp");
    store_timestamp(f, i, shifted);
  });
}

/// A negative year is one before Christ.
void make_date(const kernel_frame& f) {
  for_values(f, &column::i64, [&](std::size_t i) {
    const auto given = number_at(f.a, i);
    const auto month = number_at(f.b, i);
    const auto day = number_at(f.c, i);
    const auto year = given < 0 ? given + 1 : given; // counted with a year 0
    const auto named = [&](const char* fault) {
      const auto shown = given < 0 ? year : given;
      return fmt::format("{}: {}-{:02}-{:02}", fault, shown, month, day);
    };
    const bool exists =
        given != 0 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, static_cast<unsigned>(month));
    if (!exists) return f.fail(i, errc::numeric_value_out_of_range, named("date field value out of range"));
    const auto days = days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    if (!is_valid_date(days)) return f.fail(i, errc::numeric_value_out_of_range, named("date out of range"));
    f.out.i64[i] = days;
  });
}

/// Ordered among timestamps: what is later than all of them stands between these and infinity.
void moment_of_date(const kernel_frame& f) {
  constexpr auto first_day_beyond = end_of_timestamps / microseconds_per_day;
  for_values(f, &column::i64, [&](std::size_t i) {
    const auto days = number_at(f.a, i);
    const bool beyond = days >= first_day_beyond && days != datetime_infinity;
    f.out.i64[i] = is_infinite_datetime(days) ? days : beyond ? datetime_infinity - 1 : days * microseconds_per_day;
  });
}

kernel zone_kernel(type_id zone, type_id of) noexcept {
  const bool to_moment = of == type_id::timestamp;
  if (!to_moment && of != type_id::timestamptz) return nullptr;
  if (zone == type_id::interval) return to_moment ? at_offset<true> : at_offset<false>;
  if (!is_string(zone)) return nullptr;
  return to_moment ? at_named_zone<true> : at_named_zone<false>;
}

kernel truncation_kernel(const std::vector<type_id>& types) noexcept {
  if (types.size() < 2 || !is_string(types[0])) return nullptr;
  if (types.size() == 3) return types[1] == type_id::timestamptz && is_string(types[2]) ? truncate_moment : nullptr;
  if (types[1] == type_id::interval) return truncate_interval;
  return types[1] == type_id::timestamp ? truncate_moment : nullptr;
}

} // namespace

kernel temporal_function_kernel(function f, const std::vector<type_id>& types) noexcept {
  const bool two = types.size() == 2;
  switch (f) {
    case function::plus:
    case function::minus:
    case function::times:
    case function::over: return two ? temporal_arithmetic_kernel(f, types[0], types[1]) : nullptr;
    case function::date_trunc: return truncation_kernel(types);
    case function::extract:
    case function::date_part: return two && is_string(types[0]) ? extract_kernel(f, types[1]) : nullptr;
    case function::at_zone: return two ? zone_kernel(types[0], types[1]) : nullptr;
    case function::make_date: return types == std::vector<type_id>(3, type_id::int4) ? make_date : nullptr;
    case function::moment_of: return types == std::vector<type_id>(1, type_id::date) ? moment_of_date : nullptr;
    default: return nullptr;
  }
}

} // namespace weir
