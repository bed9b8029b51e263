#include "runtime/config/bytes.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace weir {

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  static constexpr std::pair<std::string_view, std::uint64_t> units[] = {
      {"", 1},
      {"B", 1},
      {"kB", 1000},
      {"MB", 1000 * 1000},
      {"GB", 1000 * 1000 * 1000},
      {"KiB", std::uint64_t{1} << 10},
      {"MiB", std::uint64_t{1} << 20},
      {"GiB", std::uint64_t{1} << 30},
  };
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  for (const auto& [unit, bytes] : units) {
    if (text != unit) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / bytes) return std::nullopt;
    return number * bytes;
  }
  return std::nullopt;
}

} // namespace weir
