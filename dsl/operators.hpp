#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::dsl {

/// What an operator is in the grammar.
enum class operator_use : std::uint8_t {
  joins,   ///< || and those that bind as it does
  unknown, ///< neither of these, nor one of arithmetic or comparison
};

/// How many bytes the operator has that `text` begins with, as long as PostgreSQL's scanner reads it; 0 if it begins
/// with none of this use.
std::size_t operator_length(std::string_view text, operator_use use) noexcept;

} // namespace weir::dsl
