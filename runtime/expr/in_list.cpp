#include "runtime/expr/in_list.hpp"

#include <algorithm>
#include <string_view>

#include <tsl/robin_set.h>

#include "runtime/expr/connective.hpp"

namespace weir {
namespace {

/// Below this a search one by one is faster than a hash.
constexpr std::size_t few = 9;

std::int64_t value_at(const column& values, std::size_t row, std::int64_t) noexcept { return values.i64[row]; }
std::string_view value_at(const column& values, std::size_t row, std::string_view) noexcept {
  return values.bytes_at(row);
}

/// The constants of a list, nulls aside.
template <class T>
struct constants {
  std::vector<T> values;
  bool some_null = false;

  explicit constants(const prepared_node& list) {
    for (std::size_t i = 1; i < list.args.size(); ++i) {
      const auto& item = *list.args[i].constant;
      if (item.is_null(0))
        some_null = true;
      else
        values.push_back(value_at(item, 0, T()));
    }
  }
};

template <class T, class Contains>
column search(const operand& wanted, std::size_t rows, bool some_null, Contains contains) {
  column out({type_id::boolean, -1});
  out.nulls.resize(rows);
  out.i64.resize(rows);
  auto* const nulls = out.nulls.data();
  auto* const truths = out.i64.data();
  for (std::size_t i = 0; i < rows; ++i) {
    const auto at = wanted.at(i);
    const bool null = wanted.values->nulls[at] != 0;
    const bool found = !null && contains(value_at(*wanted.values, at, T()));
    truths[i] = found ? 1 : 0;
    nulls[i] = static_cast<std::uint8_t>(null || (!found && some_null)); // x = null is null
  }
  return out;
}

template <class T>
column search_constants(const prepared_node& list, const operand& wanted, std::size_t rows) {
  const constants<T> items(list);
  if (items.values.size() < few)
    return search<T>(wanted, rows, items.some_null, [&](const T& x) {
      return std::find(items.values.begin(), items.values.end(), x) != items.values.end();
    });
  const tsl::robin_set<T> set(items.values.begin(), items.values.end());
  return search<T>(wanted, rows, items.some_null, [&](const T& x) { return set.find(x) != set.end(); });
}

} // namespace

column compute_in_list(const prepared_node& node, const batch& input, std::size_t rows,
                       std::vector<row_error>& errors) {
  const auto wanted = compute(node.args.front(), input, rows, errors);
  const auto kept_as = storage_of(node.args.front().type.id);
  const bool constant = std::all_of(node.args.begin() + 1, node.args.end(),
                                    [](const prepared_node& item) { return item.constant && !item.failure; });
  if (constant && kept_as == storage::i64) return search_constants<std::int64_t>(node, wanted.as_operand(), rows);
  if (constant && kept_as == storage::bytes) return search_constants<std::string_view>(node, wanted.as_operand(), rows);
  connective_state state(true, rows);
  column equal({type_id::boolean, -1});
  for (std::size_t i = 1; i < node.args.size(); ++i) {
    // a constant, or what PostgreSQL computes again for every query, as the text of a date
    const auto value = compute(node.args[i], input, rows, errors);
    const auto item = value.as_operand();
    if (value.is_scalar() && item.is_null(0)) {
      state.take_in(item); // x = null is null
      continue;
    }
    equal.clear();
    node.run({wanted.as_operand(), item, {}, rows, equal, errors});
    state.take_in({&equal, false});
  }
  return state.outcome();
}

} // namespace weir
