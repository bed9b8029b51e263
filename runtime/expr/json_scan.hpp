#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

// Values found in the text of a JSON document, without making anything of it. The text is valid JSON, as PostgreSQL has
// checked it; of any other text some part of it is found, or nothing. A value is the text of it, without blanks around.

enum class json_kind : std::uint8_t { null, boolean, number, string, array, object };

inline json_kind json_kind_of(std::string_view value) noexcept {
  switch (value.empty() ? 'n' : value.front()) {
    case '{': return json_kind::object;
    case '[': return json_kind::array;
    case '"': return json_kind::string;
    case 't':
    case 'f': return json_kind::boolean;
    case 'n': return json_kind::null;
    default: return json_kind::number;
  }
}
/// As json_typeof names it.
const char* json_kind_name(json_kind kind) noexcept;
inline bool is_json_container(json_kind kind) noexcept { return kind >= json_kind::array; }

/// The text without the blanks around it.
std::string_view json_trimmed(std::string_view text) noexcept;

inline bool is_json_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
inline std::size_t json_skip_blanks(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && is_json_blank(text[at])) ++at;
  return at;
}
/// Behind the value that begins at `at`.
std::size_t json_value_end(std::string_view text, std::size_t at) noexcept;

/// Passes over the members of an object, or the elements of an array, one after the other.
class json_walk {
public:
  /// `container` begins with its brace or bracket.
  explicit json_walk(std::string_view container) noexcept;

  /// False behind the last one.
  bool next() noexcept;

  /// Of an object: what stands between the quotes, escapes as they are.
  std::string_view key() const noexcept { return key_; }
  std::string_view value() const noexcept { return value_; }

private:
  std::string_view text_;
  std::size_t at_;
  std::string_view key_;
  std::string_view value_;
  bool in_object_;
};

/// Does the string, which lies between quotes with its escapes, mean this text?
bool json_string_is(std::string_view raw, std::string_view text) noexcept;

/// What the string means: `raw` itself where it has no escapes, else in `scratch`.
std::string_view json_string_text(std::string_view raw, std::string& scratch);

/// The element at this place, from the end if it is negative; empty where the document is no array or has none.
std::optional<std::string_view> json_element(std::string_view document, std::int64_t index) noexcept;
std::int64_t json_count(std::string_view container) noexcept;

enum class json_fault : std::uint8_t { none, zero_character, surrogate };

/// The first escape of the document that stands for no character, as those of type json may hold.
json_fault json_escape_fault(std::string_view document) noexcept;

} // namespace weir
