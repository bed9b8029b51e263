#include "dsl/schema_tables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/identifier.hpp"

namespace weir::dsl {

catalog_column* schema_table::find(const std::string& column) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const catalog_column& c) { return c.name == column; });
  return found == table.columns.end() ? nullptr : &*found;
}

std::vector<std::string> schema_table::column_names() const {
  std::vector<std::string> out;
  for (const auto& c : table.columns) out.push_back(c.name);
  return out;
}

schema_table* schema_tables::find(const object_name& name) {
  const auto found = std::find_if(tables_.begin(), tables_.end(), [&](const schema_table& t) {
    return t.table.schema == name.first && t.table.name == name.second;
  });
  return found == tables_.end() ? nullptr : &*found;
}

schema_table& schema_tables::add(schema_table made) {
  tables_.push_back(std::move(made));
  return tables_.back();
}

void schema_tables::drop(const object_name& name) {
  for_partitions(name, [&](schema_table& t) { t.partition_of = object_name{}; });
  std::erase_if(tables_, [&](const schema_table& t) {
    return (t.table.schema == name.first && t.table.name == name.second) || t.partition_of == object_name{};
  });
  std::erase_if(indexes_, [&](const auto& i) { return i.second.table == name; });
}

void schema_tables::rename(const object_name& from, const object_name& to) {
  if (auto* t = find(from)) std::tie(t->table.schema, t->table.name) = to;
  for (auto& t : tables_)
    if (t.partition_of == from) t.partition_of = to;
  for (auto& [name, i] : indexes_)
    if (i.table == from) i.table = to;
}

std::vector<std::string> schema_tables::names() const {
  std::vector<std::string> out;
  for (const auto& t : tables_) out.push_back(t.table.name);
  return out;
}

template <class Do>
void schema_tables::for_partitions(const object_name& of, Do what) {
  for (auto& t : tables_) {
    if (t.partition_of != of) continue;
    what(t);
    for_partitions({t.table.schema, t.table.name}, what);
  }
}

void schema_tables::add_index(const object_name& name, const object_name& table, std::vector<std::string> columns) {
  indexes_[name] = {table, std::move(columns)};
}

const std::vector<std::string>* schema_tables::index_columns(const object_name& name) const {
  const auto found = indexes_.find(name);
  return found == indexes_.end() ? nullptr : &found->second.columns;
}

void schema_tables::set_primary_key(const object_name& table, const std::string& called,
                                    const std::vector<std::string>& columns, bool partitions_too) {
  const auto set = [&](schema_table& t, const std::string& key) {
    t.table.primary_key = columns;
    for (const auto& c : columns)
      if (auto* column = t.find(c)) column->not_null = true;
    add_index({t.table.schema, key}, {t.table.schema, t.table.name}, columns);
  };
  if (auto* t = find(table)) set(*t, called.empty() ? table.second + "_pkey" : called);
  if (partitions_too)
    for_partitions(table, [&](schema_table& t) {
      if (t.table.primary_key.empty()) set(t, t.table.name + "_pkey");
    });
}

void schema_tables::set_not_null(schema_table& table, const std::string& column, bool value, bool partitions_too) {
  if (auto* c = table.find(column)) c->not_null = value;
  if (partitions_too)
    for_partitions({table.table.schema, table.table.name}, [&](schema_table& t) {
      if (auto* c = t.find(column)) c->not_null = value;
    });
}

void schema_tables::attach(const object_name& parent, const object_name& partition) {
  auto* child = find(partition);
  const auto* root = find(parent);
  if (child == nullptr || root == nullptr) return;
  child->partition_of = parent;
  if (child->table.primary_key.empty() && !root->table.primary_key.empty())
    set_primary_key(partition, "", root->table.primary_key, true);
}

void schema_tables::rename_column(schema_table& table, const std::string& from, const std::string& to) {
  const object_name owner{table.table.schema, table.table.name};
  if (auto* c = table.find(from)) c->name = to;
  std::replace(table.table.primary_key.begin(), table.table.primary_key.end(), from, to);
  for (auto& [name, i] : indexes_)
    if (i.table == owner) std::replace(i.columns.begin(), i.columns.end(), from, to);
  for_partitions(owner, [&](schema_table& t) { rename_column(t, from, to); });
}

std::vector<catalog_table> schema_tables::finish(diagnostics& found) {
  std::vector<catalog_table> out;
  for (auto& t : tables_) {
    std::vector<std::string> sent;
    if (t.table.identity == replica_identity::primary_key) sent = t.table.primary_key;
    if (t.table.identity == replica_identity::index) {
      const auto made = indexes_.find(t.identity_index);
      if (made != indexes_.end() && made->second.table == object_name{t.table.schema, t.table.name})
        sent = made->second.columns;
      else
        found.push_back({severity::error, code::schema_index_missing, t.identity_where,
                         fmt::format("table {}.{} has no index \"{}\"", display_name(t.table.schema),
                                     display_name(t.table.name), t.identity_index.second),
                         "the statement that makes it belongs into the schema file, too: CREATE UNIQUE INDEX …"});
    }
    for (auto& c : t.table.columns)
      c.in_identity =
          t.table.identity == replica_identity::full || std::find(sent.begin(), sent.end(), c.name) != sent.end();
    out.push_back(std::move(t.table));
  }
  return out;
}

} // namespace weir::dsl
