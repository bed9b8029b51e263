#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/expr/expression.hpp"

namespace weir::test {

inline expression node(operation op, type_id id, std::vector<expression> args) {
  expression e;
  e.op = op;
  e.type = {id, -1};
  e.args = std::move(args);
  return e;
}

inline expression column_of(type_id id, std::int32_t index) {
  auto e = node(operation::column, id, {});
  e.column_index = index;
  return e;
}

inline expression constant(type_id id, std::string text) {
  auto e = node(operation::literal, id, {});
  e.literal_text = std::move(text);
  return e;
}

/// Of a type that has a name of its own.
inline expression literal(const data_type& type, std::string text) {
  auto e = constant(type.id, std::move(text));
  e.type = type;
  return e;
}

inline expression null_of(type_id id) {
  auto e = node(operation::literal, id, {});
  e.literal_is_null = true;
  return e;
}

inline expression call_of(function f, type_id id, std::vector<expression> args) {
  auto e = node(operation::call, id, std::move(args));
  e.function = f;
  return e;
}

inline expression cast_to(data_type type, expression value) {
  auto e = node(operation::cast, type.id, {std::move(value)});
  e.type = type;
  return e;
}

} // namespace weir::test
