#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/literal.hpp"
#include "runtime/expr/array_text.hpp"
#include "runtime/expr/json_path.hpp"

// Documents, json and jsonb, and the operators that look into them.
namespace weir::dsl {
namespace {

constexpr std::pair<std::string_view, function> operators[] = {
    {"->", function::json_field},      {"->>", function::json_field_text}, {"#>", function::json_path},
    {"#>>", function::json_path_text}, {"?", function::json_has_key},      {"?|", function::json_has_any},
    {"?&", function::json_has_all},    {"@>", function::json_contains},    {"<@", function::json_contained},
};

function function_of(std::string_view op) {
  const auto* found =
      std::find_if(std::begin(operators), std::end(operators), [&](const auto& o) { return o.first == op; });
  return found == std::end(operators) ? function::none : found->second;
}

data_type result_type(function f, const data_type& document) {
  if (f == function::json_field || f == function::json_path) return document;
  const bool text = f == function::json_field_text || f == function::json_path_text;
  return {text ? type_id::text : type_id::boolean};
}

using path_steps = std::vector<std::optional<std::string>>;

/// Why weir does not follow the path, and what to write: "" if it does.
std::pair<std::string, std::string> path_objection(const data_type& document, const path_steps& steps) {
  if (steps.empty()) return {"a path without a step", "leave it out, or write x::text"};
  for (const auto& step : steps)
    if (is_json(document) && step && place_of_step(*step).value_or(0) < 0)
      return {"a place from the end in a path of json", fmt::format("write it as -> {}", *step)};
  return {};
}

bool is_document(const data_type& type) { return is_json(type) || is_jsonb(type); }

} // namespace

std::optional<operand> expression_binder::bind_operator(const std::string& op, operand left, operand right,
                                                        span where) {
  if (op == "||") return concatenate(std::move(left), std::move(right), where);
  if (op.ends_with('~') || op.ends_with('*')) return bind_regex(op, std::move(left), std::move(right), where);
  const bool of_arrays = op == "@>" || op == "<@" || op == "&&";
  if (of_arrays && (is_array(left.value.type) || is_array(right.value.type)))
    return array_operator(op, std::move(left), std::move(right), where);
  return json_operator(op, std::move(left), std::move(right), where);
}

std::optional<operand> expression_binder::json_operator(const std::string& op, operand left, operand right,
                                                        span where) {
  const auto f = function_of(op);
  const bool both = op == "@>" || op == "<@";
  if (both && left.untyped && is_jsonb(right.value.type)) {
    auto read = coerce_passed_through(std::move(left), right.value.type);
    if (!read) return std::nullopt;
    left = {*std::move(read), false, where};
  }
  const bool needs_jsonb = f >= function::json_has_key;
  if (f == function::none || left.untyped || !(needs_jsonb ? is_jsonb(left.value.type) : is_document(left.value.type)))
    return report(code::type_mismatch, where,
                  fmt::format("there is no {} of {} and {}", op, type_text(left), type_text(right)),
                  needs_jsonb && is_json(left.value.type) ? fmt::format("there is {} of jsonb", op) : "");
  const auto type = left.value.type;
  auto second = both                            ? coerce_passed_through(std::move(right), type)
                : op.size() > 1 && op[0] != '-' ? constant_path(left, std::move(right))
                                                : json_step(op, left, std::move(right));
  if (!second) return std::nullopt;
  if (op.front() == '#' && !second->literal_is_null) {
    const auto steps = *read_array(second->literal_text);
    if (const auto [message, hint] = path_objection(type, steps); !message.empty())
      return report(code::not_supported_yet, where, "not supported yet: " + message, hint);
  }
  std::vector<expression> args;
  args.push_back(std::move(left.value));
  args.push_back(*std::move(second));
  auto out = call_of(f, type_id::text, std::move(args));
  out.type = result_type(f, type);
  out.nullable = out.nullable || f <= function::json_path_text;
  return operand{std::move(out), false, where};
}

/// A key, or the place of an element.
std::optional<expression> expression_binder::json_step(const std::string& op, const operand& left, operand right) {
  const auto type = right.value.type.id;
  if (right.untyped || is_string(type)) return coerce(std::move(right), type_id::text);
  const bool places = op != "?" && (type == type_id::int2 || type == type_id::int4);
  if (places) return coerce(std::move(right), type_id::int4);
  return report(code::type_mismatch, right.where,
                fmt::format("there is no {} of {} and {}", op, type_text(left), type_text(right)),
                op == "?" ? "it takes a key, a text" : "it takes a key, a text, or a place, an integer");
}

/// A path, or several keys: an array of texts that is written down.
std::optional<expression> expression_binder::constant_path(const operand& left, operand right) {
  const data_type texts = array_type({type_id::text});
  if (right.value.op == operation::literal && (right.untyped || right.value.type == texts))
    return coerce_passed_through(std::move(right), texts);
  return report(
      code::not_supported_yet, right.where,
      fmt::format("not supported yet: a path into {}, or keys of it, that are not written down", type_text(left)),
      "write them as '{a,0,b}' or array['a', 'b']");
}

std::optional<operand> expression_binder::json_function(const syntax_expression& e, std::vector<operand> args) {
  const auto& name = e.names[0].text;
  if (args.size() != 1) return no_such_arguments(e, args);
  const data_type type{type_id::opaque, -1, name.substr(0, name.find('_'))};
  if (!args[0].untyped && args[0].value.type != type) return no_such_arguments(e, args);
  auto value = coerce_passed_through(std::move(args[0]), type);
  if (!value) return std::nullopt;
  const bool kind = name.ends_with("typeof");
  const bool jsonb = is_jsonb(type);
  const auto f = kind ? (jsonb ? function::jsonb_typeof : function::json_typeof)
                      : (jsonb ? function::jsonb_array_length : function::json_array_length);
  std::vector<expression> values;
  values.push_back(*std::move(value));
  return operand{call_of(f, kind ? type_id::text : type_id::int4, std::move(values)), false, e.where};
}

std::optional<operand> expression_binder::compare_jsonb(operation op, operand left, operand right, span where) {
  if (op != operation::equal && op != operation::not_equal)
    return report(code::unsupported_type, where, "weir does not know the order of values of type jsonb",
                  "there are =, <> and in");
  const auto type = is_jsonb(left.value.type) ? left.value.type : right.value.type;
  auto a = coerce_passed_through(std::move(left), type);
  auto b = coerce_passed_through(std::move(right), type);
  if (!a || !b) return std::nullopt;
  std::vector<expression> args;
  args.push_back(*std::move(a));
  args.push_back(*std::move(b));
  auto out = call_of(function::json_equal, type_id::boolean, std::move(args));
  if (op == operation::not_equal) out = node_over(operation::logical_not, type_id::boolean, std::move(out));
  return operand{std::move(out), false, where};
}

bool expression_binder::check_no_jsonb(const operand& left, const operand& right, const char* what, span where) {
  if (!is_jsonb(left.value.type) && !is_jsonb(right.value.type)) return true;
  report(code::unsupported_type, where, fmt::format("{} of jsonb", what), "there are =, <> and is null");
  return false;
}

} // namespace weir::dsl
