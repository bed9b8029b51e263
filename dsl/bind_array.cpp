#include <algorithm>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/literal.hpp"
#include "runtime/expr/array_text.hpp"
#include "runtime/expr/evaluate.hpp"

// Arrays: those that are written down, and what is asked of those in columns.
namespace weir::dsl {
namespace {

bool reads_column(const expression& e) {
  return e.op == operation::column || std::any_of(e.args.begin(), e.args.end(), reads_column);
}

/// The text of a constant's value, or none of a null; an error where it has no value.
result<std::optional<std::string>> text_of_constant(const expression& e) {
  WEIR_ASSIGN(const auto compute, evaluator::make(e));
  batch one;
  one.weights.assign(1, 1);
  std::vector<row_error> errors;
  const auto value = compute.evaluate(one, errors);
  if (!errors.empty()) return error{errors.front().code, errors.front().message};
  if (value.is_null(0)) return std::optional<std::string>();
  std::string text;
  write_text(value, 0, text);
  return std::optional(std::move(text));
}

/// Can it be told from the texts of elements which are equal, or from the numbers they are?
bool has_equality(const data_type& element) {
  return !is_float(element.id) && element.id != type_id::interval && element.id != type_id::opaque;
}

/// Are they elements of one type, lengths aside?
bool same_elements(const data_type& a, const data_type& b) { return a.id == b.id && a.name == b.name; }

expression array_literal(const data_type& type, const std::vector<std::optional<std::string>>& elements) {
  auto out = null_literal(type.id);
  out.type = type;
  out.literal_is_null = false;
  out.nullable = false;
  out.literal_text = write_array(elements);
  return out;
}

} // namespace

std::optional<operand> expression_binder::bind_array(const syntax_expression& e) {
  if (e.args.empty())
    return report(code::type_mismatch, e.where, "what an empty array is an array of cannot be told",
                  "write it as '{}'::integer[]");
  std::vector<operand> items;
  for (const auto& written : e.args) {
    auto item = bind(written);
    if (!item) return std::nullopt;
    items.push_back(*std::move(item));
  }
  auto values = bind_values(std::move(items), "array", false);
  if (!values) return std::nullopt;
  std::vector<std::optional<std::string>> texts;
  for (std::size_t i = 0; i < values->size(); ++i) {
    const auto& value = (*values)[i];
    if (reads_column(value) || value.type.typmod >= 0)
      return report(code::not_supported_yet, e.args[i].where,
                    reads_column(value) ? "not supported yet: an array of what is no constant"
                                        : "not supported yet: a length or precision of array elements",
                    "there are arrays of constants: array[1, 2]");
    auto text = text_of_constant(value);
    if (!text) return report(code::bad_literal, e.args[i].where, text.error().message);
    texts.push_back(*std::move(text));
  }
  return operand{array_literal(array_type(values->front().type), texts), false, e.where};
}

std::optional<operand> expression_binder::bind_subscript(const syntax_expression& e) {
  auto array = bind(e.args[0]);
  auto place = bind(e.args[1]);
  if (!array || !place) return std::nullopt;
  const auto element = array->untyped ? std::nullopt : element_type(array->value.type);
  if (!element)
    return report(code::type_mismatch, e.where, fmt::format("{} has no elements", type_text(*array)),
                  is_jsonb(array->value.type) ? "write x -> 0 or x -> 'key'" : "");
  const auto type = place->value.type.id;
  if (!place->untyped && type != type_id::int2 && type != type_id::int4)
    return report(code::type_mismatch, place->where,
                  fmt::format("the place of an element is an integer, this is {}", type_text(*place)));
  auto index = coerce(*std::move(place), type_id::int4);
  if (!index) return std::nullopt;
  std::vector<expression> args;
  args.push_back(std::move(array->value));
  args.push_back(*std::move(index));
  auto out = call_of(function::array_element, element->id, std::move(args));
  out.type = *element;
  out.nullable = true;
  out.fixed_scale = declared_scale(out.type);
  return operand{std::move(out), false, e.where};
}

std::optional<operand> expression_binder::bind_quantified(const syntax_expression& e) {
  auto left = bind(e.args[0]);
  auto array = bind(e.args[1]);
  if (!left || !array) return std::nullopt;
  const bool negated = e.text == "<> all";
  if (!negated && e.text != "= any")
    return report(code::not_supported_yet, e.where, fmt::format("not supported yet: {}", e.text),
                  "there are = any (…) and <> all (…)");
  if (array->untyped) { // an array of what is on the left
    const auto type = left->value.type;
    const bool text = left->untyped || is_string(type.id);
    if (!text && is_passed_through(type.id))
      return report(code::type_mismatch, array->where, "what this string is an array of cannot be told",
                    "give it a type: '{…}'::text[]");
    auto read = coerce_passed_through(*std::move(array), array_type({text ? type_id::text : type.id}));
    if (!read) return std::nullopt;
    array = operand{*std::move(read), false, e.args[1].where};
  }
  if (!element_type(array->value.type))
    return report(code::type_mismatch, array->where,
                  fmt::format("an array is needed here, this is {}", type_text(*array)), "");
  left = as_text(*std::move(left));
  const bool constant = array->value.op == operation::literal && !array->value.literal_is_null;
  auto test = constant ? any_of_constants(*std::move(left), *array, e.where)
                       : any_of_array(*std::move(left), *std::move(array), e.where);
  if (test && negated) test->value = node_over(operation::logical_not, type_id::boolean, std::move(test->value));
  return test;
}

/// x = any (array) of written elements is x in (…), in the type of x = element.
std::optional<operand> expression_binder::any_of_constants(operand left, const operand& array, span where) {
  const auto element = element_type(array.value.type);
  const auto elements = read_array(array.value.literal_text);
  const bool lone_null = elements && elements->size() == 1 && !elements->front();
  if (!elements || elements->empty() || lone_null)
    return report(code::not_supported_yet, array.where, "not supported yet: any and all of an array without values");
  std::vector<operand> items;
  for (const auto& text : *elements) {
    auto value = text ? make_literal(element->id, *text, array.where, found_) : null_literal(element->id);
    if (!value) return std::nullopt;
    items.push_back({*std::move(value), false, array.where});
  }
  if (items.size() == 1) return compare(operation::equal, std::move(left), std::move(items.front()), where);
  const auto type = comparison_type(left, items.front(), false, where);
  if (!type || !comparable(operation::equal, *type, left, items.front(), where)) return std::nullopt;
  items.insert(items.begin(), std::move(left));
  std::vector<expression> args;
  for (auto& item : items) {
    auto value = coerce(std::move(item), *type);
    if (!value) return std::nullopt;
    args.push_back(*std::move(value));
  }
  return operand{node_of(operation::in_list, type_id::boolean, std::move(args)), false, where};
}

std::optional<operand> expression_binder::any_of_array(operand left, operand array, span where) {
  const auto element = *element_type(array.value.type);
  if (left.untyped) {
    auto value = is_passed_through(element.id) ? coerce_passed_through(std::move(left), element)
                                               : coerce(std::move(left), element.id);
    if (!value) return std::nullopt;
    left = {*std::move(value), false, where};
  }
  const auto& type = left.value.type;
  const bool numbers = is_number(type.id) && is_number(element.id) && !is_float(type.id);
  const bool texts = is_string(type.id) && is_string(element.id);
  if (!has_equality(element) || !(numbers || texts || same_elements(type, element)))
    return report(code::unsupported_type, where,
                  fmt::format("weir does not compare {} with the elements of {}", type_text(left), type_text(array)),
                  "cast the left side to the type of the elements");
  if (!equal_by_bytes(left) || !equal_by_bytes(array)) return std::nullopt;
  std::vector<expression> args;
  args.push_back(std::move(left.value));
  args.push_back(std::move(array.value));
  return operand{call_of(function::any_equal, type_id::boolean, std::move(args)), false, where};
}

std::optional<operand> expression_binder::array_operator(const std::string& op, operand left, operand right,
                                                         span where) {
  const auto type = is_array(left.value.type) ? left.value.type : right.value.type;
  const auto element = element_type(type);
  for (auto* side : {&left, &right}) {
    if (side->untyped) {
      auto read = element ? coerce_passed_through(*side, type) : std::nullopt;
      if (!read) return std::nullopt;
      *side = {*std::move(read), false, side->where};
    }
    const auto own = element_type(side->value.type);
    if (!element || !own || !same_elements(*own, *element) || !has_equality(*element))
      return report(code::unsupported_type, where,
                    fmt::format("weir has no {} of {} and {}", op, type_text(left), type_text(right)),
                    "it takes arrays of one type, whose elements have an equality");
    if (!equal_by_bytes(*side)) return std::nullopt;
  }
  const auto f = op == "@>"   ? function::array_contains
                 : op == "<@" ? function::array_contained
                              : function::array_overlaps;
  std::vector<expression> args;
  args.push_back(std::move(left.value));
  args.push_back(std::move(right.value));
  return operand{call_of(f, type_id::boolean, std::move(args)), false, where};
}

std::optional<operand> expression_binder::array_function(const syntax_expression& e, std::vector<operand> args) {
  const bool length = e.names[0].text == "array_length";
  const bool fits = args.size() == (length ? 2U : 1U) && !args[0].untyped && is_array(args[0].value.type);
  if (!fits) return no_such_arguments(e, args);
  std::vector<expression> values;
  values.push_back(std::move(args[0].value));
  if (length) {
    const auto type = args[1].value.type.id;
    if (!args[1].untyped && type != type_id::int2 && type != type_id::int4)
      return report(code::type_mismatch, args[1].where,
                    fmt::format("the number of a dimension is an integer, this is {}", type_text(args[1])));
    auto dimension = coerce(std::move(args[1]), type_id::int4);
    if (!dimension) return std::nullopt;
    values.push_back(*std::move(dimension));
  }
  auto out = call_of(length ? function::array_length : function::cardinality, type_id::int4, std::move(values));
  out.nullable = out.nullable || length;
  return operand{std::move(out), false, e.where};
}

} // namespace weir::dsl
