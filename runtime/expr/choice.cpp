#include "runtime/expr/choice.hpp"

#include <algorithm>
#include <deque>
#include <limits>

#include "runtime/expr/connective.hpp"
#include "runtime/expr/order.hpp"

namespace weir {
namespace {

using branch = std::uint32_t;
/// The branch of a row that has none: its value is null.
constexpr branch no_branch = std::numeric_limits<branch>::max();

/// Which of several operands each row takes its value from.
class choice {
public:
  explicit choice(std::size_t rows) : taken_(rows, no_branch), decided_(rows, 0) {}

  std::size_t rows() const noexcept { return taken_.size(); }
  branch of(std::size_t row) const noexcept { return taken_[row]; }
  bool is_decided(std::size_t row) const noexcept { return decided_[row] != 0; }
  const std::vector<std::uint8_t>& decided() const noexcept { return decided_; }

  void take(std::size_t row, branch b) noexcept {
    taken_[row] = b;
    decided_[row] = 1;
  }

  /// Unless it is decided; without a branch to mispredict.
  void take_if(bool holds, std::size_t row, branch b) noexcept {
    const bool now = holds && decided_[row] == 0;
    taken_[row] = now ? b : taken_[row];
    decided_[row] |= now ? 1 : 0;
  }

  /// The rows that do not take `b`, marked.
  std::vector<std::uint8_t> all_but(branch b) const {
    std::vector<std::uint8_t> others(rows());
    for (std::size_t i = 0; i < rows(); ++i) others[i] = taken_[i] != b ? 1 : 0;
    return others;
  }

  /// `operands[b]` is branch b.
  column values(data_type type, const std::vector<operand>& operands) const {
    column out(type);
    switch (storage_of(type.id)) {
      case storage::i64: gather(out, operands, &column::i64); break;
      case storage::f64: gather(out, operands, &column::f64); break;
      case storage::interval: gather(out, operands, &column::intervals); break;
      case storage::decimal:
        gather(out, operands, &column::decimals);
        gather_bigs(out, operands);
        break;
      case storage::bytes: append_bytes(out, operands); break;
    }
    return out;
  }

private:
  /// An operand's elements where they lie; of a scalar the same one for all rows.
  template <class T>
  struct source {
    const std::uint8_t* nulls;
    const T* elements;
    std::size_t step;
  };

  template <class T>
  void gather(column& out, const std::vector<operand>& operands, std::vector<T> column::*elements) const {
    std::vector<source<T>> sources;
    for (const auto& from : operands)
      sources.push_back({from.values->nulls.data(), (from.values->*elements).data(), from.scalar ? 0U : 1U});
    out.nulls.assign(rows(), 1);
    (out.*elements).resize(rows());
    auto* const nulls = out.nulls.data();
    auto* const to = (out.*elements).data();
    for (std::size_t i = 0; i < rows(); ++i) {
      if (taken_[i] == no_branch) continue;
      const auto& from = sources[taken_[i]];
      nulls[i] = from.nulls[i * from.step];
      to[i] = from.elements[i * from.step];
    }
  }

  /// The decimals are there; those that are big still name the texts of the columns that they are from.
  void gather_bigs(column& out, const std::vector<operand>& operands) const {
    const bool any =
        std::any_of(operands.begin(), operands.end(), [](const auto& o) { return !o.values->bigs.empty(); });
    for (std::size_t i = 0; any && i < rows(); ++i) {
      auto& value = out.decimals[i];
      if (out.nulls[i] != 0 || value.form != decimal::kind::big) continue;
      const auto& text = operands[taken_[i]].values->bigs[static_cast<std::size_t>(value.coefficient)];
      value.coefficient = static_cast<int128>(out.bigs.size());
      out.bigs.push_back(text);
    }
  }

  void append_bytes(column& out, const std::vector<operand>& operands) const {
    out.reserve(rows());
    for (std::size_t i = 0; i < rows(); ++i) {
      if (taken_[i] == no_branch) {
        out.append_null();
      } else {
        const auto& from = operands[taken_[i]];
        out.append_from(*from.values, from.at(i));
      }
    }
  }

  std::vector<branch> taken_;
  std::vector<std::uint8_t> decided_;
};

/// Values of arguments; the operands point into them.
class branches {
public:
  operand add(node_value value) {
    values_.push_back(std::move(value));
    operands_.push_back(values_.back().as_operand());
    return operands_.back();
  }
  const std::vector<operand>& operands() const noexcept { return operands_; }

private:
  std::deque<node_value> values_;
  std::vector<operand> operands_;
};

void take_where_true(choice& chosen, const operand& condition, branch b) {
  for (std::size_t i = 0; i < chosen.rows(); ++i) {
    const auto at = condition.at(i);
    chosen.take_if(condition.values->nulls[at] == 0 && condition.values->i64[at] != 0, i, b);
  }
}

/// The last operand is taken where it is more, or less, than what was taken so far. Of equal ones the first stays: 1.0
/// and 1.00 read differently.
template <storage KeptAs>
void take_if_better(choice& chosen, const std::vector<operand>& operands, int wanted) {
  const auto& value = operands.back();
  const auto own = static_cast<branch>(operands.size() - 1);
  for (std::size_t i = 0; i < chosen.rows(); ++i) {
    if (value.is_null(i)) continue;
    if (chosen.is_decided(i)) {
      const auto& best = operands[chosen.of(i)];
      if (order_of<KeptAs>(*value.values, value.at(i), *best.values, best.at(i)) * wanted <= 0) continue;
    }
    chosen.take(i, own);
  }
}

} // namespace

column compute_case(const prepared_node& node, const batch& input, std::size_t rows, std::vector<row_error>& errors) {
  choice chosen(rows);
  branches values;
  branch next = 0;
  for (std::size_t i = 0; i < node.args.size(); i += 2, ++next) {
    const bool otherwise = i + 1 == node.args.size();
    auto errors_before = errors.size();
    if (otherwise) {
      for (std::size_t row = 0; row < rows; ++row)
        if (!chosen.is_decided(row)) chosen.take(row, next);
    } else {
      const auto condition = compute(node.args[i], input, rows, errors);
      forget_errors(errors, errors_before, chosen.decided());
      take_where_true(chosen, condition.as_operand(), next);
    }
    errors_before = errors.size();
    values.add(compute(node.args[otherwise ? i : i + 1], input, rows, errors));
    if (errors.size() > errors_before) forget_errors(errors, errors_before, chosen.all_but(next));
  }
  return chosen.values(node.type, values.operands());
}

column compute_coalesce(const prepared_node& node, const batch& input, std::size_t rows,
                        std::vector<row_error>& errors) {
  choice chosen(rows);
  branches values;
  for (branch b = 0; b < node.args.size(); ++b) {
    const auto errors_before = errors.size();
    const auto value = values.add(compute(node.args[b], input, rows, errors));
    forget_errors(errors, errors_before, chosen.decided());
    for (std::size_t i = 0; i < rows; ++i)
      if (!chosen.is_decided(i) && !value.is_null(i)) chosen.take(i, b);
  }
  return chosen.values(node.type, values.operands());
}

column compute_null_if(const prepared_node& node, const batch& input, std::size_t rows,
                       std::vector<row_error>& errors) {
  branches values;
  const auto value = values.add(compute(node.args[0], input, rows, errors));
  const auto other = compute(node.args[1], input, rows, errors);
  column equal({type_id::boolean, -1});
  node.run({value, other.as_operand(), {}, rows, equal, errors});
  choice chosen(rows);
  for (std::size_t i = 0; i < rows; ++i)
    if (equal.nulls[i] != 0 || equal.i64[i] == 0) chosen.take(i, 0);
  return chosen.values(node.type, values.operands());
}

column compute_extreme(const prepared_node& node, const batch& input, std::size_t rows,
                       std::vector<row_error>& errors) {
  const int wanted = node.op == operation::greatest ? 1 : -1;
  choice chosen(rows);
  branches values;
  for (const auto& arg : node.args) {
    values.add(compute(arg, input, rows, errors));
    switch (storage_of(node.type.id)) {
      case storage::i64: take_if_better<storage::i64>(chosen, values.operands(), wanted); break;
      case storage::f64: take_if_better<storage::f64>(chosen, values.operands(), wanted); break;
      case storage::decimal: take_if_better<storage::decimal>(chosen, values.operands(), wanted); break;
      case storage::bytes: take_if_better<storage::bytes>(chosen, values.operands(), wanted); break;
      case storage::interval: take_if_better<storage::interval>(chosen, values.operands(), wanted); break;
    }
  }
  return chosen.values(node.type, values.operands());
}

column compute_distinct(const prepared_node& node, const batch& input, std::size_t rows,
                        std::vector<row_error>& errors) {
  const auto left = compute(node.args[0], input, rows, errors);
  const auto right = compute(node.args[1], input, rows, errors);
  const auto a = left.as_operand();
  const auto b = right.as_operand();
  column out(node.type);
  node.run({a, b, {}, rows, out, errors});
  for (std::size_t i = 0; i < rows; ++i) {
    if (!a.is_null(i) && !b.is_null(i)) continue;
    out.nulls[i] = 0;
    out.i64[i] = a.is_null(i) != b.is_null(i) ? 1 : 0;
  }
  return out;
}

} // namespace weir
