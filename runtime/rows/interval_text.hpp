#pragma once

#include <string>
#include <string_view>

#include "runtime/rows/interval.hpp"
#include "runtime/rows/parse_outcome.hpp"

namespace weir {

/// Reads what PostgreSQL writes under IntervalStyle postgres ("1 year 2 mons -3 days +04:05:06.789"), and the usual
/// ways to write one by hand: numbers with units in any order, their abbreviations, a time of day. Not the forms of
/// ISO 8601 and of SQL's standard, `ago`, a number without unit, nor fractions of anything but seconds.
parse_outcome parse_interval(std::string_view text, interval& value) noexcept;

/// As PostgreSQL does under IntervalStyle postgres.
void write_interval(const interval& value, std::string& out);

} // namespace weir
