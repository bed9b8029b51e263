#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace weir {

/// Tells bytes that were torn, lost or mixed up from those that were written; not from forged ones. Eight bytes at a
/// time, in the spirit of FNV-1a, with a rotation so that the high bits count.
inline std::uint64_t checksum(std::span<const std::byte> bytes) noexcept {
  constexpr std::uint64_t prime = 0x9e3779b97f4a7c15ULL;
  std::uint64_t sum = bytes.size() * prime;
  const auto mix = [&](std::uint64_t word) { sum = std::rotl((sum ^ word) * prime, 29); };
  for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    mix(word);
  }
  std::uint64_t rest = 0;
  if (!bytes.empty()) std::memcpy(&rest, bytes.data(), bytes.size());
  mix(rest);
  return sum;
}

} // namespace weir
