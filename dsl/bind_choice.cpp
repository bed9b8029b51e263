#include <algorithm>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/literal.hpp"

// What has the value of one of its parts: case, coalesce, nullif, greatest, least.
namespace weir::dsl {
namespace {

/// pg_type.typcategory
char category_of(type_id type) noexcept {
  if (is_number(type)) return 'N';
  if (is_string(type) || type == type_id::citext) return 'S';
  if (type == type_id::interval) return 'T';
  if (type == type_id::time) return 'd'; // of 'D', but nothing of it becomes a time, nor the other way round
  return is_moment(type) ? 'D' : type == type_id::boolean ? 'B' : 'U';
}

bool is_preferred(type_id type) noexcept {
  return type == type_id::float8 || type == type_id::text || type == type_id::timestamptz || type == type_id::boolean;
}

/// Is it of a type that weir knows by its name only?
bool is_other_name(type_id type) noexcept { return is_passed_through(type) && type != type_id::citext; }

/// Is a value of the type one of it without its modifier, too? A `bit(3)` is no `bit`.
bool has_one_form(const data_type& type) { return !is_other_name(type.id) || type.name.find('(') == std::string::npos; }

/// Does PostgreSQL widen the one to the other by itself, and not the other way round?
bool widens(type_id from, type_id to) noexcept {
  return from == type_id::citext ? is_string(to) : !is_string(from) && from < to;
}

/// What the values agree on beside their type: a modifier, a display scale.
void agree(const std::vector<expression>& values, bool nulls_count, expression& out) {
  bool first = true;
  bool first_scale = true;
  for (const auto& value : values) {
    if (is_null_literal(value) && !nulls_count) continue;
    const auto typmod = value.type.id == out.type.id ? value.type.typmod : -1;
    out.type.typmod = first || out.type.typmod == typmod ? typmod : -1;
    first = false;
    if (is_null_literal(value)) continue;
    if (first_scale) out.fixed_scale = value.fixed_scale;
    if (out.fixed_scale != value.fixed_scale) out.fixed_scale.reset();
    first_scale = false;
  }
}

/// nullif of citext, of which not the value but its small letters are compared.
expression unless_equal(expression equal) {
  auto value = equal.args[0].args[0];
  const auto type = value.type;
  auto nothing = null_literal(type.id);
  nothing.type = type;
  auto out = node_over(operation::case_when, type.id, std::move(equal), std::move(nothing), std::move(value));
  out.type = type;
  out.nullable = true;
  return out;
}

} // namespace

/// As select_common_type.
std::optional<data_type> expression_binder::common_type(const std::vector<const operand*>& values, const char* of) {
  const operand* common = nullptr;
  for (const auto* value : values) {
    if (value->untyped) continue;
    if (!has_one_form(value->value.type))
      return report(code::unsupported_type, value->where,
                    fmt::format("{} of {}: weir only passes values of this type through", of, type_text(*value)));
    if (common == nullptr) common = value;
    const bool named = is_other_name(common->value.type.id) || is_other_name(value->value.type.id);
    if (named && common->value.type != value->value.type)
      return report(code::type_mismatch, value->where,
                    fmt::format("the values of {} are of types {} and {}", of, type_text(*common), type_text(*value)),
                    "use values of one type");
    const auto have = common->value.type.id;
    const auto next = value->value.type.id;
    if (have == next) continue;
    if (category_of(have) != category_of(next))
      return report(code::type_mismatch, value->where,
                    fmt::format("the values of {} are of types {} and {}", of, type_text(*common), type_text(*value)),
                    "cast them to one type");
    if (is_moment(have) && (have == type_id::timestamptz || next == type_id::timestamptz))
      return report(code::session_dependent, value->where,
                    fmt::format("making {} and {} one type depends on the session's time zone", type_text(*common),
                                type_text(*value)),
                    "use values of one type");
    if (!is_preferred(have) && widens(have, next)) common = value;
  }
  return common == nullptr ? data_type{type_id::text} : without_modifier(common->value.type);
}

std::optional<operand> expression_binder::bind_case(const syntax_expression& e) {
  const bool simple = e.form == form::simple_case;
  auto subject = simple ? bind(e.args[0]) : std::nullopt;
  bool failed = simple && !subject;
  if (subject && subject->untyped) { // PostgreSQL takes it for a text, whatever it is compared with
    auto text = coerce(*subject, type_id::text);
    if (!text) return std::nullopt;
    subject = operand{*std::move(text), false, subject->where};
  }
  std::vector<expression> conditions;
  std::vector<operand> values;
  std::size_t next = simple ? 1 : 0;
  for (; next + 1 < e.args.size(); next += 2) {
    auto condition = bind_when(subject, e.args[next], failed);
    auto value = bind(e.args[next + 1]);
    failed = failed || !condition || !value;
    if (failed) continue;
    conditions.push_back(*std::move(condition));
    values.push_back(*std::move(value));
  }
  auto otherwise = next < e.args.size() ? bind(e.args[next]) : operand{null_literal(type_id::text), true, e.where};
  if (failed || !otherwise) return std::nullopt;
  if (simple && nodes_in(subject->value) * conditions.size() > max_repeated_nodes)
    return report(code::nested_too_deep, e.where, "this case compares its value with too many others",
                  "simplify the value, or write: case when CONDITION then …");
  values.push_back(*std::move(otherwise));
  auto branches = bind_values(std::move(values), "case", true);
  if (!branches) return std::nullopt;
  auto out = node_of(operation::case_when, branches->front().type.id, {});
  out.type = without_modifier(branches->front().type);
  out.nullable = std::any_of(branches->begin(), branches->end(), [](const auto& value) { return value.nullable; });
  agree(*branches, true, out);
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    out.args.push_back(std::move(conditions[i]));
    out.args.push_back(std::move((*branches)[i]));
  }
  out.args.push_back(std::move(branches->back()));
  return operand{std::move(out), false, e.where};
}

/// A condition; or a value that the subject is to be equal to. After a failure it is looked at for its own faults only.
std::optional<expression> expression_binder::bind_when(const std::optional<operand>& subject,
                                                       const syntax_expression& when, bool failed) {
  auto bound = bind(when);
  if (!bound) return std::nullopt;
  if (!subject && failed) return std::move(bound->value);
  if (!subject) return condition(*std::move(bound));
  auto equal = compare(operation::equal, *subject, *std::move(bound), when.where);
  return equal ? std::optional(std::move(equal->value)) : std::nullopt;
}

/// The values in their common type. `last_decides`: the last one is the first to be asked for its type, as in case.
std::optional<std::vector<expression>> expression_binder::bind_values(std::vector<operand> values, const char* of,
                                                                      bool last_decides) {
  std::vector<const operand*> asked;
  for (const auto& value : values) asked.push_back(&value);
  if (last_decides) std::rotate(asked.begin(), asked.end() - 1, asked.end());
  const auto type = common_type(asked, of);
  if (!type) return std::nullopt;
  std::vector<expression> out;
  for (auto& value : values) {
    auto bound = is_passed_through(type->id) ? coerce_passed_through(std::move(value), *type)
                                             : coerce(std::move(value), type->id);
    if (!bound) return std::nullopt;
    out.push_back(*std::move(bound));
  }
  return out;
}

std::optional<operand> expression_binder::bind_coalesce(const syntax_expression& e, std::vector<operand> args) {
  auto values = bind_values(std::move(args), "coalesce", false);
  if (!values) return std::nullopt;
  const auto type = without_modifier(values->front().type);
  auto out = node_of(operation::coalesce, type.id, *std::move(values));
  out.type = type;
  out.nullable = std::all_of(out.args.begin(), out.args.end(), [](const auto& value) { return value.nullable; });
  agree(out.args, false, out);
  return operand{std::move(out), false, e.where};
}

std::optional<operand> expression_binder::bind_extreme(operation op, const syntax_expression& e,
                                                       std::vector<operand> args) {
  const auto sides = args;
  auto values = bind_values(std::move(args), e.names[0].text.c_str(), false);
  if (!values) return std::nullopt;
  const auto type = values->front().type.id;
  if (type == type_id::citext)
    return report(code::collation_dependent, e.where, "the order of citext depends on the collation",
                  "cast it: greatest(x::text collate \"C\", …)");
  if (is_passed_through(type))
    return report(code::unsupported_type, e.where,
                  fmt::format("{} of {}: weir has no order for it here", e.names[0].text, to_sql(values->front().type)),
                  "write it as: case when x > y then x else y end");
  for (const auto& side : sides)
    if (!comparable(operation::greater, type, side, side, e.where)) return std::nullopt;
  auto out = node_of(op, type, *std::move(values));
  out.nullable = std::all_of(out.args.begin(), out.args.end(), [](const auto& value) { return value.nullable; });
  agree(out.args, true, out);
  return operand{std::move(out), false, e.where};
}

/// Its type is that in which PostgreSQL's `=` takes its left side.
std::optional<operand> expression_binder::bind_null_if(const syntax_expression& e, std::vector<operand> args) {
  const auto left = args[0];
  const auto own = left.value.type;
  if (!check_no_jsonb(args[0], args[1], "nullif", e.where)) return std::nullopt;
  auto equal = compare(operation::equal, std::move(args[0]), std::move(args[1]), e.where);
  if (!equal) return std::nullopt;
  if (equal->value.args[0].function == function::small_letters)
    return operand{unless_equal(std::move(equal->value)), false, e.where};
  auto out = std::move(equal->value);
  const auto compared = out.args[0].type.id;
  if (!left.untyped && own.id == type_id::date && compared == type_id::timestamp)
    return report(code::not_supported_yet, e.where, "not supported yet: nullif of a date and a timestamp",
                  "cast both to one type");
  out.op = operation::null_if;
  out.nullable = true;
  out.fixed_scale = out.args[0].fixed_scale;
  const bool keeps_type = is_integer(own.id) ? is_integer(compared) : own.id == compared || own.id == type_id::float4;
  out.type = !left.untyped && keeps_type ? own : without_modifier(out.args[0].type);
  return operand{std::move(out), false, e.where};
}

} // namespace weir::dsl
