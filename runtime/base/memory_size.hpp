#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// An amount of memory as people write it: so many bytes, or a share of what the machine has for this process.
struct memory_size {
  std::uint64_t bytes = 0;
  unsigned percent = 0; ///< 1 to 100; 0: `bytes` counts

  friend bool operator==(const memory_size&, const memory_size&) = default;
};

/// The least budget that a runtime can work with.
inline constexpr std::uint64_t least_memory_bytes = std::uint64_t{16} << 20;

/// Bytes of one "MiB": binary units (KiB, MiB, GiB, TiB) are powers of 1024, kB, MB, GB, TB of 1000; B is 1. 0 if there
/// is no such unit. Case matters.
std::uint64_t bytes_of_unit(std::string_view unit) noexcept;
/// The unit that another way of writing it likely means: "mb" is "MB"; "" if none is near.
std::string usual_unit_of_bytes(std::string_view unit);

/// "256 MiB", "4GiB", "1.5 GiB", "1000 kB", "65536": bytes. Empty if it is no such text, no whole number of bytes, or
/// too large.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
/// What parse_bytes takes, and shares: "25 %", from 1 to 100.
std::optional<memory_size> parse_memory_size(std::string_view text);

/// What it comes to where `available` bytes are all there is; at least least_memory_bytes.
std::uint64_t bytes_of(memory_size size, std::uint64_t available) noexcept;

/// "256 MiB", "25 %".
std::string to_string(memory_size size);

} // namespace weir
