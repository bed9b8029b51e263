#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/rows/calendar.hpp"
#include "runtime/rows/data_type.hpp"

namespace weir {

/// A field of a date, a time or an interval, or a unit to cut it to.
enum class calendar_field : std::uint8_t {
  microseconds,
  milliseconds,
  second,
  minute,
  hour,
  day,
  week,
  month,
  quarter,
  year,
  decade,
  century,
  millennium,
  day_of_week,
  iso_day_of_week,
  day_of_year,
  iso_year,
  julian,
  epoch,
};

/// By PostgreSQL's name, in whatever case; empty for other words.
std::optional<calendar_field> field_named(std::string_view name);

/// Has a value of the type the field, for extract and date_part?
bool has_field(type_id type, calendar_field field) noexcept;
/// Can a value of the type be cut to it by date_trunc?
bool can_truncate(type_id type, calendar_field unit) noexcept;

/// How many digits after the point extract(field from type) always has; empty for those of `julian`.
std::optional<int> extract_scale(type_id type, calendar_field field) noexcept;

/// Of the fields that are whole numbers made of the day alone: day … iso_year, and the number of the day for `julian`.
std::int64_t field_of_day(std::int64_t days, calendar_field field) noexcept;

/// The first day of the period that the day is in; of day … millennium. It may be no valid date.
std::int64_t first_day_of(std::int64_t days, calendar_field unit) noexcept;

} // namespace weir
