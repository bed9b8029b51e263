#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "runtime/rows/parse_outcome.hpp"

namespace weir {

/// How 'infinity' and '-infinity' of date, timestamp and timestamptz lie in a column.
inline constexpr std::int64_t datetime_infinity = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t datetime_negative_infinity = std::numeric_limits<std::int64_t>::min();

inline constexpr std::int64_t microseconds_per_day = 86'400'000'000;

/// Days since 2000-01-01 of a day of the proleptic Gregorian calendar; year 0 is 1 BC.
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

/// Reads PostgreSQL's ISO forms: "2024-02-29", "0044-03-15 BC", "infinity"; the value is days since 2000-01-01.
parse_outcome parse_date(std::string_view text, std::int64_t& days) noexcept;

/// "2024-02-29 12:34:56.789", the time or its seconds left out, 'T' between; microseconds since 2000-01-01.
parse_outcome parse_timestamp(std::string_view text, std::int64_t& microseconds) noexcept;

/// As parse_timestamp, with an offset ("+00", "-03:30", "Z") or none, which means UTC.
parse_outcome parse_timestamptz(std::string_view text, std::int64_t& microseconds) noexcept;

void write_date(std::int64_t days, std::string& out);
void write_timestamp(std::int64_t microseconds, std::string& out);
/// In UTC: "2024-02-29 12:34:56.789+00".
void write_timestamptz(std::int64_t microseconds, std::string& out);

} // namespace weir
