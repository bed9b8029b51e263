#include <algorithm>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/literal.hpp"
#include "dsl/types.hpp"
#include "runtime/base/suggest.hpp"

// Types as written, and the casts to them.
namespace weir::dsl {
namespace {

/// Of PostgreSQL's: NUMERIC_MAX_PRECISION, NUMERIC_MAX_SCALE, MaxAttrSize.
constexpr int max_precision = 1000;
constexpr int max_length = 10'485'760;

std::optional<int> whole_number(const std::string& digits, int least, int most) {
  const int value = digits.size() > 9 ? -1 : std::stoi(digits);
  if (value < least || value > most) return std::nullopt;
  return value;
}

/// What PostgreSQL casts by the types' text forms or by a function of its own, and weir as exactly.
bool has_cast(type_id from, type_id to) noexcept {
  if (from == to || (is_number(from) && is_number(to))) return true;
  if (is_passed_through(from)) return false;
  if (is_string(to)) return from != type_id::timestamptz;
  if (is_string(from)) return is_integer(to) || to == type_id::numeric || to == type_id::boolean || to == type_id::uuid;
  if (from == type_id::boolean) return to == type_id::int4;
  if (from == type_id::int4) return to == type_id::boolean;
  static constexpr std::pair<type_id, type_id> temporal[] = {{type_id::date, type_id::timestamp},
                                                             {type_id::timestamp, type_id::date},
                                                             {type_id::timestamp, type_id::time},
                                                             {type_id::time, type_id::interval},
                                                             {type_id::interval, type_id::time}};
  return std::find(std::begin(temporal), std::end(temporal), std::pair(from, to)) != std::end(temporal);
}

} // namespace

std::optional<expression> expression_binder::coerce(operand from, type_id to) {
  expression& e = from.value;
  if (e.type.id == to && !from.untyped) return std::move(e);
  if (e.op == operation::literal) {
    if (e.literal_is_null) return null_literal(to);
    return make_literal(to, e.literal_text, from.where, found_);
  }
  const bool whole = is_integer(e.type.id);
  expression cast = node_over(operation::cast, to, std::move(e));
  if (to == type_id::numeric && whole) cast.fixed_scale = 0;
  return cast;
}

/// The modifier of the type as PostgreSQL packs it; -1 if none is written, empty after an error.
std::optional<std::int32_t> expression_binder::modifier_of(const syntax_expression& e, type_id type) {
  const auto& written = e.type_modifiers;
  if (written.empty()) return -1;
  if (type == type_id::varchar && written.size() == 1) {
    if (const auto length = whole_number(written[0], 1, max_length)) return *length + 4;
    return report(code::bad_value, e.type_where, "this length is out of range",
                  fmt::format("from 1 to {}", max_length));
  }
  if (type == type_id::numeric) {
    const auto precision = whole_number(written[0], 1, max_precision);
    const auto scale = written.size() == 2 ? whole_number(written[1], 0, max_precision) : 0;
    if (precision && scale) return ((*precision << 16) | *scale) + 4;
    return report(code::bad_value, e.type_where, "this precision or scale is out of range",
                  fmt::format("from 1, and from 0, to {}", max_precision));
  }
  return report(code::not_supported_yet, e.type_where,
                fmt::format("not supported yet: {} with a length or precision", to_sql({type, -1})),
                "there are numeric(p), numeric(p, s) and varchar(n)");
}

std::optional<data_type> expression_binder::type_of(const syntax_expression& e) {
  if ((e.type == "json" || e.type == "jsonb") && e.type_modifiers.empty())
    return data_type{type_id::opaque, -1, e.type};
  if (e.type.ends_with("[]")) return type_of_arrays(e);
  const auto type = type_named(e.type);
  if (!type)
    return report(
        code::unknown_type, e.type_where, fmt::format("no type \"{}\" to compute with", e.type),
        did_you_mean(e.type, {"boolean", "smallint", "integer", "bigint", "numeric", "real", "double precision", "text",
                              "varchar", "date", "timestamptz", "timestamp", "time", "interval", "uuid"}));
  const auto modifier = modifier_of(e, *type);
  if (!modifier) return std::nullopt;
  return data_type{*type, *modifier};
}

std::optional<data_type> expression_binder::type_of_arrays(const syntax_expression& e) {
  auto element = e;
  element.type.resize(e.type.size() - 2);
  if (!e.type_modifiers.empty())
    return report(code::not_supported_yet, e.type_where, "not supported yet: a length or precision of array elements",
                  fmt::format("leave it out: {}[]", element.type));
  const auto type = type_of(element);
  return type ? std::optional(array_type(*type)) : std::nullopt;
}

std::optional<operand> expression_binder::bind_typed_string(const syntax_expression& e) {
  const auto type = type_of(e);
  if (!type) return std::nullopt;
  if (is_passed_through(type->id)) {
    auto text = make_literal(type_id::text, e.text, e.where, found_);
    auto value = text ? coerce_passed_through({*std::move(text), true, e.where}, *type) : std::nullopt;
    return value ? std::optional(operand{*std::move(value), false, e.where}) : std::nullopt;
  }
  auto value = make_literal(type->id, e.text, e.where, found_);
  if (!value) return std::nullopt;
  return operand{modified(*std::move(value), *type), false, e.where};
}

/// Rounded or cut to the type's modifier.
expression expression_binder::modified(expression value, data_type type) {
  if (type.typmod < 0) return value;
  auto cast = node_over(operation::cast, type.id, std::move(value));
  cast.type = type;
  cast.fixed_scale = declared_scale(type);
  return cast;
}

std::optional<operand> expression_binder::bind_cast(const syntax_expression& e) {
  const auto type = type_of(e);
  auto from = bind(e.args[0]);
  if (!type || !from) return std::nullopt;
  from = as_text(*std::move(from));
  const auto source = from->value.type.id;
  if (is_passed_through(type->id) || is_passed_through(source))
    return cast_passed_through(*std::move(from), *type, e.where);
  const bool widens = is_number(source) && is_number(type->id) && source < type->id;
  if (from->untyped || (widens && from->value.op == operation::literal)) {
    auto value = coerce(*std::move(from), type->id);
    if (!value) return std::nullopt;
    return operand{modified(*std::move(value), *type), false, e.where};
  }
  if (!check_cast(source, type->id, e.where)) return std::nullopt;
  const auto scale = is_integer(source) ? std::optional(0) : from->value.fixed_scale;
  auto cast = node_over(operation::cast, type->id, std::move(from->value));
  if (type->id == type_id::numeric) cast.fixed_scale = scale;
  if (type->id == type_id::time) cast.nullable = true; // an infinite timestamp has none
  return operand{modified(std::move(cast), *type), false, e.where};
}

std::optional<expression> expression_binder::bind_assigned(const syntax_expression& e, data_type to) {
  auto from = bind(e);
  if (!from) return std::nullopt;
  const auto source = from->value.type.id;
  // PostgreSQL's casts in assignments: anything becomes a text, a text becomes nothing else.
  const bool assigns = (is_number(source) && is_number(to.id)) || source == to.id ||
                       (is_string(to.id) && source != type_id::timestamptz) ||
                       (source == type_id::date && to.id == type_id::timestamp);
  if (!from->untyped && !assigns)
    return report(code::type_mismatch, e.where,
                  fmt::format("a {} is needed here, this is {}", to_sql({to.id, -1}), type_text(*from)),
                  "cast it, or write a string");
  auto value = coerce(*std::move(from), to.id);
  if (!value) return std::nullopt;
  // A text that is too long for its column is an error, not cut: whoever assigns it looks at its length.
  return to.id == type_id::varchar ? std::move(value) : modified(*std::move(value), to);
}

bool expression_binder::check_cast(type_id from, type_id to, span where) {
  if (has_cast(from, to)) return true;
  if (is_passed_through(from)) {
    report(code::unsupported_type, where, "weir casts no value of a type that it only passes through",
           "cast it in a column of the table");
    return false;
  }
  const auto what = fmt::format("a cast from {} to {}", to_sql({from, -1}), to_sql({to, -1}));
  if (from == type_id::timestamptz || (to == type_id::timestamptz && is_temporal(from)))
    report(code::session_dependent, where, what + " depends on the session's time zone");
  else if (is_string(from) && is_temporal(to))
    report(code::not_supported_yet, where, "not supported yet: " + what,
           "PostgreSQL reads dates in many forms, and by the session's DateStyle; keep them in a column of their type");
  else if (is_string(from) && is_float(to))
    report(code::not_supported_yet, where, "not supported yet: " + what,
           "cast to numeric, and that to double precision");
  else
    report(code::type_mismatch, where, "there is no cast from " + what.substr(12));
  return false;
}

} // namespace weir::dsl
