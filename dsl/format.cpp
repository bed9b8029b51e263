#include "dsl/format.hpp"

#include <algorithm>

#include "dsl/format_document.hpp"
#include "dsl/format_pieces.hpp"
#include "dsl/format_query.hpp"
#include "dsl/identifier.hpp"
#include "dsl/text_fault.hpp"

namespace weir::dsl {
namespace {

constexpr std::size_t deepest_block = 20;

/// Statements, and the blocks of some: what stands in braces is items, which end with ';' or a block of their own.
class program_format {
public:
  explicit program_format(pieces what) : all_(std::move(what.all)), last_(std::move(what.last)), lines_(all_) {}

  std::string run() {
    items(0, 0);
    lines_.write_comments(last_, 0);
    return lines_.text();
  }

private:
  bool mark(std::size_t i, std::string_view text) const {
    return i < all_.size() && all_[i].kind == token_kind::mark && all_[i].text == text;
  }

  static bool has_comment(const piece& p) { return !p.before.empty() || !p.behind.empty() || !p.line_comment.empty(); }

  /// The end of what begins at `from`: behind its ';', or before the '{' of its block, or before the '}' around it.
  std::size_t item_end(std::size_t from, std::size_t depth) const {
    for (auto i = from; i < all_.size(); ++i) {
      if (mark(i, ";")) return i + 1;
      if (mark(i, "{") && depth < deepest_block) return i;
      if (mark(i, "}") && (depth > 0 || i > from)) return i;
    }
    return all_.size();
  }

  void begin(std::size_t place, std::size_t depth) {
    const auto& p = all_[place];
    lines_.begin_line(2 * depth, p.before.empty() ? p.blank_before : p.before.front().blank_before);
  }

  /// The items of a block, or of the file, from `at` on. Returns the place of the '}' that ends them, or the end.
  std::size_t items(std::size_t at, std::size_t depth) {
    while (at < all_.size() && !(depth > 0 && mark(at, "}"))) {
      begin(at, depth);
      if (depth == 0 && mark(at, "}")) { // closes nothing
        lines_.write(token_of(at), 0);
        ++at;
        continue;
      }
      const auto end = item_end(at, depth);
      spell(all_, at, end);
      lines_.write(layout_of(all_, at, end), 2 * depth);
      at = mark(end, "{") && !(end > at && mark(end - 1, ";")) ? block(end, at == end, depth) : end;
    }
    return at;
  }

  /// A block with one item and no comment, if it fits behind its head.
  bool on_one_line(std::size_t open, std::size_t depth) {
    const auto end = item_end(open + 1, depth + 1);
    if (end == open + 1 || !mark(end, "}")) return false;
    for (auto i = open; i < end; ++i)
      if (has_comment(all_[i])) return false;
    if (!all_[end].before.empty()) return false;
    spell(all_, open + 1, end);
    auto whole = concat({token_of(open), layout_of(all_, open + 1, end), token_of(end)});
    return lines_.fits(whole, mark(end + 1, ";") ? 1 : 0);
  }

  std::size_t block(std::size_t open, bool begins_line, std::size_t depth) {
    all_[open].gap = !begins_line;
    if (on_one_line(open, depth)) {
      const auto end = item_end(open + 1, depth + 1);
      all_[end].gap = true;
      lines_.write_token(open, 2 * depth);
      lines_.write(layout_of(all_, open + 1, end), 2 * depth);
      return close(end, depth);
    }
    lines_.write_token(open, 2 * depth);
    if (mark(open + 1, "}") && all_[open + 1].before.empty() && all_[open].line_comment.empty()) {
      all_[open + 1].gap = !all_[open].behind.empty();
      return close(open + 1, depth);
    }
    lines_.begin_block();
    const auto end = items(open + 1, depth + 1);
    if (end == all_.size()) return end;
    lines_.write_comments(all_[end].before, 2 * (depth + 1));
    all_[end].before.clear();
    lines_.begin_line(2 * depth, false);
    return close(end, depth);
  }

  /// The '}' at `end`, and a ';' behind it.
  std::size_t close(std::size_t end, std::size_t depth) {
    lines_.write_token(end, 2 * depth);
    if (!mark(end + 1, ";")) return end + 1;
    all_[end + 1].gap = !all_[end].behind.empty();
    lines_.write_token(end + 1, 2 * depth);
    return end + 2;
  }

  std::vector<piece> all_;
  std::vector<comment_line> last_;
  line_writer lines_;
};

} // namespace

formatted format(std::uint32_t file, std::string_view text) {
  formatted out;
  if (auto fault = text_fault(file, text)) {
    out.found.push_back(*std::move(fault));
    return out;
  }
  const auto tokens = read_tokens(file, text, out.found);
  if (tokens) out.text = program_format(pieces_of(*tokens)).run();
  return out;
}

bool same_tokens(std::string_view before, std::string_view after) {
  diagnostics found;
  const auto a = read_tokens(0, before, found);
  const auto b = read_tokens(0, after, found);
  if (!a || !b) return false;
  return std::equal(a->begin(), a->end(), b->begin(), b->end(), [](const token& x, const token& y) {
    return x.kind == y.kind && (x.text == y.text || (x.kind == token_kind::word && fold(x.text) == fold(y.text)));
  });
}

} // namespace weir::dsl
