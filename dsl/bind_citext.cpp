#include <algorithm>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"

// citext: compared by what lower() of its database makes of it with values of its own and with strings; a text wherever
// PostgreSQL's functions and operators take one, and so beside a text.
namespace weir::dsl {
namespace {

/// A value of citext, or a string beside one, in small letters.
std::optional<operand> small_letters(std::optional<expression> value, span where) {
  if (!value) return std::nullopt;
  return operand{call_over(function::small_letters, type_id::text, *std::move(value)), false, where};
}

} // namespace

bool is_citext(const operand& o) noexcept { return !o.untyped && o.value.type.id == type_id::citext; }

operand as_text(operand from) {
  if (is_citext(from)) from.value = node_over(operation::cast, type_id::text, std::move(from.value));
  return from;
}

/// Both in small letters, if none of them is a text; both as texts, if one is.
std::optional<std::pair<operand, operand>> expression_binder::both_as_citext(operand left, operand right) {
  const auto type = is_citext(left) ? left.value.type : right.value.type;
  const auto is_other = [](const operand& side) { return !side.untyped && !is_citext(side); };
  if (is_other(left) || is_other(right)) return std::pair(as_text(std::move(left)), as_text(std::move(right)));
  const bool bytewise = left.bytewise || right.bytewise;
  const auto left_where = left.where;
  const auto right_where = right.where;
  auto a = small_letters(coerce_passed_through(std::move(left), type), left_where);
  auto b = small_letters(coerce_passed_through(std::move(right), type), right_where);
  if (!a || !b) return std::nullopt;
  a->bytewise = b->bytewise = bytewise;
  return std::pair(*std::move(a), *std::move(b));
}

/// PostgreSQL has like of citext and a pattern that is a text; then, too, letters are taken as small ones.
std::optional<operand> expression_binder::citext_like(operand left, operand right, span where) {
  if (left.bytewise || right.bytewise)
    return text_call(function::ilike, type_id::boolean, as_text(left), as_text(right), where);
  if (!right.untyped && !is_citext(right))
    return report(code::not_supported_yet, right.where, "not supported yet: a pattern of type text for citext",
                  "write it as a string; or x::text like …, with capital letters as they are");
  if (!has_database_letters(left, "like of citext") || !has_database_letters(right, "like of citext"))
    return std::nullopt;
  auto sides = both_as_citext(std::move(left), std::move(right));
  if (!sides) return std::nullopt;
  return text_call(function::like, type_id::boolean, std::move(sides->first), std::move(sides->second), where);
}

/// The functions that there are of citext as well, which take capital letters for small ones.
bool expression_binder::check_not_of_citext(const std::string& function, const std::vector<operand>& args, span where) {
  constexpr std::string_view of_citext[] = {"replace", "split_part", "strpos"};
  if (std::find(std::begin(of_citext), std::end(of_citext), function) == std::end(of_citext)) return true;
  if (std::none_of(args.begin(), args.end(), is_citext)) return true;
  report(code::not_supported_yet, where, fmt::format("not supported yet: {} of citext", function),
         "of texts, with capital letters as they are, there is: " + function + "(x::text, …)");
  return false;
}

} // namespace weir::dsl
