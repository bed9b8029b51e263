#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dsl/bind_expression.hpp"
#include "runtime/expr/expression.hpp"

namespace weir::dsl {

/// An operation on bound arguments: null wherever one of them may be.
expression node_of(operation op, type_id type, std::vector<expression> args);

template <class... Args>
expression node_over(operation op, type_id type, Args&&... args) {
  std::vector<expression> list;
  list.reserve(sizeof...(args));
  (list.push_back(std::forward<Args>(args)), ...);
  return node_of(op, type, std::move(list));
}

std::size_t nodes_in(const expression& e);

/// How much of an expression may be repeated, where PostgreSQL would compute it once: `x in (a, b)` is x = a or x = b.
inline constexpr std::size_t max_repeated_nodes = 10'000;

inline bool is_null_literal(const expression& e) noexcept { return e.op == operation::literal && e.literal_is_null; }

/// A call of a function on bound arguments.
expression call_of(function f, type_id type, std::vector<expression> args);

template <class... Args>
expression call_over(function f, type_id type, Args&&... args) {
  std::vector<expression> list;
  list.reserve(sizeof...(args));
  (list.push_back(std::forward<Args>(args)), ...);
  return call_of(f, type, std::move(list));
}

/// The type for people: "a string" where it has none yet.
std::string type_text(const operand& o);

inline bool is_moment(type_id type) noexcept {
  return type == type_id::date || type == type_id::timestamp || type == type_id::timestamptz;
}

/// A moment, a time of day or an interval.
inline bool is_temporal(type_id type) noexcept {
  return is_moment(type) || type == type_id::time || type == type_id::interval;
}

} // namespace weir::dsl
