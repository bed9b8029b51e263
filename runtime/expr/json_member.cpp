#include "runtime/expr/json_member.hpp"

#include <algorithm>
#include <bit>

#include "runtime/expr/json_blocks.hpp"
#include "runtime/expr/json_scan.hpp"

// A member is found without a look at those before it: what is quoted, has the size and the bytes of the key, and a
// colon behind it, is a key; and of this object, if it is in no other.
namespace weir {
namespace {

/// The opening quotes of strings of so many bytes; of those that may end in the next block, all.
std::uint64_t strings_of_size(const json_blocks& blocks, std::size_t size) noexcept {
  const auto to_closing = size + 1;
  if (to_closing >= byte_block::size) return blocks.opening_quotes();
  const auto ends_beyond = ~std::uint64_t{0} << (byte_block::size - to_closing);
  return blocks.opening_quotes() & (blocks.quotes() >> to_closing | ends_beyond);
}

/// Where the value begins, if what is quoted at `open` is this key; else 0.
std::size_t value_of_key(std::string_view text, std::size_t open, std::string_view raw) noexcept {
  const auto close = open + 1 + raw.size();
  if (close >= text.size() || text[close] != '"') return 0;
  const auto colon = json_skip_blanks(text, close + 1);
  if (colon >= text.size() || text[colon] != ':') return 0;
  if (std::string_view(text.data() + open + 1, raw.size()) != raw) return 0;
  return json_skip_blanks(text, colon + 1);
}

std::string_view value_at(std::string_view text, std::size_t begin, const json_blocks& blocks) noexcept {
  if (begin >= text.size()) return {text.data() + text.size(), 0};
  const auto kind = json_kind_of(text.substr(begin));
  auto end = kind == json_kind::string || is_json_container(kind) ? blocks.end_of(begin) : 0;
  if (end == 0) end = json_value_end(text, begin);
  return {text.data() + begin, end - begin};
}

enum class wanted : std::uint8_t { first, last };

/// No data where there is no such member.
std::string_view find_member(std::string_view object, std::string_view raw, wanted which) noexcept {
  std::string_view found;
  if (!object.starts_with('{')) return found;
  int depth = 0; // of objects; what has a key in an array is in an object of it
  for (json_blocks blocks(object); blocks.next();) {
    auto keys = strings_of_size(blocks, raw.size());
    if (keys == 0 && blocks.is_last()) break;
    const auto opened = blocks.opening_braces();
    const auto opened_count = count_bits(opened);
    // else all keys of the block are the outermost object's
    const bool nested = depth + opened_count != 1;
    const auto closed = nested ? blocks.closing_braces() : 0;
    for (; keys != 0; keys &= keys - 1) {
      const auto before = (keys & -keys) - 1;
      if (nested && depth + count_bits(opened & before) - count_bits(closed & before) != 1) continue;
      const auto open = blocks.begin() + static_cast<std::size_t>(std::countr_zero(keys));
      const auto value = value_of_key(object, open, raw);
      if (value == 0) continue;
      found = value_at(object, value, blocks);
      if (which == wanted::first) return found;
    }
    depth += opened_count - count_bits(closed);
  }
  return found;
}

std::optional<std::string_view> if_found(std::string_view value) noexcept {
  return value.data() != nullptr ? std::optional(value) : std::nullopt;
}

std::optional<std::string_view> walk_to_member(std::string_view document, std::string_view key) noexcept {
  if (!document.starts_with('{')) return std::nullopt;
  std::optional<std::string_view> found;
  for (json_walk walk(document); walk.next();)
    if (json_string_is(walk.key(), key)) found = walk.value();
  return found;
}

bool has_escapes(std::string_view text) noexcept { return text.find('\\') != std::string_view::npos; }

} // namespace

json_key::json_key(std::string_view text) noexcept
    : text_(text), needs_no_escape_(std::none_of(text.begin(), text.end(), [](char c) {
        return c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ';
      })) {}

std::optional<std::string_view> json_member(std::string_view document, const json_key& key) noexcept {
  // an escape may stand for what needs none
  if (!key.needs_no_escape() || has_escapes(document)) return walk_to_member(document, key.text());
  return if_found(find_member(document, key.text(), wanted::last));
}

std::optional<std::string_view> jsonb_member(std::string_view document, const json_key& key) noexcept {
  if (!key.needs_no_escape()) return walk_to_member(document, key.text());
  return if_found(find_member(document, key.text(), wanted::first));
}

std::optional<std::string_view> jsonb_member_written(std::string_view document, std::string_view raw) noexcept {
  return if_found(find_member(document, raw, wanted::first));
}

} // namespace weir
