#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.hpp"
#include "dsl/tokens.hpp"

namespace weir::dsl {

/// One statement of an SQL script: its tokens, without comments and without the ';' behind it.
struct sql_statement {
  std::uint32_t file = 0;
  std::vector<token> tokens;
};

/// Splits an SQL script as psql does: dollar quotes, parentheses and SQL bodies of functions hold semicolons; the rows
/// behind COPY … FROM stdin and psql's own commands are passed over.
///
/// Output   views into `text`; statements without tokens are left out
/// Errors   W0103 a comment, a string or a quoted name that does not end: what is before it is there
/// Cost     O(text)
std::vector<sql_statement> split_script(std::uint32_t file, std::string_view text, diagnostics& found);

/// Where a reader is in a statement. Words are compared without regard to case; a quoted name is no word.
class statement_cursor {
public:
  explicit statement_cursor(const sql_statement& of) : of_(&of) {}

  bool at_end() const { return at_ >= of_->tokens.size(); }
  std::size_t place() const { return at_; }
  void go_to(std::size_t place) { at_ = place; }
  bool sees(std::string_view word, std::size_t ahead = 0) const;
  bool sees_mark(std::string_view mark, std::size_t ahead = 0) const;
  bool sees_name() const;
  /// Passes over the words if all of them are next, in order.
  template <class... Words>
  bool take(Words... words) {
    std::size_t ahead = 0;
    const bool all = (sees(words, ahead++) && ...);
    if (all) at_ += sizeof...(words);
    return all;
  }
  bool take_mark(std::string_view mark);
  void skip() { ++at_; }
  /// Passes over a parenthesis with all that is in it, or over one token.
  void skip_group();
  /// Passes over what there is up to a ',' or ')' of this level.
  void skip_item();

  /// A word, folded, or a quoted name's content; "" if none is next.
  std::string take_name();
  /// The content of a string without escapes; "" if none is next.
  std::string take_string();
  /// The token that is next; empty at the end.
  std::string_view text() const { return at_end() ? std::string_view() : of_->tokens[at_].text; }
  bool sees_kind(token_kind kind) const { return !at_end() && of_->tokens[at_].kind == kind; }
  /// Of the next token, or behind the last one.
  span where() const;
  span where(std::size_t place) const;

private:
  const sql_statement* of_;
  std::size_t at_ = 0;
};

} // namespace weir::dsl
