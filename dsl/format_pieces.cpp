#include "dsl/format_pieces.hpp"

#include <algorithm>
#include <iterator>

#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

template <std::size_t N>
bool one_of(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

/// Not reserved, and keywords of queries where the words around them say so.
constexpr std::string_view query_words[] = {"by",    "filter",    "over",         "partition", "exists", "within",
                                            "nulls", "recursive", "materialized", "values",    "zone",   "first",
                                            "last",  "at",        "cast",         "rows",      "range",  "view"};
/// Words that begin statements and items of blocks.
constexpr std::string_view first_words[] = {
    "pipeline",    "cluster",     "source",  "view",        "sink",  "supervise", "test",  "include", "memory", "nodes",
    "coordinator", "consistency", "capture", "transaction", "retry", "on",        "given", "deliver", "expect", "set"};
/// Keywords behind the first word of a statement or item.
constexpr std::string_view later_words[] = {
    "from", "into",   "every",   "distributed", "by",     "colocate", "with",    "reference",   "backoff",
    "to",   "worker", "failure", "isolate",     "wait",   "slot",     "lost",    "reload",      "stop",
    "skip", "error",  "schema",  "change",      "evolve", "raw",      "logical", "transaction", "node",
    "name", "insert", "update",  "delete",      "values", "is",       "empty"};
/// Reserved words that are values, or end one.
constexpr std::string_view value_words[] = {"null",         "true",           "false",        "end",
                                            "current_date", "current_time",   "current_user", "current_timestamp",
                                            "localtime",    "localtimestamp", "user",         "session_user"};
/// Reserved words that are called like functions.
constexpr std::string_view called_words[] = {"cast", "any", "some", "left", "right"};
/// Other words that are not called: a blank stands before their parenthesis.
constexpr std::string_view clause_words[] = {"filter", "over",   "exists",       "by",
                                             "using",  "values", "materialized", "given"};
/// In a test, the name behind one of these is followed by rows.
constexpr std::string_view row_words[] = {"given", "expect", "into"};

bool is_word(const piece& p) { return p.kind == token_kind::word; }
bool is_mark(const piece& p, std::string_view text) { return p.kind == token_kind::mark && p.text == text; }

std::string folded_at(const std::vector<piece>& all, std::size_t first, std::size_t i) {
  return i >= first && i < all.size() && is_word(all[i]) ? fold(all[i].text) : std::string();
}

/// A name whatever it is: it stands behind '.' or `as`.
bool is_label(const std::vector<piece>& all, std::size_t first, std::size_t i) {
  if (i == first) return false;
  if (is_mark(all[i - 1], ".")) return true;
  if (folded_at(all, first, i - 1) != "as") return false;
  constexpr std::string_view begins_query[] = {"select", "with", "values", "not", "materialized"};
  return !one_of(fold(all[i].text), begins_query);
}

bool begins_call(const std::vector<piece>& all, std::size_t first, std::size_t i) {
  if (all[i].kind == token_kind::quoted) return true;
  if (!is_word(all[i])) return false;
  if (is_label(all, first, i)) return true;
  const auto word = fold(all[i].text);
  if (i > first && one_of(folded_at(all, first, i - 1), row_words)) return false;
  // given WORKER: TABLE (…)
  if (i > first + 2 && is_mark(all[i - 1], ":") && folded_at(all, first, i - 3) == "given") return false;
  // x <> all (…) and union all (…)
  if (word == "all") return i > first && all[i - 1].kind == token_kind::mark;
  return is_reserved(word) ? one_of(word, called_words) : !one_of(word, clause_words);
}

bool ends_value(const std::vector<piece>& all, std::size_t first, std::size_t i) {
  const auto& p = all[i];
  if (p.kind == token_kind::mark) return p.text == ")" || p.text == "]";
  if (!is_word(p) || is_label(all, first, i)) return true;
  const auto word = fold(p.text);
  return !is_reserved(word) || one_of(word, value_words);
}

/// Would they be read as another token if they stood side by side?
bool would_merge(const piece& left, const piece& right) {
  return first_token_length(left.text + right.text) != left.text.size();
}

bool wants_gap(const std::vector<piece>& all, std::size_t first, std::size_t i, bool in_brackets) {
  const auto& before = all[i - 1];
  const auto& p = all[i];
  if (!before.behind.empty()) return true;
  const auto mark = p.kind == token_kind::mark ? std::string_view(p.text) : std::string_view();
  const auto mark_before = before.kind == token_kind::mark ? std::string_view(before.text) : std::string_view();
  constexpr std::string_view close_to_left[] = {",", ";", ")", "]", ".", "::", ":"};
  constexpr std::string_view close_to_right[] = {"(", "[", ".", "::"};
  if (one_of(mark, close_to_left) || one_of(mark_before, close_to_right) || before.prefix) return false;
  if (mark_before == ":") return !in_brackets;
  if (mark == "(") return !begins_call(all, first, i - 1);
  if (mark == "[") return !ends_value(all, first, i - 1) && folded_at(all, first, i - 1) != "array";
  return true;
}

bool is_sign(const std::vector<piece>& all, std::size_t first, std::size_t i) {
  constexpr std::string_view signs[] = {"-", "+", "~"};
  if (all[i].kind != token_kind::mark || !one_of(all[i].text, signs)) return false;
  return i == first || !ends_value(all, first, i - 1);
}

void lower_keywords(std::vector<piece>& all, std::size_t first, std::size_t end) {
  const bool in_view = folded_at(all, first, first) == "view";
  const bool names_nodes = folded_at(all, first, first) == "nodes";
  for (std::size_t i = first; i < end; ++i) {
    if (!is_word(all[i]) || is_label(all, first, i)) continue;
    const auto word = fold(all[i].text);
    // a column may be called like a word of query_words: it is one only beside what makes it one
    const auto next = i + 1 < end ? fold(all[i + 1].text) : std::string();
    const auto previous = i > first ? fold(all[i - 1].text) : std::string();
    const bool beside = next == "(" || next == "by" || next == "first" || next == "last" || next == "time" ||
                        previous == "group" || previous == "order" || previous == "partition" || previous == "with" ||
                        previous == "nulls" || previous == "time" || previous == "as" || previous == "not";
    bool keyword = false;
    if (i == first)
      keyword = one_of(word, first_words) && next != ":";
    else if (i == first + 1 && one_of(previous, first_words) && previous != "on" && previous != "consistency" &&
             previous != "capture" && !(previous == "transaction" && next.starts_with('\'')))
      keyword = false; // what is declared
    else if (in_view)
      keyword = is_reserved(word) || (beside && one_of(word, query_words));
    else
      keyword = !names_nodes && one_of(word, later_words) && next != "." && previous != "(";
    keyword = keyword || (in_view && word == "escape" && next.starts_with('\''));
    if (keyword) all[i].text = word;
  }
}

} // namespace

pieces pieces_of(const std::vector<token>& tokens) {
  pieces out;
  std::vector<comment_line> waiting;
  for (const auto& t : tokens) {
    const bool blank = t.newlines > 1;
    if (!t.is_comment()) {
      piece p{t.kind, std::string(t.text), true, blank, false, std::move(waiting), {}, {}};
      out.all.push_back(std::move(p));
      waiting.clear();
    } else if (t.newlines > 0 || (waiting.empty() && out.all.empty())) {
      waiting.push_back({std::string(t.text), blank});
    } else if (!waiting.empty()) {
      waiting.back().text += ' ' + std::string(t.text);
    } else if (t.kind == token_kind::line_comment) {
      out.all.back().line_comment = std::string(t.text);
    } else {
      out.all.back().behind.emplace_back(t.text);
    }
  }
  out.last = std::move(waiting);
  return out;
}

bool is_keyword_at(const std::vector<piece>& all, std::size_t first, std::size_t i, std::string_view word) {
  return i < all.size() && is_word(all[i]) && fold(all[i].text) == word && !is_label(all, first, i);
}

void spell(std::vector<piece>& all, std::size_t first, std::size_t end) {
  lower_keywords(all, first, end);
  std::size_t brackets = 0;
  for (std::size_t i = first; i < end; ++i) {
    all[i].prefix = is_sign(all, first, i);
    if (i > first) all[i].gap = wants_gap(all, first, i, brackets > 0) || would_merge(all[i - 1], all[i]);
    if (is_mark(all[i], "[")) ++brackets;
    if (is_mark(all[i], "]") && brackets > 0) --brackets;
  }
}

} // namespace weir::dsl
