#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace weir {

/// How 'infinity' and '-infinity' of date, timestamp and timestamptz lie in a column.
inline constexpr std::int64_t datetime_infinity = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t datetime_negative_infinity = std::numeric_limits<std::int64_t>::min();

constexpr bool is_infinite_datetime(std::int64_t value) noexcept {
  return value == datetime_infinity || value == datetime_negative_infinity;
}

inline constexpr std::int64_t microseconds_per_second = 1'000'000;
inline constexpr std::int64_t microseconds_per_day = 86'400'000'000;

/// A day of the proleptic Gregorian calendar; year 0 is 1 BC.
struct civil_day {
  std::int64_t year = 2000;
  unsigned month = 1;
  unsigned day = 1;
};

/// Days since 2000-01-01.
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept {
  // Years begin in March here, so that the leap day is the last of its year (H. Hinnant, "chrono-compatible low-level
  // date algorithms").
  year -= month <= 2 ? 1 : 0;
  const auto era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const auto day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const auto day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 730425; // 2000-01-01
}

/// The inverse of days_from_civil.
constexpr civil_day civil_from_days(std::int64_t days) noexcept {
  days += 730425;
  const auto era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const auto year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const auto day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto shifted_month = (5 * day_of_year + 2) / 153;
  const auto month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

constexpr bool is_leap(std::int64_t year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr unsigned days_in_month(std::int64_t year, unsigned month) noexcept {
  constexpr std::array<unsigned char, 13> days{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month];
}

/// A moment as its day since 2000-01-01 and the microseconds of that day.
struct day_and_time {
  std::int64_t days = 0;
  std::int64_t time = 0;
};

constexpr day_and_time split_moment(std::int64_t microseconds) noexcept {
  const auto time = microseconds % microseconds_per_day;
  const bool before = time < 0;
  return {microseconds / microseconds_per_day - (before ? 1 : 0), before ? time + microseconds_per_day : time};
}

// PostgreSQL's bounds (datatype/timestamp.h): from Julian day 0; dates to 5874897-12-31, timestamps to 294276-12-31.
inline constexpr std::int64_t julian_day_of_2000 = 2451545;
inline constexpr std::int64_t first_day = -julian_day_of_2000;
inline constexpr std::int64_t last_date = 2147483493 - julian_day_of_2000;
inline constexpr std::int64_t first_timestamp = first_day * microseconds_per_day;
inline constexpr std::int64_t end_of_timestamps = 9223371331200000000;
static_assert(days_from_civil(2000, 1, 1) == 0 && days_from_civil(-4713, 11, 24) == first_day);

constexpr bool is_valid_date(std::int64_t days) noexcept { return days >= first_day && days <= last_date; }
constexpr bool is_valid_timestamp(std::int64_t microseconds) noexcept {
  return microseconds >= first_timestamp && microseconds < end_of_timestamps;
}

} // namespace weir
