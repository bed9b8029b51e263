#include "dsl/source_scope.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "dsl/column_type.hpp"
#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

const char* kind_name(char kind) noexcept {
  switch (kind) {
    case 'v': return "a view";
    case 'm': return "a materialized view";
    case 'f': return "a foreign table";
    case 'S': return "a sequence";
    case 'i':
    case 'I': return "an index";
    default: return "no table";
  }
}

const catalog_column* find_column(const catalog_table& table, const std::string& column) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const catalog_column& c) { return c.name == column; });
  return found == table.columns.end() ? nullptr : &*found;
}

std::string nodes_text(const std::vector<std::string>& nodes) {
  return fmt::format("node{} {}", nodes.size() == 1 ? "" : "s", fmt::join(nodes, ", "));
}

std::string qualified(const bound_source& s) {
  return fmt::format("{}.{}", display_name(s.schema), display_name(s.table));
}

/// Are those that both have in one order?
bool agree(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto of_both = [](const std::vector<std::string>& some, const std::vector<std::string>& others) {
    std::vector<std::string> out;
    std::copy_if(some.begin(), some.end(), std::back_inserter(out), [&](const std::string& label) {
      return std::find(others.begin(), others.end(), label) != others.end();
    });
    return out;
  };
  return of_both(a, b) == of_both(b, a);
}

/// Why a column cannot be used, as all nodes see it.
std::optional<diagnostic> fault_of(const source_scope& scope, const catalog_column& column) {
  const auto fault = [](code c, std::string message, std::string hint) {
    return diagnostic{severity::error, c, std::nullopt, std::move(message), std::move(hint)};
  };
  if (column.generated)
    return fault(code::generated_column,
                 fmt::format("column \"{}\" is generated, and PostgreSQL does not replicate it", column.name),
                 "write its expression in the view instead");
  for (std::size_t i = 1; i < scope.tables.size(); ++i) {
    const auto* other = find_column(*scope.tables[i], column.name);
    if (other == nullptr)
      return fault(
          code::unknown_column,
          fmt::format("node {} has no column \"{}\" in {}", scope.nodes[i], column.name, qualified(scope.bound)),
          "a source has the same columns on every node");
    if (column.labels && other->labels && !agree(*column.labels, *other->labels))
      return fault(code::type_differs,
                   fmt::format("the labels of {} are in another order on node {} than on node {}", column.type_name,
                               scope.nodes[i], scope.nodes.front()),
                   "make the type with its labels in one order on all nodes");
    if (type_of_column(*other) != type_of_column(column))
      return fault(code::type_differs,
                   fmt::format("column \"{}\" is {} on node {} and {} on node {}", column.name, column.type_name,
                               scope.nodes.front(), other->type_name, scope.nodes[i]),
                   "give it one type on all nodes");
  }
  return std::nullopt;
}

/// The columns of the first node; what the nodes do not agree on is taken as the weaker.
void merge_columns(source_scope& scope) {
  scope.bound.columns = scope.tables.front()->columns;
  scope.bound.kind = scope.tables.front()->spread;
  scope.bound.partitioned = scope.tables.front()->kind == 'p';
  for (auto& column : scope.bound.columns) {
    scope.faults.push_back(fault_of(scope, column));
    for (const auto* table : scope.tables) {
      const auto* other = find_column(*table, column.name);
      if (other == nullptr) continue;
      column.not_null = column.not_null && other->not_null;
      column.in_identity = column.in_identity && (other->in_identity || table->identity == replica_identity::full);
      if (column.collation == column_collation{} || !other->collation.deterministic)
        column.collation = other->collation;
    }
  }
  scope.bound.used.assign(scope.bound.columns.size(), false);
}

/// What the old rows of one node lack; empty if nothing. `has_any` is whether they hold anything at all.
std::vector<std::string> lacking(const source_scope& source, const catalog_table& table, bool& has_any) {
  std::vector<std::string> missing;
  has_any = table.identity == replica_identity::full;
  if (has_any) return missing;
  for (const auto& column : table.columns) has_any = has_any || column.in_identity;
  for (std::size_t i = 0; i < source.bound.columns.size(); ++i) {
    if (!source.bound.used[i]) continue;
    const auto* column = find_column(table, source.bound.columns[i].name);
    if (column != nullptr && !column->in_identity) missing.push_back(column->name);
  }
  return missing;
}

} // namespace

std::vector<std::string> source_scope::column_names() const {
  std::vector<std::string> names;
  for (const auto& c : bound.columns) names.push_back(c.name);
  return names;
}

bool source_scope::has(const std::vector<name>& names) const {
  for (std::size_t i = 0; i < bound.columns.size(); ++i) {
    if (bound.columns[i].name != names.back().text) continue;
    if (names.size() == 1 ? hidden.empty() || !hidden[i] : !qualifiers.empty() && qualifiers[i] == names.front().text)
      return true;
  }
  return false;
}

std::optional<source_scope> find_source(const source_declaration& source, const cluster_catalog& catalogs,
                                        diagnostics& found) {
  source_scope scope;
  scope.bound.name = source.source.text;
  scope.bound.schema = source.table.schema.text;
  scope.bound.table = source.table.table.text;
  scope.table = source.table.table;
  std::vector<std::string> missing;
  for (const auto& node : catalogs.nodes) {
    scope.nodes.push_back(node.node);
    scope.tables.push_back(node.find(scope.bound.schema, scope.bound.table));
    if (scope.tables.back() == nullptr) missing.push_back(node.node);
  }
  const auto report = [&](code c, std::string message, std::string hint) {
    found.push_back({severity::error, c, scope.table.where, std::move(message), std::move(hint)});
    return std::nullopt;
  };
  if (scope.tables.empty())
    return report(code::cluster_without_servers,
                  fmt::format("cluster \"{}\" has no node to look for this table on", source.table.cluster.text),
                  "name its nodes, in the cluster's block or in weir.yaml");
  if (!missing.empty())
    return report(code::table_missing,
                  fmt::format("{} {} no table {}", nodes_text(missing), missing.size() == 1 ? "has" : "have",
                              qualified(scope.bound)),
                  missing.size() == scope.nodes.size() ? "check schema, name and database of the connection"
                                                       : "a source is on every node of its cluster");
  for (std::size_t i = 0; i < scope.tables.size(); ++i) {
    const char kind = scope.tables[i]->kind;
    const bool followed = scope.tables[i]->spread != table_kind::plain;
    if (kind == 'p' && !followed)
      return report(code::not_supported_yet,
                    fmt::format("{} is partitioned on node {}, which is not supported yet", qualified(scope.bound),
                                scope.nodes[i]),
                    "TRUNCATE, ATTACH and DETACH of a partition would change the table without a word in the stream");
    if (kind != 'r' && kind != 'p')
      return report(code::not_a_table,
                    fmt::format("{} is {} on node {}", qualified(scope.bound), kind_name(kind), scope.nodes[i]),
                    "only tables have changes to read; name the table behind it");
  }
  merge_columns(scope);
  return scope;
}

void check_replica_identity(const source_scope& source, diagnostics& found) {
  std::vector<std::string> nodes;
  std::vector<std::string> columns;
  bool none_at_all = false;
  for (std::size_t i = 0; i < source.tables.size(); ++i) {
    bool has_any = false;
    const auto missing = lacking(source, *source.tables[i], has_any);
    if (missing.empty() && has_any) continue;
    nodes.push_back(source.nodes[i]);
    none_at_all = none_at_all || !has_any;
    for (const auto& column : missing)
      if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
  }
  if (nodes.empty()) return;
  const auto cause =
      none_at_all ? fmt::format("{} has no replica identity: once it is published, PostgreSQL refuses its UPDATEs and "
                                "DELETEs",
                                qualified(source.bound))
                  : fmt::format("old rows of {} do not hold {}, which a view uses", qualified(source.bound),
                                fmt::join(columns, ", "));
  found.push_back({severity::error, code::replica_identity, source.table.where,
                   fmt::format("{} ({})", cause, nodes_text(nodes)),
                   fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL;", qualified(source.bound))});
}

} // namespace weir::dsl
