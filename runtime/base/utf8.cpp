#include "runtime/base/utf8.hpp"

namespace weir {
namespace {

/// Length of the well-formed character at the beginning of `text` (RFC 3629: no surrogates, shortest form), or 0.
std::size_t character_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !follows(1)) return 0;
  if (first < 0xe0) return 2;
  if (!follows(2)) return 0;
  if (first < 0xf0) {
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f)) return 0;
    return 3;
  }
  if (!follows(3) || (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) return 0;
  return 4;
}

} // namespace

std::size_t first_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

decoded_character decode_utf8(std::string_view text) noexcept {
  const std::size_t size = character_length(text);
  if (size == 0) return {};
  const auto first = static_cast<unsigned char>(text.front());
  std::uint32_t number = size == 1 ? first : first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) number = (number << 6U) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  return {number, size};
}

encoded_character encode_utf8(std::uint32_t number) noexcept {
  const auto last = [&](int shift) { return static_cast<char>(0x80 | ((number >> shift) & 0x3f)); };
  if (number < 0x80) return {{static_cast<char>(number)}, 1};
  if (number < 0x800) return {{static_cast<char>(0xc0 | (number >> 6)), last(0)}, 2};
  if (number < 0x10000) return {{static_cast<char>(0xe0 | (number >> 12)), last(6), last(0)}, 3};
  return {{static_cast<char>(0xf0 | (number >> 18)), last(12), last(6), last(0)}, 4};
}

} // namespace weir
