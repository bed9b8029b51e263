#include "dsl/sql_script.hpp"

#include <algorithm>

#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool same_word(std::string_view text, std::string_view word) noexcept {
  return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
         });
}

/// "$tag$ … $tag$", from its first character; 0 if `text` begins with none, npos if it does not end.
std::size_t dollar_quoted_length(std::string_view text) noexcept {
  if (text.front() != '$') return 0;
  std::size_t tag = 1;
  while (tag < text.size() && is_word_character(text[tag]) && text[tag] != '$') ++tag;
  if (tag >= text.size() || text[tag] != '$' || (tag > 1 && text[1] >= '0' && text[1] <= '9')) return 0;
  const auto opener = text.substr(0, tag + 1);
  const auto close = text.find(opener, opener.size());
  return close == std::string_view::npos ? close : close + opener.size();
}

token_kind kind_of(std::string_view text) noexcept {
  const char c = text.front();
  if (text.starts_with("--")) return token_kind::line_comment;
  if (text.starts_with("/*")) return token_kind::block_comment;
  const auto quote = text.find_first_of("'\"");
  if (text.back() == '\'' && quote <= 2 && text[quote] == '\'') return token_kind::string;
  if (text.back() == '"' && quote <= 2) return token_kind::quoted;
  if (text.size() > 1 && c == '$' && text.back() == '$') return token_kind::string;
  if ((c >= '0' && c <= '9') || (c == '.' && text.size() > 1 && text[1] != '.')) return token_kind::number;
  return is_word_character(c) ? token_kind::word : token_kind::mark;
}

class splitter {
public:
  splitter(std::uint32_t file, std::string_view text, diagnostics& found) : file_(file), text_(text), found_(found) {}

  std::vector<sql_statement> run() {
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    while (at_ < text_.size() && step()) {
    }
    end_statement();
    return std::move(out_);
  }

private:
  bool step() {
    const auto rest = text_.substr(at_);
    if (is_space(rest.front())) {
      ++at_;
      return true;
    }
    if (rest.front() == '\\') { // a command of psql: the rest of its line
      at_ += std::min(rest.find('\n'), rest.size());
      return true;
    }
    auto length = dollar_quoted_length(rest);
    if (length == 0) length = first_token_length(rest);
    if (length == 0 || length == std::string_view::npos) {
      unterminated(rest);
      return false;
    }
    take({kind_of(rest.substr(0, length)), rest.substr(0, length), at_, 0});
    return true;
  }

  void take(const token& t) {
    at_ += t.text.size();
    if (t.is_comment()) return;
    if (t.text == "(") ++depth_;
    if (t.text == ")" && depth_ > 0) --depth_;
    if (t.text == ";" && depth_ == 0 && bodies_ == 0) return end_statement();
    count_bodies(t);
    current_.tokens.push_back(t);
  }

  /// A function's body in SQL: begin atomic … end. psql counts so as well.
  void count_bodies(const token& t) {
    if (t.kind != token_kind::word || !makes_routine()) return;
    if (same_word(t.text, "begin") || (bodies_ > 0 && same_word(t.text, "case"))) ++bodies_;
    if (bodies_ > 0 && same_word(t.text, "end")) --bodies_;
  }

  bool makes_routine() const {
    statement_cursor c(current_);
    if (!c.take("create")) return false;
    c.take("or", "replace");
    return c.sees("function") || c.sees("procedure");
  }

  void end_statement() {
    depth_ = bodies_ = 0;
    if (current_.tokens.empty()) return;
    if (copies_from_stdin()) pass_over_rows();
    current_.file = file_;
    out_.push_back(std::move(current_));
    current_ = {};
  }

  bool copies_from_stdin() const {
    const auto& all = current_.tokens;
    if (!same_word(all.front().text, "copy")) return false;
    for (std::size_t i = 1; i < all.size(); ++i)
      if (same_word(all[i].text, "stdin") && same_word(all[i - 1].text, "from")) return true;
    return false;
  }

  void pass_over_rows() {
    at_ = std::min(text_.find('\n', at_), text_.size());
    while (at_ < text_.size()) {
      const auto line_end = std::min(text_.find('\n', at_ + 1), text_.size());
      auto line = text_.substr(at_ + 1, line_end - std::min(line_end, at_ + 1));
      while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      at_ = line_end;
      if (line == "\\.") return;
    }
  }

  void unterminated(std::string_view rest) {
    const auto end = at_ + std::min(rest.find('\n'), rest.size());
    const bool comment = rest.starts_with("/*");
    found_.push_back({severity::error, code::unterminated,
                      span{file_, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end)},
                      comment ? "this comment does not end" : "this string or quoted name does not end",
                      comment ? "it is closed by */" : "it is closed by the quote it begins with"});
  }

  std::uint32_t file_;
  std::string_view text_;
  diagnostics& found_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;  ///< of parentheses
  std::size_t bodies_ = 0; ///< begin and case without their end
  sql_statement current_;
  std::vector<sql_statement> out_;
};

} // namespace

std::vector<sql_statement> split_script(std::uint32_t file, std::string_view text, diagnostics& found) {
  return splitter(file, text, found).run();
}

bool statement_cursor::sees(std::string_view word, std::size_t ahead) const {
  return at_ + ahead < of_->tokens.size() && of_->tokens[at_ + ahead].kind == token_kind::word &&
         same_word(of_->tokens[at_ + ahead].text, word);
}

bool statement_cursor::sees_mark(std::string_view mark, std::size_t ahead) const {
  return at_ + ahead < of_->tokens.size() && of_->tokens[at_ + ahead].kind == token_kind::mark &&
         of_->tokens[at_ + ahead].text == mark;
}

bool statement_cursor::sees_name() const { return sees_kind(token_kind::word) || sees_kind(token_kind::quoted); }

bool statement_cursor::take_mark(std::string_view mark) {
  if (!sees_mark(mark)) return false;
  ++at_;
  return true;
}

void statement_cursor::skip_group() {
  std::size_t depth = 0;
  do {
    if (sees_mark("(") || sees_mark("[")) ++depth;
    if ((sees_mark(")") || sees_mark("]")) && depth > 0) --depth;
    ++at_;
  } while (depth > 0 && !at_end());
}

void statement_cursor::skip_item() {
  while (!at_end() && !sees_mark(",") && !sees_mark(")")) skip_group();
}

std::string statement_cursor::take_name() { return sees_name() ? name_of(of_->tokens[at_++].text) : std::string(); }

std::string statement_cursor::take_string() {
  if (!sees_kind(token_kind::string)) return {};
  const auto text = of_->tokens[at_++].text;
  std::string out;
  for (auto i = text.find('\'') + 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\'') ++i;
    out += text[i];
  }
  return out;
}

span statement_cursor::where(std::size_t place) const {
  const auto& all = of_->tokens;
  const auto& t = all[std::min(place, all.size() - 1)];
  const auto end = static_cast<std::uint32_t>(t.begin + t.text.size());
  return place < all.size() ? span{of_->file, static_cast<std::uint32_t>(t.begin), end} : span{of_->file, end, end};
}

span statement_cursor::where() const { return where(at_); }

} // namespace weir::dsl
