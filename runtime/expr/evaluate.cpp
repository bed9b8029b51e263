#include "runtime/expr/evaluate.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "runtime/expr/choice.hpp"
#include "runtime/expr/connective.hpp"
#include "runtime/expr/in_list.hpp"
#include "runtime/expr/prepared_node.hpp"
#include "runtime/expr/text_frame.hpp"

namespace weir {
namespace {

column compute_by_kernel(const prepared_node& node, const batch& input, std::size_t rows,
                         std::vector<row_error>& errors) {
  std::vector<node_value> values;
  for (const auto& arg : node.args) values.push_back(compute(arg, input, rows, errors));
  const auto argument = [&](std::size_t i) { return i < values.size() ? values[i].as_operand() : operand{}; };
  column out(node.computed_as);
  node.run({argument(0), argument(1), argument(2), rows, out, errors, node.state.get()});
  out.type = node.type;
  return out;
}

/// The texts of the values, nulls left out.
column compute_concat(const prepared_node& node, const batch& input, std::size_t rows, std::vector<row_error>& errors) {
  std::vector<node_value> values;
  for (const auto& arg : node.args) values.push_back(compute(arg, input, rows, errors));
  column out(node.type);
  std::string text;
  for (std::size_t i = 0; i < rows; ++i) {
    text.clear();
    for (std::size_t k = 0; k < values.size(); ++k) {
      const auto arg = values[k].as_operand();
      if (!arg.is_null(i)) write_value(node.args[k].type.id, arg, i, text);
    }
    out.append_bytes(text);
  }
  return out;
}

void fail_all(std::size_t rows, const error& failure, std::vector<row_error>& errors) {
  for (std::size_t i = 0; i < rows; ++i) {
    errors.push_back({static_cast<std::uint32_t>(i), failure.code, failure.message});
  }
}

node_value input_column(const prepared_node& node, const batch& input, std::size_t rows,
                        std::vector<row_error>& errors) {
  const auto index = static_cast<std::size_t>(node.column_index);
  if (index < input.columns.size() && storage_of(input.columns[index].type.id) == storage_of(node.type.id)) {
    return node_value(&input.columns[index], false);
  }
  fail_all(rows, {errc::internal, fmt::format("the batch has no column {} of type {}", index, to_sql(node.type))},
           errors);
  column nothing(node.type);
  for (std::size_t i = 0; i < rows; ++i) nothing.append_null();
  return node_value(std::move(nothing));
}

/// One error a row, the first, ordered by row.
void keep_first_errors(std::vector<row_error>& errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) { return a.row < b.row; });
  errors.erase(std::unique(errors.begin(), errors.end(), [](const auto& a, const auto& b) { return a.row == b.row; }),
               errors.end());
}

void append_errors(std::vector<row_error>&& from, std::vector<row_error>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace

column node_value::take(std::size_t rows) && {
  if (own_) return std::move(*own_);
  if (!scalar_) return *borrowed_;
  column repeated(borrowed_->type);
  repeated.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) repeated.append_from(*borrowed_, 0);
  return repeated;
}

node_value compute(const prepared_node& node, const batch& input, std::size_t rows, std::vector<row_error>& errors) {
  if (node.failure) fail_all(rows, *node.failure, errors);
  if (node.constant) return node_value(&*node.constant, true);
  switch (node.op) {
    case operation::column: return input_column(node, input, rows, errors);
    case operation::logical_and:
    case operation::logical_or: return node_value(compute_connective(node, input, rows, errors));
    case operation::in_list: return node_value(compute_in_list(node, input, rows, errors));
    case operation::case_when: return node_value(compute_case(node, input, rows, errors));
    case operation::coalesce: return node_value(compute_coalesce(node, input, rows, errors));
    case operation::null_if: return node_value(compute_null_if(node, input, rows, errors));
    case operation::greatest:
    case operation::least: return node_value(compute_extreme(node, input, rows, errors));
    case operation::call:
      if (node.function == function::concat) return node_value(compute_concat(node, input, rows, errors));
      return node_value(compute_by_kernel(node, input, rows, errors));
    case operation::is_distinct: return node_value(compute_distinct(node, input, rows, errors));
    default: return node_value(compute_by_kernel(node, input, rows, errors));
  }
}

struct evaluator::impl {
  expression source;
  prepared_node root;
};

evaluator::evaluator(std::unique_ptr<impl> state) : state_(std::move(state)) {}
evaluator::evaluator(evaluator&&) noexcept = default;
evaluator& evaluator::operator=(evaluator&&) noexcept = default;
evaluator::~evaluator() = default;

result<evaluator> evaluator::make(expression e) {
  WEIR_ASSIGN(auto root, prepare(e));
  return evaluator(std::make_unique<impl>(impl{std::move(e), std::move(root)}));
}

const expression& evaluator::source() const noexcept { return state_->source; }

column evaluator::evaluate(const batch& input, std::vector<row_error>& errors) const {
  std::vector<row_error> found;
  auto out = compute(state_->root, input, input.rows(), found).take(input.rows());
  out.type = state_->source.type;
  if (found.empty()) return out;
  keep_first_errors(found);
  for (const auto& e : found) out.nulls[e.row] = 1;
  append_errors(std::move(found), errors);
  return out;
}

void evaluator::select(const batch& input, std::vector<std::uint32_t>& rows, std::vector<row_error>& errors) const {
  std::vector<row_error> found;
  const auto count = input.rows();
  const auto value = compute(state_->root, input, count, found);
  const auto verdict = value.as_operand();
  keep_first_errors(found);
  // Every row is written, and kept by moving on: no branch to mispredict.
  const auto begin = rows.size();
  rows.resize(begin + count);
  auto* next = rows.data() + begin;
  auto failed = found.begin();
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = verdict.at(i);
    bool keep = verdict.values->nulls[at] == 0 && verdict.values->i64[at] != 0;
    if (failed != found.end() && failed->row == i) {
      keep = false;
      ++failed;
    }
    *next = static_cast<std::uint32_t>(i);
    next += keep ? 1 : 0;
  }
  rows.resize(static_cast<std::size_t>(next - rows.data()));
  append_errors(std::move(found), errors);
}

} // namespace weir
