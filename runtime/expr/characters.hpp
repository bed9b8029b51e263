#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/utf8.hpp"

namespace weir {

// Characters of UTF-8 text. The text is valid: PostgreSQL has checked it.

/// Bytes of the first character; the text is not empty.
inline std::size_t first_character(std::string_view text) noexcept {
  std::size_t bytes = 1;
  while (bytes < text.size() && !begins_character(text[bytes])) ++bytes;
  return bytes;
}

/// Bytes of the last character; the text is not empty.
inline std::size_t last_character(std::string_view text) noexcept {
  std::size_t bytes = 1;
  while (bytes < text.size() && !begins_character(text[text.size() - bytes])) ++bytes;
  return bytes;
}

inline std::int64_t count_characters(std::string_view text) noexcept {
  std::int64_t count = 0;
  for (const char c : text) count += begins_character(c) ? 1 : 0;
  return count;
}

/// Bytes of the first `count` characters, or of all there are.
inline std::size_t bytes_of_characters(std::string_view text, std::int64_t count) noexcept {
  std::size_t bytes = 0;
  for (; count > 0 && bytes < text.size(); --count) bytes += first_character(text.substr(bytes));
  return bytes;
}

} // namespace weir
