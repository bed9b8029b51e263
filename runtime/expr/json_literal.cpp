#include "runtime/expr/json_literal.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/expr/json_scan.hpp"
#include "runtime/rows/column.hpp"

namespace weir {
namespace {

constexpr int max_depth = 200;

error no_json() { return {errc::invalid_text_representation, "invalid input syntax for type json"}; }

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_hex(char c) noexcept { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      default:
        if (static_cast<unsigned char>(c) < ' ')
          out += fmt::format("\\u{:04x}", static_cast<int>(c));
        else
          out += c;
    }
  }
  return out + '"';
}

/// Reads a document, and gives each value as jsonb writes it.
class document_reader {
public:
  document_reader(std::string_view text, bool as_jsonb) : rest_(text), as_jsonb_(as_jsonb) {}

  result<std::string> read() {
    WEIR_ASSIGN(auto out, read_value(0));
    skip_blanks();
    if (!rest_.empty()) return no_json();
    return out;
  }

private:
  void skip_blanks() {
    while (!rest_.empty() &&
           (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\n' || rest_.front() == '\r'))
      rest_.remove_prefix(1);
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  result<std::string> read_value(int depth) {
    if (depth > max_depth)
      return error{errc::unsupported, fmt::format("a document that nests deeper than {}", max_depth)};
    skip_blanks();
    if (rest_.empty()) return no_json();
    switch (rest_.front()) {
      case '{': return read_object(depth);
      case '[': return read_array(depth);
      case '"': {
        WEIR_ASSIGN(const auto text, read_string());
        return quoted(text);
      }
      default: break;
    }
    for (const std::string_view word : {"null", "true", "false"})
      if (take(word)) return ends_word() ? result<std::string>(std::string(word)) : no_json();
    return read_number();
  }

  bool ends_word() const {
    return rest_.empty() || !(is_digit(rest_.front()) || (static_cast<unsigned char>(rest_.front()) & 0x80) != 0 ||
                              ((rest_.front() | 0x20) >= 'a' && (rest_.front() | 0x20) <= 'z') || rest_.front() == '_');
  }

  /// What the string means; of json only its shape is looked at.
  result<std::string> read_string() {
    std::size_t at = 1;
    while (at < rest_.size() && rest_[at] != '"') {
      if (static_cast<unsigned char>(rest_[at]) < ' ') return no_json();
      if (rest_[at] == '\\' && !is_escape(rest_.substr(at))) return no_json();
      at += rest_[at] == '\\' ? 2 : 1;
    }
    if (at >= rest_.size()) return no_json();
    const auto raw = rest_.substr(1, at - 1);
    rest_.remove_prefix(at + 1);
    if (!as_jsonb_) return std::string();
    const auto fault = json_escape_fault(raw);
    if (fault == json_fault::zero_character)
      return error{errc::invalid_text_representation, "unsupported Unicode escape sequence"};
    if (fault == json_fault::surrogate) return no_json();
    std::string scratch;
    return std::string(json_string_text(raw, scratch));
  }

  static bool is_escape(std::string_view text) {
    if (text.size() < 2) return false;
    if (text[1] != 'u') return std::string_view("\"\\/bfnrt").find(text[1]) != std::string_view::npos;
    return text.size() >= 6 && std::all_of(text.begin() + 2, text.begin() + 6, is_hex);
  }

  std::size_t digits(std::size_t at) const {
    while (at < rest_.size() && is_digit(rest_[at])) ++at;
    return at;
  }

  result<std::string> read_number() {
    const std::size_t first = rest_.starts_with('-') ? 1 : 0;
    auto at = digits(first);
    if (at == first || (rest_[first] == '0' && at > first + 1)) return no_json();
    if (at < rest_.size() && rest_[at] == '.') {
      const auto fraction = digits(at + 1);
      if (fraction == at + 1) return no_json();
      at = fraction;
    }
    if (at < rest_.size() && (rest_[at] | 0x20) == 'e') {
      const std::size_t sign = at + 1 < rest_.size() && (rest_[at + 1] == '+' || rest_[at + 1] == '-') ? 1 : 0;
      const auto exponent = digits(at + 1 + sign);
      if (exponent == at + 1 + sign) return no_json();
      at = exponent;
    }
    const auto text = rest_.substr(0, at);
    rest_.remove_prefix(at);
    if (!ends_word()) return no_json();
    if (!as_jsonb_) return std::string();
    column value({type_id::numeric});
    WEIR_TRY(append_text(value, text));
    std::string out;
    write_text(value, 0, out);
    return out;
  }

  result<std::string> read_array(int depth) {
    take("[");
    std::string out = "[";
    skip_blanks();
    if (take("]")) return out + ']';
    do {
      WEIR_ASSIGN(const auto element, read_value(depth + 1));
      if (out.size() > 1) out += ", ";
      out += element;
      skip_blanks();
    } while (take(","));
    if (!take("]")) return no_json();
    return out + ']';
  }

  result<std::string> read_object(int depth) {
    take("{");
    std::vector<std::pair<std::string, std::string>> members;
    skip_blanks();
    if (!take("}")) {
      do {
        skip_blanks();
        if (!rest_.starts_with('"')) return no_json();
        WEIR_ASSIGN(auto key, read_string());
        skip_blanks();
        if (!take(":")) return no_json();
        WEIR_ASSIGN(auto value, read_value(depth + 1));
        members.emplace_back(std::move(key), std::move(value));
        skip_blanks();
      } while (take(","));
      if (!take("}")) return no_json();
    }
    return write_object(std::move(members));
  }

  static std::string write_object(std::vector<std::pair<std::string, std::string>> members) {
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
      return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
    });
    std::string out = "{";
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i + 1 < members.size() && members[i + 1].first == members[i].first) continue; // the last one counts
      if (out.size() > 1) out += ", ";
      out += quoted(members[i].first) + ": " + members[i].second;
    }
    return out + '}';
  }

  std::string_view rest_;
  bool as_jsonb_;
};

} // namespace

result<std::string> canonical_jsonb(std::string_view text) { return document_reader(text, true).read(); }

status check_json(std::string_view text) {
  const auto read = document_reader(text, false).read();
  if (!read) return read.error();
  return {};
}

} // namespace weir
