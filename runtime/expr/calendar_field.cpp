#include "runtime/expr/calendar_field.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace weir {
namespace {

using field = calendar_field;

constexpr std::pair<std::string_view, field> names[] = {
    {"microsecond", field::microseconds},
    {"microseconds", field::microseconds},
    {"millisecond", field::milliseconds},
    {"milliseconds", field::milliseconds},
    {"second", field::second},
    {"seconds", field::second},
    {"minute", field::minute},
    {"minutes", field::minute},
    {"hour", field::hour},
    {"hours", field::hour},
    {"day", field::day},
    {"days", field::day},
    {"week", field::week},
    {"weeks", field::week},
    {"month", field::month},
    {"months", field::month},
    {"quarter", field::quarter},
    {"year", field::year},
    {"years", field::year},
    {"decade", field::decade},
    {"decades", field::decade},
    {"century", field::century},
    {"centuries", field::century},
    {"millennium", field::millennium},
    {"dow", field::day_of_week},
    {"isodow", field::iso_day_of_week},
    {"doy", field::day_of_year},
    {"isoyear", field::iso_year},
    {"julian", field::julian},
    {"epoch", field::epoch},
};

/// Days since the Monday of the day's week.
std::int64_t since_monday(std::int64_t days) noexcept {
  const auto since = (days + 5) % 7; // 2000-01-01 is a Saturday
  return since < 0 ? since + 7 : since;
}

/// The year that the week of the day belongs to: that of its Thursday.
std::int64_t iso_year_of(std::int64_t days) noexcept { return civil_from_days(days - since_monday(days) + 3).year; }

/// There is no year 0.
std::int64_t shown_year(std::int64_t year) noexcept { return year > 0 ? year : year - 1; }

/// The number of the period of `length` years, the first of which begins in year 1.
std::int64_t period_of(std::int64_t year, std::int64_t length) noexcept {
  return year > 0 ? (year + length - 1) / length : -((length - year) / length);
}

std::int64_t decade_of(std::int64_t year) noexcept { return year >= 0 ? year / 10 : -((9 - year) / 10); }

/// The year in which the period begins, counted with a year 0.
std::int64_t first_year_of(std::int64_t year, std::int64_t length) noexcept {
  const auto period = period_of(year, length);
  return year > 0 ? period * length - length + 1 : period * length + 1;
}

} // namespace

std::optional<calendar_field> field_named(std::string_view name) {
  std::string folded(name);
  for (auto& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  const auto* found =
      std::find_if(std::begin(names), std::end(names), [&](const auto& n) { return n.first == folded; });
  if (found == std::end(names)) return std::nullopt;
  return found->second;
}

bool has_field(type_id type, field f) noexcept {
  switch (type) {
    case type_id::timestamp:
    case type_id::timestamptz: return true;
    case type_id::date: return f >= field::day;
    case type_id::time: return f <= field::hour || f == field::epoch;
    case type_id::interval: return (f <= field::millennium && f != field::week) || f == field::epoch;
    default: return false;
  }
}

bool can_truncate(type_id type, field unit) noexcept {
  if (unit > field::millennium) return false;
  return type == type_id::timestamp || type == type_id::timestamptz ||
         (type == type_id::interval && unit != field::week);
}

std::optional<int> extract_scale(type_id type, field f) noexcept {
  switch (f) {
    case field::milliseconds: return 3;
    case field::second: return 6;
    case field::epoch: return type == type_id::date ? 0 : 6;
    case field::julian: return type == type_id::date ? std::optional(0) : std::nullopt;
    default: return 0;
  }
}

std::int64_t field_of_day(std::int64_t days, field f) noexcept {
  const auto date = civil_from_days(days);
  switch (f) {
    case field::day: return date.day;
    case field::week: return (days - since_monday(days) + 3 - days_from_civil(iso_year_of(days), 1, 1)) / 7 + 1;
    case field::month: return date.month;
    case field::quarter: return (date.month - 1) / 3 + 1;
    case field::year: return shown_year(date.year);
    case field::decade: return decade_of(date.year);
    case field::century: return period_of(date.year, 100);
    case field::millennium: return period_of(date.year, 1000);
    case field::day_of_week: return (since_monday(days) + 1) % 7;
    case field::iso_day_of_week: return since_monday(days) + 1;
    case field::day_of_year: return days - days_from_civil(date.year, 1, 1) + 1;
    case field::iso_year: return shown_year(iso_year_of(days));
    case field::julian: return days + julian_day_of_2000;
    default: return 0;
  }
}

std::int64_t first_day_of(std::int64_t days, field unit) noexcept {
  const auto date = civil_from_days(days);
  switch (unit) {
    case field::week: return days - since_monday(days);
    case field::month: return days_from_civil(date.year, date.month, 1);
    case field::quarter: return days_from_civil(date.year, (date.month - 1) / 3 * 3 + 1, 1);
    case field::year: return days_from_civil(date.year, 1, 1);
    case field::decade: return days_from_civil(decade_of(date.year) * 10, 1, 1);
    case field::century: return days_from_civil(first_year_of(date.year, 100), 1, 1);
    case field::millennium: return days_from_civil(first_year_of(date.year, 1000), 1, 1);
    default: return days;
  }
}

} // namespace weir
