#include <algorithm>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/function_table.hpp"
#include "dsl/literal.hpp"
#include "dsl/types.hpp"
#include "runtime/base/suggest.hpp"

// Calls of functions, and the operators of texts.
namespace weir::dsl {
namespace {

/// Functions of one number, whose type and scale follow from it.
function number_function(const std::string& name) noexcept {
  static constexpr std::pair<std::string_view, function> table[] = {
      {"abs", function::abs},     {"sign", function::sign},   {"ceil", function::ceil},   {"ceiling", function::ceil},
      {"floor", function::floor}, {"round", function::round}, {"trunc", function::trunc},
  };
  const auto* found = std::find_if(std::begin(table), std::end(table), [&](const auto& t) { return t.first == name; });
  return found == std::end(table) ? function::none : found->second;
}

/// How many digits after the point round and trunc leave, if that is written down.
std::optional<int> written_scale(const expression& digits) {
  if (digits.op != operation::literal || digits.literal_is_null) return std::nullopt;
  constexpr int most = 16383; // NUMERIC_DSCALE_MAX
  return std::clamp(std::stoi(digits.literal_text), 0, most);
}

bool matches(const signature& s, const std::vector<operand>& args) {
  if (s.takes.size() != args.size()) return false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    // what a string or a null means depends on the other ways to call the function, unless it is a text
    if (args[i].untyped ? s.takes[i] != 't' : !fits(s.takes[i], args[i].value.type.id)) return false;
  }
  return true;
}

} // namespace

std::optional<operand> expression_binder::bind_call(const syntax_expression& e) {
  if (aggregate_named(e))
    return report(code::aggregate_misplaced, e.where,
                  fmt::format("{}() stands where each row has its own value", e.names.back().text),
                  "an aggregate is a column of the select list, by itself");
  const bool known = e.names.size() == 1 && !usages_of(e.names[0].text).empty();
  if (!known) {
    report_unknown_function(e, found_);
    return std::nullopt;
  }
  if (e.distinct)
    return report(code::aggregate_misplaced, e.where,
                  fmt::format("distinct stands in an aggregate, {}() is none", e.names[0].text));
  if (!e.filter.empty())
    return report(code::aggregate_misplaced, e.filter.front().where,
                  fmt::format("filter (where …) stands behind an aggregate, {}() is none", e.names[0].text));
  std::vector<operand> args;
  bool failed = false;
  for (const auto& arg : e.args) {
    auto bound = bind(arg);
    failed = failed || !bound;
    if (bound) args.push_back(*std::move(bound));
  }
  if (failed) return std::nullopt;
  return bind_function(e, std::move(args));
}

std::optional<operand> expression_binder::bind_function(const syntax_expression& e, std::vector<operand> args) {
  const auto& name = e.names[0].text;
  const bool variadic = name == "coalesce" || name == "greatest" || name == "least" || name == "concat";
  if (e.star || (variadic && args.empty())) return no_such_arguments(e, args);
  if (name == "coalesce") return bind_coalesce(e, std::move(args));
  if (name == "greatest") return bind_extreme(operation::greatest, e, std::move(args));
  if (name == "least") return bind_extreme(operation::least, e, std::move(args));
  if (name == "concat") return bind_concat(e, std::move(args));
  if (name == "nullif" && args.size() == 2) return bind_null_if(e, std::move(args));
  if (name == "mod" && args.size() == 2) return bind_modulo(e, std::move(args));
  if (!check_not_of_citext(name, args, e.where)) return std::nullopt;
  const bool changes_case = name == "lower" || name == "upper";
  const bool of_text = args.size() == 1 && (args[0].untyped || is_string(args[0].value.type.id) || is_citext(args[0]));
  if (changes_case && of_text && !args[0].bytewise)
    return in_case(name == "lower" ? function::locale_lower : function::locale_upper, std::move(args[0]), name,
                   e.where);
  if (name == "date_trunc") return bind_date_trunc(e, std::move(args));
  if (name == "extract" || name == "date_part") return bind_extract(e, std::move(args));
  if (name == "timezone") return bind_at_zone(e, std::move(args));
  if (name.starts_with("json")) return json_function(e, std::move(args));
  if (name == "cardinality" || name == "array_length") return array_function(e, std::move(args));
  const auto of_number = number_function(name);
  if (of_number != function::none && args.size() == 1) return bind_number_function(e, of_number, std::move(args[0]));
  const auto all = signatures();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const signature& s) { return s.name == name && matches(s, args); });
  if (found == all.end()) return no_such_arguments(e, args);
  std::vector<expression> values;
  bool bytewise = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    bytewise = bytewise || args[i].bytewise;
    if (found->takes[i] == 't' && !equal_by_bytes(args[i])) return std::nullopt;
    auto value = coerce(std::move(args[i]), type_of_letter(found->takes[i]));
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
  }
  if (is_bytewise(found->function) && !bytewise)
    return report(code::collation_dependent, e.where,
                  fmt::format("what {} gives depends on the locale of the database", name),
                  fmt::format("where the letters a to z are enough, write {}(… collate \"C\")", name));
  auto out = call_of(found->function, found->result, std::move(values));
  if (found->function == function::div) out.fixed_scale = 0;
  if (found->takes == "ni") out.fixed_scale = written_scale(out.args[1]);
  return operand{std::move(out), false, e.where, bytewise && is_string(found->result)};
}

/// A collation that says what the order of texts, and upper and lower case, are: that of bytes and of ASCII.
std::optional<operand> expression_binder::bind_collate(const syntax_expression& e) {
  auto value = bind(e.args[0]);
  if (!value) return std::nullopt;
  if (!value->untyped && !is_string(value->value.type.id) && !is_citext(*value))
    return report(code::type_mismatch, e.where,
                  fmt::format("only texts have a collation, this is {}", type_text(*value)));
  if (e.names[0].text != "C")
    return report(code::collation_dependent, e.names[0].where,
                  fmt::format("not supported: the collation \"{}\"; its order is the server's", e.names[0].text),
                  "there is: collate \"C\", the order of bytes");
  value->where = e.where;
  value->bytewise = true;
  return value;
}

std::nullopt_t expression_binder::no_such_arguments(const syntax_expression& e, const std::vector<operand>& args) {
  std::vector<std::string> types;
  for (const auto& arg : args) types.push_back(type_text(arg));
  const auto& name = e.names[0].text;
  return report(code::type_mismatch, e.where,
                fmt::format("there is no {}({})", name, e.star ? "*" : fmt::format("{}", fmt::join(types, ", "))),
                fmt::format("there is: {}", fmt::join(usages_of(name), ", ")));
}

std::optional<operand> expression_binder::bind_number_function(const syntax_expression& e, function f, operand arg) {
  if (!arg.untyped && !is_number(arg.value.type.id)) return no_such_arguments(e, {arg});
  if (arg.untyped && f == function::trunc) // PostgreSQL has one of addresses too, and does not choose
    return report(code::type_mismatch, arg.where, "what this string is cannot be told",
                  "give it a type: trunc(numeric '1.5')");
  auto type = arg.untyped ? type_id::float8 : arg.value.type.id;
  // there is abs of every type of number, the others are of numeric and double precision
  if (f != function::abs && type != type_id::numeric) type = type_id::float8;
  auto value = coerce(std::move(arg), type);
  if (!value) return std::nullopt;
  const auto scale = value->fixed_scale;
  std::vector<expression> args;
  args.push_back(*std::move(value));
  auto out = call_of(f, type, std::move(args));
  if (type == type_id::numeric) out.fixed_scale = f == function::abs ? scale : 0;
  return operand{std::move(out), false, e.where};
}

/// x % y by another name, of integers and numerics.
std::optional<operand> expression_binder::bind_modulo(const syntax_expression& e, std::vector<operand> args) {
  for (const auto& arg : args)
    if (arg.untyped || !is_number(arg.value.type.id) || is_float(arg.value.type.id)) return no_such_arguments(e, args);
  return arithmetic(operation::modulo, std::move(args[0]), std::move(args[1]), e.where);
}

std::optional<operand> expression_binder::bind_concat(const syntax_expression& e, std::vector<operand> args) {
  std::vector<expression> values;
  for (auto& arg : args) {
    arg = as_text(std::move(arg));
    if (!arg.untyped && arg.value.type.id == type_id::timestamptz)
      return report(code::session_dependent, arg.where, "how a timestamptz reads depends on the session's time zone");
    if (!arg.untyped && (is_passed_through(arg.value.type.id) || arg.value.type.id == type_id::character))
      return report(code::unsupported_type, arg.where,
                    fmt::format("weir does not write {} as text here", type_text(arg)),
                    arg.value.type.id == type_id::character ? "cast it: x::text, which has no blanks at its end" : "");
    auto value = arg.untyped ? coerce(std::move(arg), type_id::text) : std::optional(std::move(arg.value));
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
  }
  auto out = call_of(function::concat, type_id::text, std::move(values));
  out.nullable = false;
  return operand{std::move(out), false, e.where};
}

std::optional<operand> expression_binder::concatenate(operand left, operand right, span where) {
  left = as_text(std::move(left));
  right = as_text(std::move(right));
  for (const auto* side : {&left, &right})
    if (!side->untyped && !is_string(side->value.type.id))
      return report(code::type_mismatch, side->where, fmt::format("|| joins texts, this is {}", type_text(*side)),
                    "cast it: x::text");
  const bool bytewise = left.bytewise || right.bytewise;
  auto out = text_call(function::concatenate, type_id::text, std::move(left), std::move(right), where);
  if (out) out->bytewise = bytewise;
  return out;
}

std::optional<operand> expression_binder::bind_truth(const syntax_expression& e) {
  auto value = bind_condition(e.args[0]);
  if (!value) return std::nullopt;
  const bool unknown = e.text == "unknown";
  const auto op = unknown ? (e.negated ? operation::is_not_null : operation::is_null)
                          : (e.text == "true" ? operation::is_true : operation::is_false);
  auto test = node_over(op, type_id::boolean, *std::move(value));
  test.nullable = false;
  if (e.negated && !unknown) test = node_over(operation::logical_not, type_id::boolean, std::move(test));
  return operand{std::move(test), false, e.where};
}

std::optional<aggregate_function> aggregate_named(const syntax_expression& call) {
  if (call.form != form::call || call.names.size() != 1) return std::nullopt;
  const auto& function = call.names.front().text;
  if (function == "count") return call.star ? aggregate_function::count_rows : aggregate_function::count;
  if (function == "sum") return aggregate_function::sum;
  if (function == "avg") return aggregate_function::avg;
  if (function == "min") return aggregate_function::min;
  if (function == "max") return aggregate_function::max;
  return std::nullopt;
}

bool holds_aggregate(const syntax_expression& e) {
  return aggregate_named(e) || std::any_of(e.args.begin(), e.args.end(), holds_aggregate);
}

void report_unknown_function(const syntax_expression& call, diagnostics& found) {
  const auto& function = call.names.back();
  const auto names = function_names();
  const auto reason = why_not(function.text);
  const auto meant = closest(function.text, names);
  const bool misspelt = reason.empty() && !meant.empty() && call.names.size() == 1 && function.text != "min";
  if (misspelt)
    found.push_back({severity::error, code::unknown_function, function.where,
                     fmt::format("no function \"{}\"", function.text), fmt::format("did you mean \"{}\"?", meant)});
  else
    found.push_back({severity::error, code::not_supported_yet, call.where,
                     fmt::format("not supported yet: the function {}()", function.text),
                     reason.empty() ? fmt::format("there are: {}", fmt::join(names, ", ")) : std::string(reason)});
}

std::string own_collation(const expression& e, const source_scope& scope) {
  if (e.op == operation::column) {
    const auto& facts = scope.bound.columns[static_cast<std::size_t>(e.column_index)];
    return facts.collation.is_own() ? facts.name : std::string();
  }
  for (const auto& arg : e.args)
    if (auto column = own_collation(arg, scope); !column.empty()) return column;
  return {};
}

std::shared_ptr<const letter_cases> letters_of(const source_scope& scope) {
  for (const auto& column : scope.bound.columns)
    if (column.cases) return column.cases;
  return nullptr;
}

std::string nondeterministic_column(const expression& e, const source_scope& scope) {
  const auto has_collation = [](const expression& x) {
    return is_string(x.type.id) || x.type.id == type_id::character || x.type.id == type_id::verbatim ||
           x.type.id == type_id::citext;
  };
  if (e.op == operation::column && has_collation(e)) {
    const auto& facts = scope.bound.columns[static_cast<std::size_t>(e.column_index)];
    return facts.collation.deterministic ? std::string() : facts.name;
  }
  if (!has_collation(e)) return {};
  for (const auto& arg : e.args)
    if (auto column = nondeterministic_column(arg, scope); !column.empty()) return column;
  return {};
}

} // namespace weir::dsl
