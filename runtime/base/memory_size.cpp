#include "runtime/base/memory_size.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace weir {
namespace {

constexpr std::pair<std::string_view, std::uint64_t> units[] = {
    {"B", 1},
    {"kB", 1000},
    {"MB", 1000 * 1000},
    {"GB", 1000 * 1000 * 1000},
    {"TB", std::uint64_t{1000} * 1000 * 1000 * 1000},
    {"KiB", std::uint64_t{1} << 10},
    {"MiB", std::uint64_t{1} << 20},
    {"GiB", std::uint64_t{1} << 30},
    {"TiB", std::uint64_t{1} << 40},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

/// The number that `text` begins with, taken off it with the blanks behind it: digits, perhaps with decimals.
std::optional<double> take_number(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("0123456789."), text.size());
  double number = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + end, number, std::chars_format::fixed);
  if (failure != std::errc{} || stop != text.data() + end) return std::nullopt;
  text.remove_prefix(end);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return number;
}

} // namespace

std::uint64_t bytes_of_unit(std::string_view unit) noexcept {
  for (const auto& [name, bytes] : units)
    if (name == unit) return bytes;
  return 0;
}

std::string usual_unit_of_bytes(std::string_view unit) {
  const auto written = lower(unit);
  for (const auto& [name, bytes] : units)
    if (lower(name) == written || lower(name) == written + "b" || lower(name) == written + "ib")
      return std::string(name);
  return {};
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto number = take_number(text);
  const auto unit = text.empty() ? 1 : bytes_of_unit(text);
  if (!number || unit == 0) return std::nullopt;
  const double bytes = *number * static_cast<double>(unit);
  // beyond 2^53 not every whole number is a double, and no machine has as much
  if (bytes > 9007199254740992.0 || bytes != std::floor(bytes)) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

std::optional<memory_size> parse_memory_size(std::string_view text) {
  if (!text.ends_with('%')) {
    const auto bytes = parse_bytes(text);
    if (!bytes) return std::nullopt;
    return memory_size{*bytes, 0};
  }
  const auto number = take_number(text);
  if (!number || text != "%" || *number < 1 || *number > 100 || *number != std::floor(*number)) return std::nullopt;
  return memory_size{0, static_cast<unsigned>(*number)};
}

std::uint64_t bytes_of(memory_size size, std::uint64_t available) noexcept {
  const auto share = available / 100 * size.percent;
  return std::max(size.percent == 0 ? size.bytes : share, least_memory_bytes);
}

std::string to_string(memory_size size) {
  if (size.percent > 0) return fmt::format("{} %", size.percent);
  for (const char* unit : {"TiB", "GiB", "MiB", "KiB", "TB", "GB", "MB", "kB"})
    if (const auto bytes = bytes_of_unit(unit); size.bytes >= bytes && size.bytes % bytes == 0)
      return fmt::format("{} {}", size.bytes / bytes, unit);
  return fmt::format("{} B", size.bytes);
}

} // namespace weir
