#include "dsl/format_query.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

constexpr std::size_t deepest = 60;
constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

using documents = std::vector<document>;

class statement_layout {
public:
  statement_layout(const std::vector<piece>& all, std::size_t first, std::size_t end)
      : all_(all), first_(first), end_(end), words_(end - first), match_(end - first, nowhere) {
    for (std::size_t i = first; i < end; ++i)
      if (all[i].kind == token_kind::word) words_[i - first] = fold(all[i].text);
    for (std::size_t i = first; i < end; ++i)
      if (!is_keyword_at(all, first, i, words_[i - first])) words_[i - first].clear();
    pair_brackets();
  }

  document statement() {
    auto end = end_;
    const bool semicolon = end > first_ && mark(end - 1, ";");
    if (semicolon) --end;
    documents parts;
    if (first_ < end) {
      if (word(first_) == "view")
        parts.push_back(view(end));
      else if (word(first_) == "sink")
        parts.push_back(sink(end));
      else if (word(first_) == "nodes" && end > first_ + 1)
        parts = {token_of(first_), align(list(first_ + 1, end))};
      else
        parts.push_back(nest(items(first_, end)));
    }
    if (semicolon) parts.push_back(token_of(end));
    return concat(std::move(parts));
  }

private:
  std::string_view word(std::size_t i) const { return i < end_ ? words_[i - first_] : std::string_view(); }
  bool mark(std::size_t i, std::string_view text) const {
    return i < end_ && all_[i].kind == token_kind::mark && all_[i].text == text;
  }
  bool is_any(std::size_t i, std::initializer_list<std::string_view> words) const {
    return !word(i).empty() && std::find(words.begin(), words.end(), word(i)) != words.end();
  }

  /// Finds what closes each '(', '[' and `case`; one that is not closed is a token like others.
  void pair_brackets() {
    std::vector<std::size_t> open;
    const auto close = [&](std::size_t i, const auto& opens) {
      const auto found = std::find_if(open.rbegin(), open.rend(), opens);
      // `end` closes no `case` outside of its parentheses
      if (found == open.rend() || (word(i) == "end" && found != open.rbegin())) return;
      match_[*found - first_] = i;
      open.erase(std::prev(found.base()), open.end());
    };
    for (std::size_t i = first_; i < end_; ++i) {
      if (mark(i, "(") || mark(i, "[") || word(i) == "case") open.push_back(i);
      if (open.size() > 1000) open.erase(open.begin()); // bounds the search; what nests so deep is one line anyway
      if (mark(i, ")")) close(i, [&](std::size_t at) { return mark(at, "("); });
      if (mark(i, "]")) close(i, [&](std::size_t at) { return mark(at, "["); });
      if (word(i) == "end") close(i, [&](std::size_t at) { return word(at) == "case"; });
    }
  }

  /// Behind what begins at `i`, be it a token or something in parentheses.
  std::size_t behind(std::size_t i, std::size_t end) const {
    const auto closing = match_[i - first_];
    return closing == nowhere || closing >= end ? i + 1 : closing + 1;
  }

  template <class Test>
  std::vector<std::size_t> places(std::size_t from, std::size_t end, Test test) const {
    std::vector<std::size_t> out;
    for (auto i = from; i < end; i = behind(i, end))
      if (test(i)) out.push_back(i);
    return out;
  }

  document tokens(std::size_t from, std::size_t end) const {
    documents parts;
    for (auto i = from; i < end; ++i) parts.push_back(token_of(i));
    return concat(std::move(parts));
  }

  // expressions

  /// One after the other, with what is in parentheses laid out.
  document sequence(std::size_t from, std::size_t end) {
    documents parts;
    for (auto i = from; i < end;) {
      const auto next = behind(i, end);
      if (next == i + 1)
        parts.push_back(token_of(i));
      else if (depth_ >= deepest)
        parts.push_back(tokens(i, next));
      else {
        ++depth_;
        parts.push_back(word(i) == "case" ? choice(i, next - 1) : parenthesised(i, next - 1));
        --depth_;
      }
      i = next;
    }
    return concat(std::move(parts));
  }

  /// Sums and comparisons may be broken before their operators.
  document operand(std::size_t from, std::size_t end) {
    const auto operators = places(from, end, [&](std::size_t i) {
      if (i == from || all_[i].kind != token_kind::mark || all_[i].prefix) return false;
      constexpr std::string_view breaking[] = {"+", "-", "||", "=", "<>", "!=", "<", "<=", ">", ">="};
      return std::find(std::begin(breaking), std::end(breaking), all_[i].text) != std::end(breaking);
    });
    if (operators.empty()) return sequence(from, end);
    documents parts{sequence(from, operators.front())};
    for (std::size_t k = 0; k < operators.size(); ++k)
      parts.push_back(sequence(operators[k], k + 1 < operators.size() ? operators[k + 1] : end));
    return nest(fill(std::move(parts)));
  }

  /// The places of a word that joins conditions; the `and` of a `between` is none.
  std::vector<std::size_t> joining(std::size_t from, std::size_t end, std::string_view joiner) const {
    std::size_t ranges = 0;
    return places(from, end, [&](std::size_t i) {
      if (word(i) == "between") ++ranges;
      if (word(i) == "and" && ranges > 0) {
        --ranges;
        return false;
      }
      return i > from && word(i) == joiner;
    });
  }

  /// On one line, or a condition a line with its `and` or `or` before it.
  document condition(std::size_t from, std::size_t end) {
    auto at = joining(from, end, "or");
    const bool any = !at.empty();
    if (!any) at = joining(from, end, "and");
    if (at.empty()) return operand(from, end);
    const auto part = [&](std::size_t begin, std::size_t stop) {
      return any ? nest(condition(begin, stop)) : operand(begin, stop);
    };
    documents parts{part(from, at.front())};
    for (std::size_t k = 0; k < at.size(); ++k) {
      parts.push_back(break_of());
      parts.push_back(token_of(at[k]));
      parts.push_back(part(at[k] + 1, k + 1 < at.size() ? at[k + 1] : end));
    }
    return group(concat(std::move(parts)));
  }

  /// case … end: on one line, or a `when` a line.
  document choice(std::size_t from, std::size_t end) {
    auto at = places(from + 1, end, [&](std::size_t i) { return is_any(i, {"when", "else"}); });
    at.push_back(end);
    documents arms;
    for (std::size_t k = 0; k + 1 < at.size(); ++k) {
      const auto then = places(at[k] + 1, at[k + 1], [&](std::size_t i) { return word(i) == "then"; });
      arms.push_back(break_of());
      documents arm{token_of(at[k])};
      if (!then.empty()) {
        arm.push_back(nest(condition(at[k] + 1, then.front())));
        arm.push_back(token_of(then.front()));
      }
      arm.push_back(nest(condition(then.empty() ? at[k] + 1 : then.front() + 1, at[k + 1])));
      arms.push_back(concat(std::move(arm)));
    }
    return group(concat(
        {token_of(from), sequence(from + 1, at.front()), nest(concat(std::move(arms))), break_of(), token_of(end)}));
  }

  bool begins_query(std::size_t i) const {
    while (mark(i, "(")) ++i;
    return is_any(i, {"select", "with", "values"});
  }

  document parenthesised(std::size_t open, std::size_t close) {
    if (open + 1 == close) return tokens(open, close + 1);
    if (mark(open, "(") && begins_query(open + 1))
      return group(
          concat({token_of(open), nest(concat({break_of(), query(open + 1, close)})), break_of(), token_of(close)}));
    return concat({token_of(open), align(items(open + 1, close)), token_of(close)});
  }

  // lists

  documents comma_separated(std::size_t from, std::size_t end) {
    auto commas = places(from, end, [&](std::size_t i) { return mark(i, ","); });
    documents parts;
    for (const auto comma : commas) {
      parts.push_back(concat({condition(from, comma), token_of(comma)}));
      from = comma + 1;
    }
    if (from < end) parts.push_back(condition(from, end));
    return parts;
  }

  /// As many to a line as fit.
  document items(std::size_t from, std::size_t end) { return fill(comma_separated(from, end)); }

  /// On one line, or each on its own.
  document list(std::size_t from, std::size_t end) {
    documents parts;
    for (auto& part : comma_separated(from, end)) {
      if (!parts.empty()) parts.push_back(break_of());
      parts.push_back(std::move(part));
    }
    return group(concat(std::move(parts)));
  }

  // queries

  bool begins_clause(std::size_t i, std::size_t from) const {
    if (is_any(i, {"select", "where", "having", "window", "limit", "offset", "fetch"})) return true;
    if (is_any(i, {"group", "order"})) return word(i + 1) == "by";
    if (is_any(i, {"with", "values"})) return i == from;
    if (word(i) == "from") return i == from || word(i - 1) != "distinct" || !is_any(i - 2, {"is", "not"});
    return is_combination(i);
  }
  bool is_combination(std::size_t i) const { return is_any(i, {"union", "intersect", "except"}); }

  document query(std::size_t from, std::size_t end) {
    auto at = places(from, end, [&](std::size_t i) { return i == from || begins_clause(i, from); });
    at.push_back(end);
    documents parts;
    for (std::size_t k = 0; k + 1 < at.size(); ++k) {
      if (k > 0) parts.push_back(break_of());
      parts.push_back(clause(at[k], at[k + 1]));
    }
    return concat(std::move(parts));
  }

  document clause(std::size_t from, std::size_t end) {
    if (word(from) == "with") return with(from, end);
    if (word(from) == "from") return concat({token_of(from), tables(from + 1, end)});
    if (is_any(from, {"where", "having"})) return concat({token_of(from), nest(condition(from + 1, end))});
    if (is_combination(from)) {
      const auto body = is_any(from + 1, {"all", "distinct"}) ? from + 2 : from + 1;
      if (body >= end) return tokens(from, end);
      return concat({tokens(from, body), break_of(), sequence(body, end)});
    }
    if (word(from) == "select") {
      auto body = from + 1;
      if (body < end && is_any(body, {"distinct", "all"})) ++body;
      if (body < end && word(body) == "on") body = behind(body + 1 < end ? body + 1 : body, end);
      return concat({sequence(from, body), align(list(body, end))});
    }
    if (word(from) == "values") return concat({token_of(from), align(list(from + 1, end))});
    if (is_any(from, {"group", "order"}) && from + 1 < end)
      return concat({tokens(from, from + 2), align(items(from + 2, end))});
    return sequence(from, end);
  }

  /// Common table expressions, one below the other.
  document with(std::size_t from, std::size_t end) {
    const auto body = word(from + 1) == "recursive" ? from + 2 : from + 1;
    documents parts{tokens(from, std::min(body, end))};
    bool begins = true;
    for (auto& part : body < end ? comma_separated(body, end) : documents{}) {
      if (!begins) parts.push_back(hard_break());
      begins = false;
      parts.push_back(std::move(part));
    }
    return concat(std::move(parts));
  }

  bool begins_join(std::size_t i, std::size_t from) const {
    if (i == from || !is_any(i, {"natural", "inner", "left", "right", "full", "cross", "join"})) return false;
    const bool inside = is_any(i - 1, {"natural", "inner", "left", "right", "full", "cross", "outer"});
    if (inside) return false;
    while (is_any(i, {"natural", "inner", "left", "right", "full", "cross", "outer"})) ++i;
    return word(i) == "join";
  }

  /// Two joins or more stand one below the other.
  document tables(std::size_t from, std::size_t end) {
    const auto joins = places(from, end, [&](std::size_t i) { return begins_join(i, from); });
    if (joins.empty()) {
      const bool one = places(from, end, [&](std::size_t i) { return mark(i, ","); }).empty();
      return one ? items(from, end) : align(items(from, end));
    }
    documents parts{items(from, joins.front())};
    for (std::size_t k = 0; k < joins.size(); ++k) {
      const auto stop = k + 1 < joins.size() ? joins[k + 1] : end;
      const auto on = places(joins[k], stop, [&](std::size_t i) { return word(i) == "on"; });
      parts.push_back(break_of());
      if (on.empty())
        parts.push_back(items(joins[k], stop));
      else
        parts.push_back(
            concat({sequence(joins[k], on.front()), token_of(on.front()), nest(condition(on.front() + 1, stop))}));
    }
    return nest(group(concat(std::move(parts)), joins.size() > 1));
  }

  // statements

  /// The clauses of a view on lines of their own, unless it is a short one of a list and its source.
  document view(std::size_t end) {
    const auto as = places(first_, end, [&](std::size_t i) { return i > first_ + 1 && word(i) == "as"; });
    if (as.empty() || as.front() + 1 >= end) return nest(items(first_, end));
    const auto body = as.front() + 1;
    const auto clauses = places(body, end, [&](std::size_t i) { return i == body || begins_clause(i, body); });
    const bool is_short = word(body) == "select" && clauses.size() <= 2;
    return group(concat({sequence(first_, body), nest(concat({break_of(), query(body, end)}))}), !is_short);
  }

  document sink(std::size_t end) {
    auto at = places(first_, end, [&](std::size_t i) {
      return i > first_ + 3 && is_any(i, {"distributed", "colocate", "reference", "every"});
    });
    if (at.empty()) return nest(items(first_, end));
    at.push_back(end);
    documents parts{sequence(first_, at.front())};
    for (std::size_t k = 0; k + 1 < at.size(); ++k) {
      if (word(at[k]) != "colocate" || k == 0) parts.push_back(break_of());
      parts.push_back(sequence(at[k], at[k + 1]));
    }
    return nest(group(concat(std::move(parts))));
  }

  const std::vector<piece>& all_;
  std::size_t first_;
  std::size_t end_;
  std::vector<std::string> words_; ///< keywords, in lower case; "" for what is none
  std::vector<std::size_t> match_; ///< of what opens: the place of what closes it
  std::size_t depth_ = 0;
};

} // namespace

document layout_of(const std::vector<piece>& all, std::size_t first, std::size_t end) {
  return statement_layout(all, first, end).statement();
}

} // namespace weir::dsl
