#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace weir {

// Bytes that are looked at side by side.

/// Eight bytes as a number, the first one the lowest.
inline std::uint64_t eight_bytes(const char* bytes) noexcept {
  std::uint64_t eight;
  std::memcpy(&eight, bytes, sizeof eight);
  if constexpr (std::endian::native == std::endian::big) eight = __builtin_bswap64(eight);
  return eight;
}

constexpr std::uint64_t eight_times(char c) noexcept { return 0x0101010101010101U * static_cast<unsigned char>(c); }

/// The top bit of each of the eight bytes that is `c`, and of no other.
inline std::uint64_t marks_of(std::uint64_t eight, char c) noexcept {
  constexpr auto all_but_top = eight_times(0x7f);
  const auto differs = eight ^ eight_times(c);
  return ~(((differs & all_but_top) + all_but_top) | differs | all_but_top);
}

/// How many bits are set, where they are few: std::popcount is a call unless the compiler may use the instruction.
inline int count_bits(std::uint64_t bits) noexcept {
  int count = 0;
  for (; bits != 0; bits &= bits - 1) ++count;
  return count;
}

/// Up to 64 bytes; the answers have a bit for each, the lowest for the first.
class byte_block {
public:
  static constexpr std::size_t size = 64;
  static constexpr std::size_t least = size / 2;

  byte_block() noexcept = default;
  /// The bytes, `least` or more of which count, have to outlive the block.
  byte_block(const char* bytes, std::size_t count) noexcept : first_(bytes), beyond_(std::min(count, size) - least) {}

  /// Where `c` stands, the bits of `set` set in all bytes before they are compared.
  std::uint64_t places_of(char c, char set = 0) const noexcept {
    // halves that overlap where there are fewer bytes: of those that both have they say the same
    return places_in_half(first_, c, set) | places_in_half(first_ + beyond_, c, set) << beyond_;
  }

  /// The same of a half, on any machine.
  static std::uint64_t places_by_words(const char* half, char c, char set) noexcept {
    constexpr std::uint64_t gather = 0x0102040810204080U; // the lowest bits of eight bytes side by side, at the top
    std::uint64_t places = 0;
    for (std::size_t at = 0; at < least; at += 8) {
      const auto marks = marks_of(eight_bytes(half + at) | eight_times(set), c) >> 7;
      places |= (marks * gather >> 56) << at;
    }
    return places;
  }

private:
  static std::uint64_t places_in_half(const char* half, char c, char set) noexcept {
#ifdef __SSE2__
    const auto wanted = _mm_set1_epi8(c);
    const auto bits = _mm_set1_epi8(set);
    const auto sixteen = [&](const char* from) {
      const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
      const auto equal = _mm_cmpeq_epi8(_mm_or_si128(bytes, bits), wanted);
      return static_cast<std::uint32_t>(_mm_movemask_epi8(equal));
    };
    return sixteen(half) | sixteen(half + 16) << 16;
#else
    return places_by_words(half, c, set);
#endif
  }

  const char* first_ = nullptr;
  std::size_t beyond_ = 0; // how many bytes there are beyond the first half
};

} // namespace weir
