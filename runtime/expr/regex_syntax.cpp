#include "runtime/expr/regex_syntax.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "runtime/expr/character_set.hpp"
#include "runtime/expr/characters.hpp"

namespace weir {
namespace {

constexpr int max_depth = 200;
constexpr int max_repetition = 255; // DUPMAX

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool is_ascii(char c) noexcept { return (static_cast<unsigned char>(c) & 0x80) == 0; }

class translator {
public:
  translator(std::string_view pattern, regex_options options) : all_(pattern), options_(options) {}

  result<std::string> translate() {
    if (all_.starts_with("***")) return unsupported("a pattern that begins with ***");
    WEIR_TRY(alternatives(0));
    if (at_ < all_.size()) return invalid("parentheses () not balanced");
    return std::move(out_);
  }

private:
  bool ended() const noexcept { return at_ >= all_.size(); }
  char peek(std::size_t ahead = 0) const noexcept { return at_ + ahead < all_.size() ? all_[at_ + ahead] : '\0'; }

  std::string place() const { return fmt::format("at character {}", count_characters(all_.substr(0, at_)) + 1); }
  error invalid(const std::string& what) const {
    return {errc::invalid_text_representation, fmt::format("invalid regular expression: {}, {}", what, place())};
  }
  error unsupported(const std::string& what, std::string hint = {}) const {
    return {errc::unsupported, fmt::format("{} in a regular expression, {}", what, place()), std::move(hint)};
  }
  error depends_on_locale(std::string_view what) const {
    return unsupported(fmt::format("{}, which depends on the locale of the database,", what),
                       "write the characters, as in [0-9], or: x collate \"C\" ~ …");
  }

  status alternatives(int depth) {
    if (depth > max_depth) return unsupported("more parentheses in one another than 200");
    for (;;) {
      WEIR_TRY(branch(depth));
      if (peek() != '|' || ended()) return {};
      out_ += '|';
      ++at_;
    }
  }

  status branch(int depth) {
    while (!ended() && peek() != '|' && peek() != ')') {
      if (begins_quantifier()) return invalid("quantifier operand invalid");
      if (anchor()) continue;
      WEIR_TRY(atom(depth));
      WEIR_TRY(quantifier());
    }
    return {};
  }

  bool begins_quantifier() const noexcept {
    const char c = peek();
    return c == '*' || c == '+' || c == '?' || (c == '{' && is_digit(peek(1)));
  }

  /// The ends of the text; nothing repeats them.
  bool anchor() {
    const bool escaped = peek() == '\\';
    const char c = escaped ? peek(1) : peek();
    if (c == (escaped ? 'A' : '^')) {
      out_ += "\\A";
    } else if (c == (escaped ? 'Z' : '$')) {
      out_ += "\\z";
    } else {
      return false;
    }
    at_ += escaped ? 2 : 1;
    return true;
  }

  status atom(int depth) {
    switch (peek()) {
      case '(': return group(depth);
      case '[': return bracket();
      case '\\': return escape();
      case '.':
        out_ += "(?s:.)";
        ++at_;
        return {};
      default: break;
    }
    literal(take_character());
    return {};
  }

  std::uint32_t take_character() noexcept {
    const auto [point, bytes] = first_code_point(all_.substr(at_));
    at_ += bytes;
    return point;
  }

  void literal(std::uint32_t point) {
    character_set one;
    one.add(point, point);
    if (options_.fold_case) one.fold_case();
    out_ += one.text(false);
  }

  status group(int depth) {
    if (peek(1) == '?') {
      const char c = peek(2);
      if (c == '=' || c == '!' || c == '<') return unsupported("a look ahead or behind");
      if (c != ':') return unsupported("an option", "for upper and lower case: x collate \"C\" ~* …");
      at_ += 2;
    }
    ++at_;
    out_ += "(?:";
    WEIR_TRY(alternatives(depth + 1));
    if (peek() != ')' || ended()) return invalid("parentheses () not balanced");
    ++at_;
    out_ += ')';
    return {};
  }

  std::optional<int> take_number() noexcept {
    int value = 0;
    const auto read = std::from_chars(all_.data() + at_, all_.data() + all_.size(), value);
    if (read.ec != std::errc() || value > max_repetition) return std::nullopt;
    at_ = static_cast<std::size_t>(read.ptr - all_.data());
    return value;
  }

  /// As many as match is as few as match, where the question is whether there is a match.
  status quantifier() {
    if (!begins_quantifier()) return {};
    const char c = peek();
    ++at_;
    if (c == '{') {
      WEIR_TRY(bounds());
    } else {
      out_ += c;
    }
    if (peek() == '?') ++at_;
    if (begins_quantifier()) return invalid("quantifier operand invalid");
    return {};
  }

  status bounds() {
    const auto least = take_number();
    if (!least) return invalid("invalid repetition count(s)");
    out_ += fmt::format("{{{}", *least);
    if (peek() == ',') {
      ++at_;
      out_ += ',';
      if (is_digit(peek())) {
        const auto most = take_number();
        if (!most || *most < *least) return invalid("invalid repetition count(s)");
        out_ += std::to_string(*most);
      }
    }
    if (peek() != '}') return invalid("invalid repetition count(s)");
    ++at_;
    out_ += '}';
    return {};
  }

  /// The class that a letter behind a backslash stands for; "" if it stands for none.
  static const char* class_of(char letter) noexcept {
    switch (letter | 0x20) {
      case 'd': return "digit";
      case 's': return "space";
      case 'w': return "word";
      default: return "";
    }
  }

  status escape() {
    const char c = peek(1);
    if (at_ + 1 < all_.size() && class_of(c)[0] != '\0') {
      if (!options_.bytewise) return depends_on_locale(fmt::format("\\{}", c));
      character_set set;
      set.add_class(class_of(c));
      out_ += set.text(c < 'a');
      at_ += 2;
      return {};
    }
    WEIR_ASSIGN(const auto point, escaped_character());
    literal(point);
    return {};
  }

  /// A backslash and a character that stands for itself, or for one that cannot be seen.
  result<std::uint32_t> escaped_character() {
    if (at_ + 1 >= all_.size()) return invalid("invalid escape \\ sequence");
    const char c = peek(1);
    if (is_digit(c)) return unsupported("a back reference, or a character by its number");
    if (c == 'm' || c == 'M' || c == 'y' || c == 'Y') return unsupported(fmt::format("\\{}, an edge of a word,", c));
    if (!is_ascii(c)) return unsupported("a backslash before this character", "leave the backslash out");
    constexpr std::string_view letters = "nrtfv";
    constexpr std::string_view meant = "\n\r\t\f\v";
    const auto known = letters.find(c);
    if (is_letter(c) && known == std::string_view::npos) return unsupported(fmt::format("the escape \\{}", c));
    at_ += 2;
    return static_cast<std::uint32_t>(known == std::string_view::npos ? c : meant[known]);
  }

  status bracket() {
    ++at_;
    const bool negated = peek() == '^';
    if (negated) ++at_;
    character_set set;
    bool first = true;
    for (; !ended() && (first || peek() != ']'); first = false) WEIR_TRY(bracket_item(set, first));
    if (ended()) return invalid("brackets [] not balanced");
    ++at_;
    if (options_.fold_case) set.fold_case();
    out_ += set.text(negated);
    return {};
  }

  status bracket_item(character_set& set, bool first) {
    const char c = peek();
    if (c == '[' && (peek(1) == '.' || peek(1) == '=')) return unsupported("a collating element");
    if (c == '[' && peek(1) == ':') return bracket_class(set);
    if (c == '-' && !first && peek(1) != ']') return invalid("invalid character range");
    if (c == '\\' && class_of(peek(1))[0] != '\0') {
      if (!options_.bytewise) return depends_on_locale(fmt::format("\\{}", peek(1)));
      if (peek(1) < 'a') return unsupported(fmt::format("\\{} in brackets", peek(1)));
      set.add_class(class_of(peek(1)));
      at_ += 2;
      return {};
    }
    WEIR_ASSIGN(const auto from, bracket_character());
    if (peek() != '-' || peek(1) == ']' || at_ + 1 >= all_.size()) {
      set.add(from, from);
      return {};
    }
    ++at_;
    if (peek() == '[' && (peek(1) == '.' || peek(1) == '=' || peek(1) == ':')) return unsupported("such a range");
    WEIR_ASSIGN(const auto to, bracket_character());
    if (to < from) return invalid("invalid character range");
    set.add(from, to);
    return {};
  }

  result<std::uint32_t> bracket_character() {
    if (peek() == '\\') return escaped_character();
    return take_character();
  }

  status bracket_class(character_set& set) {
    const auto end = all_.find(":]", at_ + 2);
    const auto name = all_.substr(at_ + 2, end == std::string_view::npos ? 0 : end - at_ - 2);
    if (name == "<" || name == ">") return unsupported("an edge of a word");
    const bool known = name != "word" && set.add_class(name);
    if (!known) return unsupported(fmt::format("the class [:{}:]", name));
    if (!options_.bytewise && name != "xdigit") return depends_on_locale(fmt::format("[:{}:]", name));
    at_ = end + 2;
    return {};
  }

  std::string_view all_;
  regex_options options_;
  std::size_t at_ = 0;
  std::string out_;
};

/// Where a bracket expression of `similar to` ends: at its first closing bracket, as it was until 2025; or with
/// brackets nested in it, and a closing one at its begin taken as it is.
enum class bracket_rule : std::uint8_t { flat, nested, nested_from_escape };

class bracket_state {
public:
  explicit bracket_state(bracket_rule rule) : rule_(rule) {}

  bool inside() const noexcept { return depth_ > 0; }
  void open() noexcept {
    depth_ = 1;
    begun_ = 0;
  }
  void take(std::string_view character) noexcept {
    const bool flat = rule_ == bracket_rule::flat;
    if (character == "]" && (flat || begun_ > 1)) --depth_;
    if (character == "[" && !flat) ++depth_;
    begun_ = character == "^" ? begun_ + 1 : 2;
  }
  void take_escaped() noexcept {
    if (rule_ == bracket_rule::nested_from_escape) begun_ = 2;
  }

private:
  bracket_rule rule_;
  int depth_ = 0;
  int begun_ = 0; ///< 0 at the begin, 1 behind a caret there, then more
};

result<std::string> similar_by(bracket_rule rule, std::string_view pattern, std::string_view escape) {
  std::string out = "^(?:";
  bool escaped = false;
  bracket_state brackets(rule);
  while (!pattern.empty()) {
    const auto character = pattern.substr(0, first_character(pattern));
    pattern.remove_prefix(character.size());
    if (escaped) {
      if (character == "\"" && !brackets.inside())
        return error{errc::unsupported, "the separators of substring in similar to", "leave the escape before \" out"};
      (out += '\\') += character;
      escaped = false;
      brackets.take_escaped();
    } else if (!escape.empty() && character == escape) {
      escaped = true;
    } else if (brackets.inside()) {
      if (character == "\\") out += '\\';
      out += character;
      brackets.take(character);
    } else if (character == "%") {
      out += ".*";
    } else if (character == "_") {
      out += '.';
    } else if (character == "(") {
      out += "(?:";
    } else {
      if (character == "\\" || character == "." || character == "^" || character == "$") out += '\\';
      out += character;
      if (character == "[") brackets.open();
    }
  }
  return out + ")$";
}

} // namespace

result<std::string> re2_pattern(std::string_view pattern, regex_options options) {
  return translator(pattern, options).translate();
}

result<std::string> similar_as_regex(std::string_view pattern, std::string_view escape) {
  auto out = similar_by(bracket_rule::flat, pattern, escape);
  for (const auto rule : {bracket_rule::nested, bracket_rule::nested_from_escape}) {
    const auto other = similar_by(rule, pattern, escape);
    if (!out || !other || *out == *other) continue;
    return error{errc::unsupported,
                 "brackets in brackets of similar to, which servers of several minor versions read otherwise",
                 "write it as a regular expression: x ~ '^(…)$'"};
  }
  return out;
}

std::string like_with_backslash(std::string_view pattern, std::string_view escape) {
  if (escape == "\\") return std::string(pattern);
  std::string out;
  bool escaped = false;
  while (!pattern.empty()) {
    const auto character = pattern.substr(0, first_character(pattern));
    pattern.remove_prefix(character.size());
    const bool escapes = !escaped && !escape.empty() && character == escape;
    if (escapes) {
      out += '\\';
    } else {
      if (character == "\\" && !escaped) out += '\\';
      out += character;
    }
    escaped = escapes;
  }
  return out;
}

} // namespace weir
