#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

enum class json_answer : std::uint8_t { no, yes, too_deep };

/// Are two values of type jsonb equal? Numbers are by value: 1.0 is 1.00.
///
/// Input    PostgreSQL's text of both.
/// Cost     O(text), no allocation.
bool same_jsonb(std::string_view a, std::string_view b) noexcept;

/// jsonb @> jsonb: is all of `part` in `whole`?
///
/// Output   `too_deep` where documents nest so deep that PostgreSQL, too, might have run out of stack.
/// Cost     O(text of both) for objects; of arrays every element of the one is compared with those of the other.
json_answer contains_jsonb(std::string_view whole, std::string_view part) noexcept;

/// Are two numbers equal, as PostgreSQL writes numerics: digits with a sign and a point?
bool same_number(std::string_view a, std::string_view b) noexcept;

} // namespace weir
