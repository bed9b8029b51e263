#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/rows/calendar.hpp"
#include "runtime/rows/parse_outcome.hpp"

namespace weir {

/// Reads PostgreSQL's ISO forms: "2024-02-29", "0044-03-15 BC", "infinity"; the value is days since 2000-01-01.
parse_outcome parse_date(std::string_view text, std::int64_t& days) noexcept;

/// "2024-02-29 12:34:56.789", the time or its seconds left out, 'T' between; microseconds since 2000-01-01.
parse_outcome parse_timestamp(std::string_view text, std::int64_t& microseconds) noexcept;

/// As parse_timestamp, with an offset ("+00", "-03:30", "Z") or none, which means UTC.
parse_outcome parse_timestamptz(std::string_view text, std::int64_t& microseconds) noexcept;

/// "04:05:06.789", the seconds left out, "24:00:00"; microseconds since midnight.
parse_outcome parse_time(std::string_view text, std::int64_t& microseconds) noexcept;

void write_date(std::int64_t days, std::string& out);
void write_timestamp(std::int64_t microseconds, std::string& out);
void write_time(std::int64_t microseconds, std::string& out);
/// In UTC: "2024-02-29 12:34:56.789+00".
void write_timestamptz(std::int64_t microseconds, std::string& out);

} // namespace weir
