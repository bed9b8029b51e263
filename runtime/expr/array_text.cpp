#include "runtime/expr/array_text.hpp"

#include <algorithm>
#include <charconv>

namespace weir {
namespace {

/// Without the bounds before it: from the first brace on.
std::string_view body_of(std::string_view text) noexcept {
  if (text.starts_with('{')) return text;
  const auto brace = text.find('{');
  return brace == std::string_view::npos ? std::string_view() : text.substr(brace);
}

/// From the opening quote to behind the closing one.
std::size_t quoted_end(std::string_view text) noexcept {
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_null_word(std::string_view text) noexcept {
  constexpr std::string_view word = "null";
  return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) { return (a | 0x20) == b; });
}

error malformed(std::string_view text) {
  return {errc::invalid_text_representation, "malformed array literal: \"" + std::string(text.substr(0, 100)) + '"',
          "write it as '{1,2}'"};
}

/// Reads what someone has written as an array.
class array_reader {
public:
  explicit array_reader(std::string_view text) : all_(text), rest_(text) {}

  result<std::vector<std::optional<std::string>>> read() {
    skip_blanks();
    if (rest_.starts_with('['))
      return error{errc::unsupported, "an array with bounds of its own", "write it as '{1,2}'"};
    if (!take('{')) return malformed(all_);
    std::vector<std::optional<std::string>> out;
    skip_blanks();
    if (!take('}')) {
      do {
        WEIR_ASSIGN(auto element, read_element());
        out.push_back(std::move(element));
      } while (take(','));
      if (!take('}')) return malformed(all_);
    }
    skip_blanks();
    if (!rest_.empty()) return malformed(all_);
    return out;
  }

private:
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  result<std::optional<std::string>> read_element() {
    skip_blanks();
    if (rest_.starts_with('{')) return error{errc::unsupported, "an array of arrays", "write one of one dimension"};
    const bool quoted = take('"');
    std::string text;
    std::size_t kept = 0; // blanks behind an element without quotes do not count
    bool escaped = false;
    while (!rest_.empty() && (quoted ? rest_.front() != '"' : rest_.front() != ',' && rest_.front() != '}')) {
      if (!quoted && (rest_.front() == '"' || rest_.front() == '{')) return malformed(all_);
      const bool escape = take('\\');
      if (escape && rest_.empty()) return malformed(all_);
      const bool counts = escape || !is_blank(rest_.front());
      text += rest_.front();
      rest_.remove_prefix(1);
      escaped = escaped || escape;
      if (counts) kept = text.size();
    }
    if (quoted) {
      if (!take('"')) return malformed(all_);
      skip_blanks();
      return std::optional(std::move(text));
    }
    text.resize(kept);
    if (text.empty()) return malformed(all_);
    if (!escaped && is_null_word(text)) return std::optional<std::string>();
    return std::optional(std::move(text));
  }

  std::string_view all_;
  std::string_view rest_;
};

bool needs_quotes(std::string_view text) noexcept {
  return text.empty() || is_null_word(text) || std::any_of(text.begin(), text.end(), [](char c) {
           return is_blank(c) || c == '"' || c == '\\' || c == '{' || c == '}' || c == ',';
         });
}

} // namespace

array_walk::array_walk(std::string_view text) noexcept : rest_(body_of(text)) {}

void array_walk::take_quoted() noexcept {
  const auto end = quoted_end(rest_);
  raw_ = rest_.substr(1, end < 2 ? 0 : end - 2);
  rest_.remove_prefix(end);
}

std::string_view array_walk::without_escapes(std::string& scratch) const {
  if (raw_.find('\\') == std::string_view::npos) return raw_;
  scratch.clear();
  for (std::size_t i = 0; i < raw_.size(); ++i) {
    if (raw_[i] == '\\' && i + 1 < raw_.size()) ++i;
    scratch += raw_[i];
  }
  return scratch;
}

std::int64_t array_count(std::string_view text) noexcept {
  std::int64_t count = 0;
  for (array_walk walk(text); walk.next();) ++count;
  return count;
}

int array_dimensions(std::string_view text) noexcept {
  const auto body = body_of(text);
  if (body.starts_with("{}")) return 0;
  return static_cast<int>(std::min(body.find_first_not_of('{'), body.size()));
}

std::optional<std::int64_t> array_length(std::string_view text, std::int64_t dimension) noexcept {
  if (dimension < 1 || dimension > array_dimensions(text)) return std::nullopt;
  auto rest = body_of(text);
  rest.remove_prefix(static_cast<std::size_t>(dimension));
  std::int64_t length = 1;
  for (std::int64_t depth = 0; !rest.empty();) {
    const char c = rest.front();
    if (c == '}' && depth == 0) break;
    if (c == ',' && depth == 0) ++length;
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    rest.remove_prefix(c == '"' ? quoted_end(rest) : 1);
  }
  return length;
}

std::int64_t array_first_place(std::string_view text) noexcept {
  std::int64_t place = 1;
  if (text.starts_with('[')) std::from_chars(text.data() + 1, text.data() + text.size(), place);
  return place;
}

result<std::vector<std::optional<std::string>>> read_array(std::string_view text) { return array_reader(text).read(); }

std::string write_array(const std::vector<std::optional<std::string>>& elements) {
  std::string out = "{";
  for (const auto& element : elements) {
    if (out.size() > 1) out += ',';
    if (!element) {
      out += "NULL";
    } else if (!needs_quotes(*element)) {
      out += *element;
    } else {
      out += '"';
      for (const char c : *element) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
    }
  }
  return out + '}';
}

} // namespace weir
