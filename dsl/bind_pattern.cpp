#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/literal.hpp"
#include "runtime/expr/characters.hpp"
#include "runtime/expr/regex.hpp"

// Texts and patterns: like, ilike, similar to, and regular expressions.
namespace weir::dsl {
namespace {

bool is_written(const operand& o) {
  return o.value.op == operation::literal && (o.untyped || o.value.type.id == type_id::text);
}

} // namespace

bool expression_binder::check_texts(std::string_view op, const operand& left, const operand& right) {
  for (const auto* side : {&left, &right}) {
    if (!side->untyped && !is_string(side->value.type.id) && !is_citext(*side)) {
      report(code::type_mismatch, side->where, fmt::format("{} compares texts, this is {}", op, type_text(*side)));
      return false;
    }
    if (!equal_by_bytes(*side)) return false;
  }
  return true;
}

/// The escape character, or nothing, that is written behind `escape`; "\" where there is none.
std::optional<std::string> expression_binder::escape_of(const syntax_expression& e) {
  if (e.args.size() < 3) return "\\";
  const auto& written = e.args[2];
  if (written.form == form::string && (written.text.empty() || first_character(written.text) == written.text.size()))
    return written.text;
  return report(code::bad_literal, written.where, "an escape is one character, or none", "write it as: escape '!'");
}

std::optional<operand> expression_binder::bind_like(const syntax_expression& e) {
  if (e.text == "similar to") return bind_similar(e);
  auto left = bind(e.args[0]);
  auto right = bind(e.args[1]);
  const auto escape = escape_of(e);
  if (!left || !right || !escape || !check_texts(e.text, *left, *right)) return std::nullopt;
  if (e.args.size() == 3) {
    if (!is_written(*right))
      return report(code::not_supported_yet, right->where,
                    "not supported yet: escape behind a pattern that is not written down",
                    "the backslash is the escape character without it");
    right->value.literal_text = like_with_backslash(right->value.literal_text, *escape);
  }
  const bool of_citext = is_citext(*left) || (left->untyped && is_citext(*right));
  auto out = of_citext ? citext_like(*std::move(left), *std::move(right), e.where)
             : e.text == "ilike"
                 ? ilike(*std::move(left), *std::move(right), e.where)
                 : text_call(function::like, type_id::boolean, *std::move(left), *std::move(right), e.where);
  if (out && e.negated) out->value = node_over(operation::logical_not, type_id::boolean, std::move(out->value));
  return out;
}

/// like of small letters: the database's, or ASCII's under collate "C".
std::optional<operand> expression_binder::ilike(operand left, operand right, span where) {
  if (left.bytewise || right.bytewise)
    return text_call(function::ilike, type_id::boolean, std::move(left), std::move(right), where);
  auto text = in_case(function::locale_lower, std::move(left), "ilike", where);
  auto pattern = text ? in_case(function::locale_lower, std::move(right), "ilike", where) : std::nullopt;
  if (!pattern) return std::nullopt;
  return text_call(function::like, type_id::boolean, *std::move(text), *std::move(pattern), where);
}

/// Are its letters made small and capital as the database does?
bool expression_binder::has_database_letters(const operand& text, const std::string& what) {
  const auto column = text.untyped ? std::string() : own_collation(text.value, scope_);
  if (column.empty()) return true;
  report(code::collation_dependent, text.where,
         fmt::format("column \"{}\" has a collation of its own: what {} makes of letters depends on it", column, what),
         "where the letters a to z are enough, write: x collate \"C\"");
  return false;
}

std::optional<operand> expression_binder::in_case(function f, operand text, const std::string& what, span where) {
  if (!has_database_letters(text, what)) return std::nullopt;
  const auto letters = letters_of(scope_);
  auto value = coerce(std::move(text), type_id::text);
  if (!value) return std::nullopt;
  if (!letters) {
    report(code::collation_dependent, where,
           fmt::format("what {} makes of letters depends on the locale of the database, and is not known", what),
           fmt::format("where the letters a to z are enough, write: {}",
                       what == "ilike" ? "x collate \"C\" ilike …" : what + "(x collate \"C\")"));
    found_.back().asks_for_letters = true;
    return std::nullopt;
  }
  value->type.cases = letters;
  return operand{call_over(f, type_id::text, *std::move(value)), false, where};
}

std::optional<operand> expression_binder::text_call(function f, type_id result, operand left, operand right,
                                                    span where) {
  auto a = coerce(std::move(left), type_id::text);
  auto b = coerce(std::move(right), type_id::text);
  if (!a || !b) return std::nullopt;
  return operand{call_over(f, result, *std::move(a), *std::move(b)), false, where};
}

/// A literal of the pattern, if it can be matched as PostgreSQL does.
std::optional<expression> expression_binder::regex_pattern(const operand& written, std::string pattern, bool fold_case,
                                                           bool bytewise) {
  auto out = written.value;
  out.type = {type_id::text};
  if (out.literal_is_null) return out;
  if (const auto made = regex::make(pattern, {fold_case, bytewise}); !made) {
    const auto& e = made.error();
    if (e.code == errc::unsupported)
      return report(code::not_supported_yet, written.where, "not supported yet: " + e.message, e.hint);
    return report(code::bad_literal, written.where, e.message);
  }
  out.literal_text = std::move(pattern);
  return out;
}

std::optional<operand> expression_binder::bind_regex(const std::string& op, operand left, operand right, span where) {
  if (!check_texts(op, left, right)) return std::nullopt;
  const bool fold_case = op.ends_with('*') || is_citext(left);
  const bool bytewise = left.bytewise || right.bytewise;
  if (fold_case && !bytewise)
    return report(code::collation_dependent, where, "what is upper and lower case depends on the database's locale",
                  "where the letters a to z are enough, write: x collate \"C\" ~* …");
  if (!is_written(right))
    return report(code::not_supported_yet, right.where,
                  "not supported yet: a regular expression that is not written down", "write it as: x ~ '^a'");
  auto pattern = regex_pattern(right, right.value.literal_text, fold_case, bytewise);
  auto text = coerce(std::move(left), type_id::text);
  if (!pattern || !text) return std::nullopt;
  std::vector<expression> args;
  args.push_back(*std::move(text));
  args.push_back(*std::move(pattern));
  auto out = call_of(fold_case ? function::matches_folded : function::matches, type_id::boolean, std::move(args));
  if (op.starts_with('!')) out = node_over(operation::logical_not, type_id::boolean, std::move(out));
  return operand{std::move(out), false, where};
}

/// x similar to y is x ~ z: PostgreSQL, too, makes a regular expression of it.
std::optional<operand> expression_binder::bind_similar(const syntax_expression& e) {
  auto left = bind(e.args[0]);
  auto right = bind(e.args[1]);
  const auto escape = escape_of(e);
  if (!left || !right || !escape || !check_texts(e.text, *left, *right)) return std::nullopt;
  if (!is_written(*right))
    return report(code::not_supported_yet, right->where,
                  "not supported yet: similar to a pattern that is not written down", "write it as: x similar to 'a%'");
  auto pattern = similar_as_regex(right->value.literal_text, *escape);
  if (!pattern)
    return report(code::not_supported_yet, right->where, "not supported yet: " + pattern.error().message,
                  pattern.error().hint);
  right->value.literal_text = *std::move(pattern);
  return bind_regex(e.negated ? "!~" : "~", *std::move(left), *std::move(right), e.where);
}

} // namespace weir::dsl
