#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/rows/parse_outcome.hpp"

namespace weir {

/// The text without blanks at its ends.
std::string_view trim_blanks(std::string_view text) noexcept;

/// Reads an integer as PostgreSQL's int8in does: blanks around it, a sign, decimal digits.
parse_outcome parse_integer(std::string_view text, std::int64_t& value) noexcept;

/// Reads a boolean as PostgreSQL's boolin does: t, true, yes, on, 1 and their opposites, any case, unique prefixes.
parse_outcome parse_boolean(std::string_view text, std::int64_t& value) noexcept;

void write_integer(std::int64_t value, std::string& out);

} // namespace weir
