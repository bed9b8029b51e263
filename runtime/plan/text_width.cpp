#include "runtime/plan/text_width.hpp"

#include <array>
#include <cstdint>

#include "runtime/base/utf8.hpp"

namespace weir {
namespace {

/// Hundredths, from the blank to the tilde.
constexpr std::array<std::uint8_t, 95> widths{
    36,  40, 46, 84, 64, 108, 78, 28, 46, 46, 64, 84, 37, 46, 37, 46, //  !"#$%&'()*+,-./
    64,  64, 64, 64, 64, 64,  64, 64, 64, 64, 46, 46, 84, 84, 84, 55, // 0-9 :;<=>?
    100, 69, 69, 70, 78, 64,  58, 78, 76, 43, 46, 70, 56, 87, 75, 79, // @A-O
    61,  79, 70, 69, 62, 74,  69, 99, 69, 62, 69, 46, 46, 46, 84, 64, // P-Z [\]^_
    64,  62, 64, 56, 64, 62,  36, 64, 64, 28, 35, 60, 28, 98, 64, 62, // `a-o
    64,  64, 43, 53, 40, 64,  60, 82, 60, 60, 53, 64, 46, 64, 84};    // p-z {|}~

constexpr double bold = 1.25;

double width_of(char first) noexcept {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x20 || byte == 0x7f) return 1.1; // shown as another character, if at all
  return byte < 0x80 ? widths[byte - 0x20U] / 100.0 : 1.1;
}

std::size_t character_bytes(std::string_view text) noexcept {
  std::size_t bytes = 1;
  while (bytes < text.size() && !begins_character(text[bytes])) ++bytes;
  return bytes;
}

/// The longest beginning of a line that fits: up to a blank, if there is one, else up to any character.
std::string_view fitting(std::string_view text, double width) {
  double sum = 0;
  std::size_t blank = 0, at = 0;
  while (at < text.size()) {
    sum += width_of(text[at]);
    if (sum > width && at > 0) return text.substr(0, blank > 0 ? blank : at);
    if (text[at] == ' ') blank = at;
    at += character_bytes(text.substr(at));
  }
  return text;
}

void wrap_line(std::string_view text, double width, std::vector<std::string>& out) {
  do {
    const auto line = fitting(text, width);
    out.emplace_back(line);
    text.remove_prefix(line.size());
    if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  } while (!text.empty());
}

} // namespace

double text_width(std::string_view line) noexcept {
  double sum = 0;
  for (const char c : line)
    if (begins_character(c)) sum += width_of(c);
  return sum;
}

double bold_text_width(std::string_view line) noexcept { return text_width(line) * bold; }

std::vector<std::string> wrapped(std::string_view text, double width, std::size_t lines) {
  std::vector<std::string> out;
  for (;;) {
    const auto end = text.find('\n');
    wrap_line(text.substr(0, end), width, out);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  if (out.size() <= lines) return out;
  out.resize(lines);
  constexpr std::string_view more = "…";
  out.back() = std::string(fitting(out.back(), width - text_width(more))) + std::string(more);
  return out;
}

} // namespace weir
