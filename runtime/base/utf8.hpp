#pragma once

#include <cstddef>
#include <string_view>

namespace weir {

/// The place of the first byte that is not part of a well-formed UTF-8 character; npos if there is none.
std::size_t first_invalid_utf8(std::string_view text) noexcept;

/// Is this byte the first of a character (and not a continuation)?
inline bool begins_character(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

} // namespace weir
