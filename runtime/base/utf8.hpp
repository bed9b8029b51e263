#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir {

/// The place of the first byte that is not part of a well-formed UTF-8 character; npos if there is none.
std::size_t first_invalid_utf8(std::string_view text) noexcept;

/// The character that a text begins with: its number, and its bytes; 0 of them if it is not well-formed.
struct decoded_character {
  std::uint32_t number = 0;
  std::size_t size = 0;
};
decoded_character decode_utf8(std::string_view text) noexcept;

/// A character's bytes.
struct encoded_character {
  char bytes[4];
  std::size_t size;

  std::string_view text() const noexcept { return {bytes, size}; }
};
encoded_character encode_utf8(std::uint32_t number) noexcept;

/// Is this byte the first of a character (and not a continuation)?
inline bool begins_character(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

} // namespace weir
