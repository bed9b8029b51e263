#include "runtime/expr/json_scan.hpp"

#include <algorithm>
#include <bit>

#include "runtime/base/utf8.hpp"
#include "runtime/expr/json_blocks.hpp"

namespace weir {
namespace {

/// From the opening quote to behind the closing one.
std::size_t string_end(std::string_view text, std::size_t open) noexcept {
  for (auto at = open + 1; at < text.size();) {
    if (at + 8 <= text.size()) {
      const auto eight = eight_bytes(text.data() + at);
      const auto marks = marks_of(eight, '"') | marks_of(eight, '\\');
      at += marks != 0 ? static_cast<std::size_t>(std::countr_zero(marks)) / 8 : 8;
      if (marks == 0) continue;
    }
    if (text[at] == '"') return at + 1;
    at += text[at] == '\\' ? 2 : 1;
  }
  return text.size();
}

/// To behind the bracket or brace that closes the one at `open`, a block at a time.
std::size_t far_end(std::string_view text, std::size_t open) noexcept {
  int depth = 0;
  for (json_blocks blocks(text.substr(open)); blocks.next();) {
    const auto openings = blocks.openings();
    const auto closings = blocks.closings();
    if (const auto closed = count_bits(closings); depth > closed) {
      depth += count_bits(openings) - closed;
      continue;
    }
    for (auto both = openings | closings; both != 0; both &= both - 1) {
      depth += (openings & both & -both) != 0 ? 1 : -1;
      if (depth == 0) return open + blocks.begin() + static_cast<std::size_t>(std::countr_zero(both)) + 1;
    }
  }
  return text.size();
}

/// The same; where the end is near it is found before a block would be.
std::size_t container_end(std::string_view text, std::size_t open) noexcept {
  constexpr std::size_t near = 32;
  int depth = 0;
  for (std::size_t at = open; at < std::min(open + near, text.size());) {
    const char c = text[at];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at + 1;
    at = c == '"' ? string_end(text, at) : at + 1;
  }
  return far_end(text, open);
}

/// Most strings are so short that a call to search them costs more than the search.
bool has_escapes(std::string_view raw) noexcept {
  if (raw.size() > 16) return raw.find('\\') != std::string_view::npos;
  for (const char c : raw)
    if (c == '\\') return true;
  return false;
}

std::uint32_t hex_value(std::string_view digits) noexcept {
  std::uint32_t value = 0;
  for (const char c : digits)
    value = value * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  return value;
}

bool is_high_surrogate(std::uint32_t unit) noexcept { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(std::uint32_t unit) noexcept { return unit >= 0xdc00 && unit < 0xe000; }

/// Takes the escape that `raw` begins with off it.
encoded_character take_escape(std::string_view& raw) noexcept {
  const char c = raw.size() > 1 ? raw[1] : '\\';
  if (c != 'u' || raw.size() < 6) {
    raw.remove_prefix(std::min<std::size_t>(2, raw.size()));
    return {{c == 'b' ? '\b' : c == 'f' ? '\f' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c}, 1};
  }
  auto point = hex_value(raw.substr(2, 4));
  raw.remove_prefix(6);
  if (is_high_surrogate(point) && raw.size() >= 6 && raw.starts_with("\\u")) {
    point = 0x10000 + ((point - 0xd800) << 10) + (hex_value(raw.substr(2, 4)) - 0xdc00);
    raw.remove_prefix(6);
  }
  return encode_utf8(point);
}

} // namespace

std::size_t json_value_end(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return at;
  if (text[at] == '"') return string_end(text, at);
  if (text[at] == '{' || text[at] == '[') return container_end(text, at);
  while (at < text.size() && !is_json_blank(text[at]) && text[at] != ',' && text[at] != ']' && text[at] != '}') ++at;
  return at;
}

const char* json_kind_name(json_kind kind) noexcept {
  constexpr const char* names[] = {"null", "boolean", "number", "string", "array", "object"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view json_trimmed(std::string_view text) noexcept {
  text.remove_prefix(json_skip_blanks(text, 0));
  while (!text.empty() && is_json_blank(text.back())) text.remove_suffix(1);
  return text;
}

json_walk::json_walk(std::string_view container) noexcept
    : text_(container), at_(std::min<std::size_t>(1, container.size())), in_object_(container.starts_with('{')) {}

bool json_walk::next() noexcept {
  auto at = at_;
  if (at < text_.size() && text_[at] != ',') at = json_skip_blanks(text_, at);
  if (at < text_.size() && text_[at] == ',') at = json_skip_blanks(text_, at + 1);
  if (at >= text_.size() || text_[at] == '}' || text_[at] == ']') return false;
  if (in_object_) {
    const auto end = string_end(text_, at);
    key_ = end < at + 2 ? std::string_view() : std::string_view(text_.data() + at + 1, end - at - 2);
    at = json_skip_blanks(text_, end);
    if (at < text_.size() && text_[at] == ':') ++at;
    at = json_skip_blanks(text_, at);
  }
  at_ = json_value_end(text_, at);
  value_ = {text_.data() + at, at_ - at};
  return true;
}

bool json_string_is(std::string_view raw, std::string_view text) noexcept {
  while (!raw.empty()) {
    const auto plain = std::min(raw.find('\\'), raw.size());
    if (text.substr(0, plain) != raw.substr(0, plain)) return false;
    text.remove_prefix(plain);
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    const auto c = take_escape(raw);
    if (!text.starts_with(c.text())) return false;
    text.remove_prefix(c.size);
  }
  return text.empty();
}

std::string_view json_string_text(std::string_view raw, std::string& scratch) {
  if (!has_escapes(raw)) return raw;
  scratch.clear();
  while (!raw.empty()) {
    const auto plain = std::min(raw.find('\\'), raw.size());
    scratch += raw.substr(0, plain);
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    const auto c = take_escape(raw);
    scratch += c.text();
  }
  return scratch;
}

std::optional<std::string_view> json_element(std::string_view document, std::int64_t index) noexcept {
  if (!document.starts_with('[')) return std::nullopt;
  if (index < 0) index += json_count(document);
  if (index < 0) return std::nullopt;
  for (json_walk walk(document); walk.next(); --index)
    if (index == 0) return walk.value();
  return std::nullopt;
}

std::int64_t json_count(std::string_view container) noexcept {
  std::int64_t count = 0;
  for (json_walk walk(container); walk.next();) ++count;
  return count;
}

json_fault json_escape_fault(std::string_view document) noexcept {
  for (auto at = document.find('\\'); at != std::string_view::npos; at = document.find('\\', at)) {
    const auto escape = document.substr(at);
    at += 2;
    if (escape.size() < 6 || escape[1] != 'u') continue;
    const auto unit = hex_value(escape.substr(2, 4));
    at += 4;
    if (unit == 0) return json_fault::zero_character;
    if (is_low_surrogate(unit)) return json_fault::surrogate;
    if (!is_high_surrogate(unit)) continue;
    const bool paired =
        escape.size() >= 12 && escape.substr(6, 2) == "\\u" && is_low_surrogate(hex_value(escape.substr(8, 4)));
    if (!paired) return json_fault::surrogate;
    at += 6;
  }
  return json_fault::none;
}

} // namespace weir
