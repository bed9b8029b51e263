#include "runtime/base/ids.hpp"

#include <charconv>

#include <fmt/format.h>

namespace weir {

std::string to_string(lsn position) {
  return fmt::format("{:X}/{:X}", position.value >> 32, position.value & 0xffffffffU);
}

result<lsn> parse_lsn(std::string_view text) {
  const auto invalid = [&] { return error{errc::invalid_value, fmt::format("not a WAL position: \"{}\"", text)}; };
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash > 8 || text.size() - slash - 1 > 8) return invalid();
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), text.data() + slash, high, 16);
  if (first.ec != std::errc{} || first.ptr != text.data() + slash) return invalid();
  const auto second = std::from_chars(text.data() + slash + 1, end, low, 16);
  if (second.ec != std::errc{} || second.ptr != end) return invalid();
  return lsn{(high << 32) | low};
}

} // namespace weir
