#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

#include "runtime/base/error.hpp"

namespace weir::pgoutput {

// The words of decoding errors, out of line of the hot path.

[[gnu::cold]] inline error truncated(std::string_view what, std::size_t size) {
  return {errc::truncated, fmt::format("pgoutput: {} of {} bytes ends inside a field", what, size)};
}

[[gnu::cold]] inline error trailing_bytes(std::string_view what, std::size_t extra) {
  return {errc::trailing_bytes, fmt::format("pgoutput: {} bytes after the end of {}", extra, what)};
}

[[gnu::cold]] inline error bad_byte(errc code, std::string_view what, unsigned value) {
  if (value >= 0x20 && value < 0x7f) {
    return {code, fmt::format("pgoutput: {} '{}' is not known", what, static_cast<char>(value))};
  }
  return {code, fmt::format("pgoutput: {} 0x{:02x} is not known", what, value)};
}

} // namespace weir::pgoutput
