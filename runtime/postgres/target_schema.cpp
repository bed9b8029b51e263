#include "runtime/postgres/target_schema.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/plan/state_layout.hpp"

namespace weir::postgres {
namespace {

constexpr std::size_t max_name_bytes = 63;
constexpr std::size_t hash_digits = 16;

std::uint64_t hash_of(std::string_view pipeline, std::string_view view) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash = (hash ^ text.size()) * 0x100000001b3ULL;
  };
  add(pipeline);
  add(view);
  return hash;
}

/// Not inside a character of several bytes.
std::string cut_at(const std::string& text, std::size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

bool some_key_is_nullable(const view_plan& view) {
  return std::any_of(view.outputs.begin(), view.outputs.end(), [](const auto& o) { return o.is_key && !o.not_null; });
}

/// Keys of the hidden table compare by bytes: which order its index has is nobody's concern, and bytes are faster. Not
/// the distribution key: Citus places tables beside each other only if those have one collation.
std::string state_type(const state_column& column, const std::string& distribution_key) {
  if (column.name == distribution_key) return to_sql(column.type);
  switch (column.role) {
    case state_role::scales: return "bigint[] NOT NULL DEFAULT '{}'";
    case state_role::node: return "smallint NOT NULL";
    case state_role::key: return to_sql(column.type) + (is_string(column.type.id) ? " COLLATE \"C\"" : "");
    default: return to_sql(column.type) + " NOT NULL DEFAULT 0";
  }
}

std::string columns_sql(const view_plan& view, const std::string& distribution_key) {
  std::string columns;
  for (const auto& column : state_layout(view))
    columns +=
        fmt::format("{}{} {}", columns.empty() ? "" : ",\n  ", column.name, state_type(column, distribution_key));
  return columns;
}

} // namespace

std::string state_table_name(const std::string& pipeline, const std::string& view) {
  auto name = fmt::format("state_{}_{}", pipeline, view);
  // "a_b" + "c" and "a" + "b_c" would read alike.
  const bool ambiguous = pipeline.find('_') != std::string::npos;
  if (!ambiguous && name.size() <= max_name_bytes) return name;
  name = name.size() + 1 + hash_digits <= max_name_bytes ? name : cut_at(name, max_name_bytes - 1 - hash_digits);
  return fmt::format("{}_{:016x}", name, hash_of(pipeline, view));
}

std::string staged_table_name(const std::string& state_table) {
  constexpr std::string_view prefix = "state"; // of one length with the other: names are as long as they may be
  return "delta" + state_table.substr(prefix.size());
}

std::string distribution_key(const view_plan& view) {
  if (view.sink.placement != sink_placement::distributed) return {};
  for (const auto& output : view.outputs)
    if (output.is_key && output.name == view.sink.distribution_column) return fmt::format("k{}", output.index + 1);
  return {};
}

std::string create_view_table_sql(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote) {
  const auto& v = plan.views[view];
  const auto table = quote.identifier(v.sink.schema) + "." + quote.identifier(v.sink.table);
  std::string columns;
  std::string keys;
  for (const auto& output : v.outputs) {
    const auto name = quote.identifier(output.name);
    columns += fmt::format("{}  {} {}", columns.empty() ? "" : ",\n", name, to_sql(output.type));
    if (output.is_key) keys += (keys.empty() ? "" : ", ") + name;
  }
  if (!keys.empty())
    columns += fmt::format(",\n  {} ({})", some_key_is_nullable(v) ? "UNIQUE NULLS NOT DISTINCT" : "PRIMARY KEY", keys);
  auto sql = fmt::format("CREATE TABLE {} (\n{}\n) WITH (fillfactor = 50)", table, columns);
  if (keys.empty()) sql += fmt::format(";\nCREATE UNIQUE INDEX ON {} ((true))", table);
  return sql;
}

std::string state_columns_sql(const view_plan& view) { return columns_sql(view, {}); }

std::vector<std::string> state_table_statements(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote) {
  const auto& v = plan.views[view];
  const bool distributed = v.sink.placement == sink_placement::distributed;
  const auto table = quote.identifier(state_table_name(plan.name, v.name));
  std::string keys;
  for (std::size_t i = 0; i < v.keys.size(); ++i) keys += fmt::format("k{}, ", i + 1);
  // Citus moves a shard under writes only if its rows have an identity.
  const bool has_identity = distributed && !some_key_is_nullable(v);
  std::vector<std::string> out;
  out.push_back(fmt::format("CREATE TABLE weir.{} (\n  {},\n  {} ({}weir_node)\n) WITH (fillfactor = 50)", table,
                            columns_sql(v, distribution_key(v)),
                            has_identity              ? "PRIMARY KEY"
                            : some_key_is_nullable(v) ? "UNIQUE NULLS NOT DISTINCT"
                                                      : "UNIQUE",
                            keys));
  if (distributed && !has_identity) out.push_back(fmt::format("ALTER TABLE weir.{} REPLICA IDENTITY FULL", table));
  return out;
}

std::string create_state_table_sql(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote) {
  return fmt::format("{}", fmt::join(state_table_statements(plan, view, quote), ";\n"));
}

std::vector<std::string> staged_table_statements(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote) {
  const auto& v = plan.views[view];
  const auto table = quote.identifier(staged_table_name(state_table_name(plan.name, v.name)));
  return {fmt::format("CREATE TABLE weir.{} (\n  {}\n)", table, columns_sql(v, distribution_key(v))),
          fmt::format("ALTER TABLE weir.{} REPLICA IDENTITY FULL", table)};
}

std::string create_staged_table_sql(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote) {
  return fmt::format("{}", fmt::join(staged_table_statements(plan, view, quote), ";\n"));
}

std::string distribute_beside_sql(const view_plan& view, const std::string& table, const std::string& view_table,
                                  const sql_quoter& quote) {
  return fmt::format("SELECT create_distributed_table({}, {}, colocate_with => {})", quote.literal(table),
                     quote.literal(distribution_key(view)), quote.literal(view_table));
}

} // namespace weir::postgres
