#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "dsl/format_pieces.hpp"

namespace weir::dsl {

enum class layout : std::uint8_t {
  token,  ///< a piece, with its comments
  brk,    ///< where a line may end: it does if the group around does not fit
  hard,   ///< a line ends
  concat, ///< one part behind the other
  group,  ///< on one line if it fits
  nest,   ///< lines that begin in it are indented by two more
  align,  ///< lines that begin in it begin where it begins
  fill,   ///< parts as many to a line as fit
};

/// How tokens may be spread over lines (after Oppen, Wadler and Lindig). Blanks within a line are the pieces' own.
struct document {
  layout kind = layout::concat;
  std::size_t token = 0; ///< the place of the piece
  std::vector<document> parts = {};
  bool broken = false; ///< of a group: never on one line

  // measured, see measure()
  std::size_t first = 0;      ///< the first token in it
  bool empty = true;          ///< there is no token in it
  std::size_t flat = 0;       ///< characters on one line
  std::size_t head = 0;       ///< characters before the first place where a line may end
  bool head_ends = false;     ///< there is such a place
  bool comment_first = false; ///< a comment on its own line stands before its first token
  bool comment_last = false;  ///< a comment ends the line of its last token
  bool lines_inside = false;  ///< it cannot be one line
};

document token_of(std::size_t place);
document break_of();
document hard_break();
document concat(std::vector<document> parts);
document group(document part, bool broken = false);
document nest(document part);
document align(document part);
document fill(std::vector<document> parts);

/// Lines as they are made: first the code, then at most one comment that ends the line.
class line_writer {
public:
  explicit line_writer(const std::vector<piece>& all) : all_(all) {}

  static constexpr std::size_t limit = 100;

  /// One statement, or the head of a block, or an item of one.
  void write(document what, std::size_t indent);
  /// A token alone, close behind what stands there ("};"), or on the line ("{").
  void write_token(std::size_t place, std::size_t indent);
  void write_comments(const std::vector<comment_line>& comments, std::size_t indent);
  /// The next thing begins a line; behind an empty one if `blank`, but not at the beginning of a block or of the file.
  void begin_line(std::size_t indent, bool blank);
  /// What follows is the beginning of a block.
  void begin_block() { block_begins_ = true; }
  /// Would this be one line, together with `more` characters behind it?
  bool fits(document& what, std::size_t more);

  /// The text, with the comments of neighbouring lines under each other.
  std::string text();

private:
  struct line {
    std::string code;
    std::string comment;
  };

  void measure(document& d) const;
  void print(const document& d, std::size_t indent, bool flat, std::size_t behind);
  void print_parts(const document& d, std::size_t indent, bool flat, std::size_t behind);
  void print_fill(const document& d, std::size_t indent, bool flat, std::size_t behind);
  void put(std::size_t place, std::size_t indent);
  void put_comment_lines(const std::vector<comment_line>& comments, std::size_t indent);
  void end_line(std::size_t indent);
  void add(const std::string& text);
  std::size_t column_before(const document& d, std::size_t indent) const;
  std::size_t close_width(std::size_t place) const;

  const std::vector<piece>& all_;
  std::vector<line> lines_;
  line now_;
  std::size_t column_ = 0;
  std::size_t indent_ = 0; ///< of the line that begins
  bool at_begin_ = true;   ///< nothing is on the line yet
  bool must_end_ = false;  ///< the line has its comment
  bool block_begins_ = true;
  bool statement_begins_ = false; ///< empty lines around its comments are kept
};

} // namespace weir::dsl
