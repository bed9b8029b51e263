#include <utility>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"

// Rows that are compared: each comparison becomes one of their columns, as transformRowCompare has it.
namespace weir::dsl {
namespace {

syntax_expression binary(const std::string& op, syntax_expression left, syntax_expression right) {
  syntax_expression e;
  e.form = form::binary;
  e.text = op;
  e.where = join(left.where, right.where);
  e.args.push_back(std::move(left));
  e.args.push_back(std::move(right));
  return e;
}

constexpr std::size_t most_columns = 100;

std::size_t nodes_in(const syntax_expression& e) {
  std::size_t count = 1;
  for (const auto& arg : e.args) count += nodes_in(arg);
  return count;
}

bool orders(const std::string& op) { return op == "<" || op == "<=" || op == ">" || op == ">="; }

/// The first columns that differ decide; where one is null, nothing is known.
syntax_expression ordered(const std::string& op, const std::vector<syntax_expression>& left,
                          const std::vector<syntax_expression>& right) {
  auto out = binary(op, left.back(), right.back());
  for (auto i = left.size() - 1; i-- > 0;) {
    syntax_expression choice;
    choice.form = form::searched_case;
    choice.where = join(left[i].where, right[i].where);
    choice.args.push_back(binary("=", left[i], right[i]));
    choice.args.push_back(std::move(out));
    choice.args.push_back(binary(op.substr(0, 1), left[i], right[i]));
    out = std::move(choice);
  }
  return out;
}

} // namespace

/// All of them, or any, each bound by itself.
std::optional<operand> expression_binder::bind_junction(operation op, const std::vector<syntax_expression>& all,
                                                        bool negated, span where) {
  std::vector<expression> tests;
  bool failed = false;
  for (const auto& one : all) {
    auto test = bind_condition(one);
    failed = failed || !test;
    if (test) tests.push_back(*std::move(test));
  }
  if (failed) return std::nullopt;
  auto value = tests.size() == 1 ? std::move(tests.front()) : node_of(op, type_id::boolean, std::move(tests));
  if (negated) value = node_over(operation::logical_not, type_id::boolean, std::move(value));
  return operand{std::move(value), false, where};
}

/// A comparison of two rows, a row in a list of rows, or a row that is null.
std::optional<operand> expression_binder::bind_row(const syntax_expression& e) {
  if (e.form == form::in_list) return rows_in_list(e);
  if (e.form == form::binary) return compare_rows(e, e.text);
  if (e.form == form::is_distinct) return compare_rows(e, "is distinct from");
  std::vector<syntax_expression> all;
  for (const auto& column : e.args[0].args) {
    syntax_expression one;
    one.form = form::is_null;
    one.negated = e.negated;
    one.where = e.where;
    one.args.push_back(column);
    all.push_back(std::move(one));
  }
  return bind_junction(operation::logical_and, all, false, e.where);
}

std::optional<operand> expression_binder::compare_rows(const syntax_expression& e, const std::string& op) {
  const auto& left = e.args[0].args;
  const auto& right = e.args[1].args;
  if (left.size() != right.size())
    return report(code::type_mismatch, e.where,
                  fmt::format("rows of {} and {} columns are compared", left.size(), right.size()));
  if (left.size() > most_columns)
    return report(code::nested_too_deep, e.where, fmt::format("a row has more than {} columns", most_columns));
  if (orders(op)) return bind(ordered(op, left, right));
  if (op != "=" && op != "<>" && op != "is distinct from")
    return report(code::type_mismatch, e.where, fmt::format("there is no {} of rows", op),
                  "rows are compared with =, <>, <, <=, >, >= and is distinct from");
  std::vector<syntax_expression> all;
  for (std::size_t i = 0; i < left.size(); ++i) {
    auto one = binary(op, left[i], right[i]);
    if (op == "is distinct from") one.form = form::is_distinct;
    all.push_back(std::move(one));
  }
  return bind_junction(op == "=" ? operation::logical_and : operation::logical_or, all,
                       e.form == form::is_distinct && e.negated, e.where);
}

std::optional<operand> expression_binder::rows_in_list(const syntax_expression& e) {
  std::vector<syntax_expression> all;
  if (nodes_in(e.args[0]) * e.args.size() > max_repeated_nodes)
    return report(code::nested_too_deep, e.where, "this list compares its row with too many others",
                  "split the list, or make a table of it");
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    if (e.args[i].form != form::row)
      return report(code::type_mismatch, e.args[i].where, "a row is compared with rows",
                    "write (a, b) in ((1, 2), (3, 4))");
    all.push_back(binary("=", e.args[0], e.args[i]));
  }
  return bind_junction(operation::logical_or, all, e.negated, e.where);
}

} // namespace weir::dsl
