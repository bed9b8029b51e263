#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/column_type.hpp"
#include "dsl/literal.hpp"
#include "runtime/base/suggest.hpp"
#include "runtime/expr/array_text.hpp"
#include "runtime/expr/json_literal.hpp"
#include "runtime/expr/verbatim_order.hpp"

// Values of types that weir does not compute with: what is equal is told by their texts.
namespace weir::dsl {
namespace {

constexpr std::size_t labels_shown = 12;

/// Are they the same type? The lengths of elements do not count.
bool same_type(const data_type& a, const data_type& b) {
  if (a == b) return true;
  const auto x = element_type(a);
  const auto y = element_type(b);
  return x && y && x->id == y->id && x->name == y->name;
}

/// An array as PostgreSQL writes it, of elements that weir computes with.
result<std::string> written_array(const data_type& element, const std::string& text, span where, diagnostics& found) {
  WEIR_ASSIGN(auto elements, read_array(text));
  for (auto& one : elements) {
    if (!one) continue;
    auto value = make_literal(element.id, *one, where, found);
    if (!value) return error{errc::invalid_text_representation, ""};
    one = std::move(value->literal_text);
  }
  return write_array(elements);
}

result<std::string> written_label(const std::vector<std::string>& labels, const std::string& text) {
  if (std::find(labels.begin(), labels.end(), text) != labels.end()) return text;
  const auto some = std::span(labels).first(std::min(labels.size(), labels_shown));
  return error{errc::invalid_text_representation,
               fmt::format("its labels are '{}'{}", fmt::join(some, "', '"), some.size() < labels.size() ? " …" : ""),
               did_you_mean(text, labels)};
}

/// The text that PostgreSQL would write of the value that it reads in this one.
result<std::string> written(const data_type& type, const std::string& text, span where, diagnostics& found) {
  if (is_jsonb(type)) return canonical_jsonb(text);
  if (is_json(type)) {
    WEIR_TRY(check_json(text));
    return text;
  }
  const auto element = element_type(type);
  if (element && !is_passed_through(element->id)) return written_array(*element, text, where, found);
  if (type.labels) return written_label(*type.labels, text);
  if (is_written_so(type, text)) return text;
  return error{errc::unsupported, ""};
}

/// Of a label among all of its enum.
expression label_place_of(expression value, const std::shared_ptr<const std::vector<std::string>>& labels) {
  value.type.labels = labels;
  return call_over(function::label_place, type_id::int4, std::move(value));
}

} // namespace

std::optional<expression> expression_binder::coerce_passed_through(operand from, const data_type& to) {
  if (!from.untyped) {
    if (same_type(from.value.type, to)) return std::move(from.value);
    return report(code::type_mismatch, from.where,
                  fmt::format("a {} is needed here, this is {}", to_sql(to), type_text(from)));
  }
  auto out = std::move(from.value);
  out.type = to;
  if (out.literal_is_null) return out;
  const auto faults = found_.size();
  auto text = written(to, out.literal_text, from.where, found_);
  if (text) {
    out.literal_text = *std::move(text);
    return out;
  }
  if (found_.size() > faults) return std::nullopt; // an element is none of its type
  const auto& fault = text.error();
  if (fault.code == errc::unsupported && fault.message.empty())
    return report(
        code::unwritten_literal, from.where,
        fmt::format("whether '{}' is how PostgreSQL writes this {} cannot be told here", out.literal_text, to.name),
        "compare with a column of the same type");
  if (fault.code == errc::unsupported)
    return report(code::not_supported_yet, from.where, "not supported yet: " + fault.message, fault.hint);
  return report(code::bad_literal, from.where,
                fmt::format("this is not a value of type {}: {}", to.name, fault.message), fault.hint);
}

std::optional<operand> expression_binder::cast_passed_through(operand from, const data_type& to, span where) {
  const auto source = from.value.type;
  if (is_passed_through(to.id)) {
    if (from.untyped || same_type(source, to)) {
      auto value = coerce_passed_through(std::move(from), to);
      return value ? std::optional(operand{*std::move(value), false, where}) : std::nullopt;
    }
    return report(code::not_supported_yet, where,
                  fmt::format("not supported yet: a cast from {} to {}", type_text(from), to_sql(to)),
                  "only what is written in quotes becomes one; keep it in a column of this type");
  }
  const bool reads_scalar = is_number(to.id) || to.id == type_id::boolean;
  const bool known = (is_string(to.id) && (is_json(source) || is_jsonb(source))) || (reads_scalar && is_jsonb(source));
  if (!known) {
    check_cast(source.id, to.id, where);
    return std::nullopt;
  }
  return operand{modified(node_over(operation::cast, to.id, std::move(from.value)), to), false, where};
}

std::optional<operand> expression_binder::compare_passed_through(operation op, operand left, operand right,
                                                                 span where) {
  const auto type = is_passed_through(left.value.type.id) ? left.value.type : right.value.type;
  if (type.id == type_id::opaque)
    return report(code::unsupported_type, where,
                  fmt::format("weir cannot tell which values of type {} are equal", type.name),
                  "it passes them through: count(x), x is null");
  const bool orders = op != operation::equal && op != operation::not_equal;
  const auto labels = left.value.type.labels ? left.value.type.labels : right.value.type.labels;
  if (orders && order_of(type) == nullptr && !labels)
    return report(code::unsupported_type, where,
                  fmt::format("weir does not know the order of values of type {}", type.name),
                  "there are =, <> and in");
  if (!equal_by_bytes(left) || !equal_by_bytes(right)) return std::nullopt;
  for (const auto* side : {&left, &right})
    if (!side->untyped && !same_type(side->value.type, type))
      return report(code::type_mismatch, where,
                    fmt::format("{} and {} cannot be compared", type_text(left), type_text(right)));
  auto a = coerce_passed_through(std::move(left), type);
  auto b = coerce_passed_through(std::move(right), type);
  if (!a || !b) return std::nullopt;
  b->type = a->type; // lengths of elements aside, they are the same
  if (orders && labels)
    return operand{node_over(op, type_id::boolean, label_place_of(*a, labels), label_place_of(*b, labels)), false,
                   where};
  return operand{node_over(op, type_id::boolean, *std::move(a), *std::move(b)), false, where};
}

} // namespace weir::dsl
