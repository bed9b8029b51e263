#include <algorithm>

#include <fmt/format.h>

#include "runtime/expr/cast_kernel.hpp"
#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/prepared_node.hpp"
#include "runtime/expr/verbatim_order.hpp"

namespace weir {
namespace {

bool is_comparison(operation op) noexcept { return op >= operation::equal && op <= operation::greater_equal; }
bool is_arithmetic(operation op) noexcept { return op >= operation::add && op <= operation::modulo; }
bool is_connective(operation op) noexcept { return op == operation::logical_and || op == operation::logical_or; }
bool is_choice(operation op) noexcept {
  return op == operation::case_when || op == operation::coalesce || op == operation::greatest || op == operation::least;
}
bool is_extreme(operation op) noexcept { return op == operation::greatest || op == operation::least; }
/// Is it never null?
bool is_test(operation op) noexcept {
  return op == operation::is_null || op == operation::is_not_null || op == operation::is_true ||
         op == operation::is_false || op == operation::is_distinct;
}
bool is_strict(const prepared_node& node) noexcept {
  const auto op = node.op;
  if (op == operation::call) return is_strict(node.function);
  return !is_connective(op) && !is_test(op) && !is_extreme(op) && op != operation::in_list;
}

bool is_constant(const prepared_node& node) noexcept { return node.constant.has_value(); }
bool is_null_literal(const prepared_node& node) noexcept { return node.constant && node.constant->is_null(0); }

bool same_kind(const data_type& a, const data_type& b) noexcept {
  return (a.id == b.id && a.name == b.name) || (is_string(a.id) && is_string(b.id));
}

error unsupported(const std::string& what) {
  return {errc::unsupported, fmt::format("{} cannot be evaluated", what),
          "rewrite the expression, or compute the value in a column of the table"};
}

prepared_node constant_node(column value) {
  prepared_node made;
  made.type = value.type;
  made.constant = std::move(value);
  return made;
}

prepared_node boolean_constant(std::optional<bool> value) {
  column one({type_id::boolean, -1});
  if (value) {
    one.append_i64(*value ? 1 : 0);
  } else {
    one.append_null();
  }
  return constant_node(std::move(one));
}

prepared_node null_constant(data_type type) {
  column one(type);
  one.append_null();
  return constant_node(std::move(one));
}

prepared_node failing_constant(data_type type, error failure) {
  auto made = null_constant(type);
  made.failure = std::move(failure);
  return made;
}

/// The node with another name for its type.
prepared_node relabelled(prepared_node node, data_type type) {
  node.type = type;
  if (is_constant(node)) node.constant->type = type;
  return node;
}

result<prepared_node> prepare_literal(const expression& e) {
  column value(e.type);
  if (e.literal_is_null) {
    value.append_null();
  } else {
    WEIR_TRY(append_text(value, e.literal_text));
  }
  return constant_node(std::move(value));
}

result<prepared_node> prepare_column(const expression& e) {
  if (e.column_index < 0) return error{errc::internal, "a column expression without a column"};
  prepared_node made;
  made.op = operation::column;
  made.type = e.type;
  made.column_index = e.column_index;
  return made;
}

bool takes(operation op, std::size_t args) noexcept {
  if (op == operation::call) return args >= 1;
  if (is_connective(op) || is_extreme(op) || op == operation::coalesce) return args >= 1;
  if (op == operation::case_when) return args >= 3 && args % 2 == 1;
  if (op == operation::null_if || op == operation::is_distinct) return args == 2;
  if (op == operation::in_list) return args >= 2;
  return args == (is_arithmetic(op) || is_comparison(op) ? 2U : 1U);
}

/// The kernel of an operation on arguments of one type; null if there is none.
kernel kernel_of(operation op, type_id first) noexcept {
  if (first == type_id::opaque && op != operation::is_null && op != operation::is_not_null) return nullptr;
  if (is_arithmetic(op)) return arithmetic_kernel(op, first);
  if (is_comparison(op)) return comparison_kernel(op, storage_of(first));
  if (op == operation::negate) return negation_kernel(first);
  if (op == operation::in_list || op == operation::null_if)
    return comparison_kernel(operation::equal, storage_of(first));
  if (op == operation::is_distinct) return comparison_kernel(operation::not_equal, storage_of(first));
  const bool of_any = op == operation::is_null || op == operation::is_not_null;
  return of_any || first == type_id::boolean ? logic_kernel(op) : nullptr;
}

/// The branches of a choice lie as the choice does; its conditions are conditions.
status check_branches(const prepared_node& node) {
  const bool is_case = node.op == operation::case_when;
  for (std::size_t i = 0; i < node.args.size(); ++i) {
    const bool is_condition = is_case && i % 2 == 0 && i + 1 < node.args.size();
    const auto wanted = is_condition ? data_type{type_id::boolean} : without_modifier(node.type);
    if (same_kind(node.args[i].type, wanted)) continue;
    return unsupported(fmt::format("{} where {} is needed", to_sql(node.args[i].type), to_sql(wanted)));
  }
  return {};
}

/// What the function keeps of an argument, unless that is null.
status make_state(prepared_node& node, std::size_t argument) {
  const auto& constant = node.args[argument];
  if (!is_constant(constant)) return unsupported(fmt::format("{} of what is not constant", sql_name(node.function)));
  if (is_null_literal(constant)) return {};
  WEIR_ASSIGN(node.state, state_of(node.function, constant.constant->bytes_at(0)));
  return {};
}

status choose_function(prepared_node& node) {
  if (node.function == function::concat) return {}; // computed without a kernel
  std::vector<data_type> types;
  for (const auto& arg : node.args) types.push_back(arg.type);
  node.run = function_kernel(node.function, types);
  if (node.run == nullptr)
    return unsupported(fmt::format("{} of {}", sql_name(node.function), to_sql(node.args.front().type)));
  if (makes_case(node.function) || node.function == function::label_place) {
    node.state = state_of(node.function, types.front());
    return {};
  }
  const auto kept = kept_argument(node.function, types);
  return kept ? make_state(node, *kept) : status();
}

status choose_kernel(prepared_node& node) {
  const auto& first = node.args.front().type;
  if (is_choice(node.op)) return check_branches(node); // computed without a kernel
  if (node.op == operation::call) return choose_function(node);
  if (node.op == operation::cast) {
    node.run = is_jsonb(first) ? jsonb_cast_kernel(node.type.id) : cast_kernel(first.id, node.type.id);
    if (node.run != nullptr) return {};
    return unsupported(fmt::format("a cast from {} to {}", to_sql(first), to_sql(node.type)));
  }
  for (const auto& arg : node.args) {
    if (same_kind(arg.type, first)) continue;
    return unsupported(fmt::format("an operation on {} and {}", to_sql(first), to_sql(arg.type)));
  }
  if (is_connective(node.op) && first.id == type_id::boolean) return {}; // computed without a kernel
  const bool orders = is_comparison(node.op) && node.op != operation::equal && node.op != operation::not_equal;
  node.run =
      orders && first.id == type_id::verbatim ? verbatim_order_kernel(node.op, first) : kernel_of(node.op, first.id);
  if (node.run != nullptr) return {};
  return unsupported(fmt::format("this operation on {}", to_sql(first)));
}

/// `and` and `or` drop constants that do not matter and end at one that decides, as simplify_and_arguments does.
prepared_node fold_connective(prepared_node node) {
  const bool deciding = node.op == operation::logical_or;
  std::vector<prepared_node> kept;
  bool any_null = false;
  for (auto& arg : node.args) {
    if (arg.failure) return failing_constant(node.type, *arg.failure);
    if (!is_constant(arg)) {
      kept.push_back(std::move(arg));
    } else if (is_null_literal(arg)) {
      any_null = true;
    } else if ((arg.constant->i64[0] != 0) == deciding) {
      return boolean_constant(deciding);
    }
  }
  if (kept.empty()) return boolean_constant(any_null ? std::nullopt : std::optional(!deciding));
  if (any_null) kept.push_back(boolean_constant(std::nullopt));
  if (kept.size() == 1) return std::move(kept.front());
  node.args = std::move(kept);
  return node;
}

/// Does PostgreSQL compute it before it reads rows?
bool is_immutable(const prepared_node& node) noexcept {
  if (node.op == operation::call) {
    std::vector<type_id> types;
    for (const auto& arg : node.args) types.push_back(arg.type.id);
    return is_immutable_call(node.function, types);
  }
  return node.op != operation::cast || is_immutable_cast(node.args.front().type.id, node.type.id);
}

/// As eval_const_expressions has it: branches that are never reached are not looked at, all others are.
prepared_node fold_case(prepared_node node) {
  std::vector<prepared_node> kept;
  auto* otherwise = &node.args.back();
  for (std::size_t i = 0; i + 1 < node.args.size(); i += 2) {
    auto& condition = node.args[i];
    auto& value = node.args[i + 1];
    if (condition.failure) return failing_constant(node.type, *condition.failure);
    if (is_constant(condition)) {
      if (is_null_literal(condition) || condition.constant->i64[0] == 0) continue;
      otherwise = &value;
      break;
    }
    if (value.failure) return failing_constant(node.type, *value.failure);
    kept.push_back(std::move(condition));
    kept.push_back(std::move(value));
  }
  if (otherwise->failure) return failing_constant(node.type, *otherwise->failure);
  if (kept.empty()) return relabelled(std::move(*otherwise), node.type);
  kept.push_back(std::move(*otherwise));
  node.args = std::move(kept);
  return node;
}

/// Nulls are left out, and what is behind a constant is not looked at.
prepared_node fold_coalesce(prepared_node node) {
  std::vector<prepared_node> kept;
  for (auto& arg : node.args) {
    if (arg.failure) return failing_constant(node.type, *arg.failure);
    if (is_null_literal(arg)) continue;
    const bool last = is_constant(arg);
    kept.push_back(std::move(arg));
    if (last) break;
  }
  if (kept.empty()) return null_constant(node.type);
  if (kept.size() == 1) return relabelled(std::move(kept.front()), node.type);
  node.args = std::move(kept);
  return node;
}

prepared_node fold_constants(prepared_node node) {
  for (const auto& arg : node.args) {
    if (arg.failure) return failing_constant(node.type, *arg.failure);
  }
  const bool any_null = std::any_of(node.args.begin(), node.args.end(), is_null_literal);
  if (any_null && node.op == operation::null_if) return relabelled(std::move(node.args.front()), node.type);
  if (any_null && is_strict(node)) return null_constant(node.type);
  if (node.op == operation::in_list && is_null_literal(node.args.front())) return null_constant(node.type);
  if (!std::all_of(node.args.begin(), node.args.end(), is_constant) || !is_immutable(node)) return node;
  std::vector<row_error> errors;
  auto value = compute(node, {}, 1, errors);
  if (!errors.empty()) return failing_constant(node.type, {errors.front().code, errors.front().message});
  return constant_node(std::move(value).take(1));
}

bool has_column(const expression& e) {
  return e.op == operation::column || std::any_of(e.args.begin(), e.args.end(), has_column);
}

/// x in (…) as PostgreSQL's parser has it: x = any (the items without columns, if there are two or more), or x = each
/// of the others.
prepared_node split_list(const expression& source, prepared_node list) {
  prepared_node any_of;
  any_of.op = operation::logical_or;
  any_of.type = list.type;
  const auto& wanted = list.args.front();
  prepared_node constants = list;
  constants.args.assign(1, wanted);
  for (std::size_t i = 1; i < list.args.size(); ++i) {
    if (!has_column(source.args[i])) constants.args.push_back(list.args[i]);
  }
  const bool as_array = constants.args.size() > 2;
  if (as_array) any_of.args.push_back(fold_constants(std::move(constants)));
  for (std::size_t i = 1; i < list.args.size(); ++i) {
    if (as_array && !has_column(source.args[i])) continue;
    prepared_node equal = list;
    equal.op = operation::equal;
    equal.args = {wanted, std::move(list.args[i])};
    any_of.args.push_back(fold_constants(std::move(equal)));
  }
  return fold_connective(std::move(any_of));
}

/// First to the type, then to its modifier.
result<prepared_node> prepare_cast(prepared_node cast) {
  const auto type = cast.type;
  cast.type.typmod = cast.computed_as.typmod = -1;
  prepared_node value;
  if (is_relabelling(cast.args.front().type.id, type.id)) {
    value = relabelled(std::move(cast.args.front()), cast.type);
  } else {
    WEIR_TRY(choose_kernel(cast));
    value = fold_constants(std::move(cast));
  }
  if (type.typmod < 0) return value;
  prepared_node fitted;
  fitted.op = operation::cast;
  fitted.type = fitted.computed_as = type;
  fitted.run = modifier_kernel(type.id);
  if (fitted.run == nullptr) return unsupported(fmt::format("a cast to {}", to_sql(type)));
  fitted.args.push_back(std::move(value));
  return fold_constants(std::move(fitted));
}

} // namespace

result<prepared_node> prepare(const expression& e) {
  if (e.op == operation::literal) return prepare_literal(e);
  if (e.op == operation::column) return prepare_column(e);
  if (!takes(e.op, e.args.size())) return error{errc::internal, "an expression with a wrong number of arguments"};
  prepared_node made;
  made.op = e.op;
  made.type = made.computed_as = e.type;
  for (const auto& arg : e.args) {
    WEIR_ASSIGN(auto prepared, prepare(arg));
    made.args.push_back(std::move(prepared));
  }
  made.function = e.function;
  if (e.op == operation::cast) return prepare_cast(std::move(made));
  WEIR_TRY(choose_kernel(made));
  if (is_connective(made.op)) return fold_connective(std::move(made));
  if (made.op == operation::in_list) return split_list(e, std::move(made));
  if (made.op == operation::case_when) return fold_case(std::move(made));
  if (made.op == operation::coalesce) return fold_coalesce(std::move(made));
  return fold_constants(std::move(made));
}

} // namespace weir
