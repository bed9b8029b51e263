#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "runtime/expr/expression.hpp"
#include "runtime/pgoutput/message.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::test {

// Plans by hand, for tests of what runs them.

inline expression column_of(const source_plan& source, std::size_t index) {
  expression e;
  e.op = operation::column;
  e.type = source.columns[index].type;
  e.column_index = static_cast<std::int32_t>(index);
  return e;
}

inline expression literal(data_type type, std::string text) {
  expression e;
  e.op = operation::literal;
  e.type = type;
  e.literal_text = std::move(text);
  e.nullable = false;
  return e;
}

inline expression apply(operation op, data_type type, std::vector<expression> args) {
  expression e;
  e.op = op;
  e.type = type;
  e.args = std::move(args);
  return e;
}

/// The Relation message of a table that has the source's columns and no others.
/// Input    `source` must outlive it; `identity`: the columns of the replica identity (of FULL: none need be named).
inline pgoutput::relation relation_of(const source_plan& source, table_oid oid, char replica_identity,
                                      std::initializer_list<std::string_view> identity = {}) {
  pgoutput::relation r{oid, source.schema, source.table, replica_identity, {}};
  for (const auto& c : source.columns) {
    bool in_identity = replica_identity == 'f';
    for (const auto name : identity) in_identity = in_identity || name == c.name;
    r.columns.push_back({in_identity, c.name, oid_of(c.type.id), c.type.typmod});
  }
  return r;
}

} // namespace weir::test
