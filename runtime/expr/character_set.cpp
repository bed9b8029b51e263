#include "runtime/expr/character_set.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/expr/characters.hpp"

namespace weir {

bool character_set::add_class(std::string_view name) {
  const auto add_all = [&](std::initializer_list<std::pair<char, char>> all) {
    for (const auto& [first, last] : all) add(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last));
    return true;
  };
  if (name == "digit") return add_all({{'0', '9'}});
  if (name == "alpha") return add_all({{'A', 'Z'}, {'a', 'z'}});
  if (name == "alnum") return add_all({{'0', '9'}, {'A', 'Z'}, {'a', 'z'}});
  if (name == "word") return add_all({{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'_', '_'}});
  if (name == "upper") return add_all({{'A', 'Z'}});
  if (name == "lower") return add_all({{'a', 'z'}});
  if (name == "xdigit") return add_all({{'0', '9'}, {'A', 'F'}, {'a', 'f'}});
  if (name == "space") return add_all({{'\t', '\r'}, {' ', ' '}});
  if (name == "blank") return add_all({{'\t', '\t'}, {' ', ' '}});
  if (name == "punct") return add_all({{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}});
  return false;
}

void character_set::fold_case() {
  const auto plain = ranges_;
  const auto add_other = [&](const auto& range, char first, char last) {
    const auto from = std::max(range.first, static_cast<std::uint32_t>(first));
    const auto to = std::min(range.second, static_cast<std::uint32_t>(last));
    if (from <= to) add(from ^ 0x20U, to ^ 0x20U);
  };
  for (const auto& range : plain) {
    add_other(range, 'A', 'Z');
    add_other(range, 'a', 'z');
  }
}

std::string character_set::text(bool negated) const {
  std::string out = negated ? "[^" : "[";
  for (const auto& [first, last] : ranges_) {
    out += fmt::format("\\x{{{:x}}}", first);
    if (last != first) out += fmt::format("-\\x{{{:x}}}", last);
  }
  return out + ']';
}

std::pair<std::uint32_t, std::size_t> first_code_point(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const auto bytes = first_character(text);
  if (bytes == 1) return {lead, 1};
  std::uint32_t point = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  return {point, bytes};
}

} // namespace weir
