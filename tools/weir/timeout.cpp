#include "tools/weir/timeout.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace weir::program {

namespace {

constexpr std::chrono::milliseconds longest = std::chrono::hours{24};

} // namespace

result<std::chrono::milliseconds> parse_timeout(std::string_view text) {
  double amount = 0;
  const auto number = std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
  auto unit = text.substr(static_cast<std::size_t>(number.ptr - text.data()));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const double scale = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "min" ? 60'000 : unit == "h" ? 3'600'000 : 0;
  const double ms = amount * scale;
  const bool fits = number.ec == std::errc{} && amount >= 0 && scale > 0 && ms <= static_cast<double>(longest.count());
  if (fits) return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
  return error{errc::invalid_value, fmt::format("--timeout: \"{}\" is no duration of up to 24 h", text),
               "a number and a unit: 500ms, 10s, 2min, 1h"};
}

} // namespace weir::program
