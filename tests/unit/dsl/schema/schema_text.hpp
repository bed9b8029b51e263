#pragma once

#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dsl/schema_file.hpp"

namespace weir::test {

/// A table as the catalogs have it, a line for it and for each column:
///
///     public.orders r key (id) identity full
///       id bigint not null, old
///
/// `old`: the column is in old rows.
inline std::string described(const catalog_table& t) {
  static constexpr const char* identities[] = {"default", "full", "index", "nothing"};
  auto out = fmt::format("{}.{} {}", t.schema, t.name, t.kind);
  if (!t.primary_key.empty()) out += fmt::format(" key ({})", fmt::join(t.primary_key, ", "));
  if (t.identity != replica_identity::primary_key)
    out += fmt::format(" identity {}", identities[static_cast<int>(t.identity)]);
  if (t.spread == table_kind::distributed) out += " distributed";
  if (t.spread == table_kind::reference) out += " reference";
  if (t.spread == table_kind::single_shard) out += " single_shard";
  out += "\n";
  for (const auto& c : t.columns)
    out += fmt::format("  {} {}{}{}{}{}\n", c.name, c.type_name, c.not_null ? " not null" : "",
                       c.in_identity ? ", old" : "", c.generated ? ", generated" : "",
                       c.collation == column_collation{} ? "" : ", collate " + c.collation.name);
  return out;
}

/// All tables that a script makes; and what is wrong with it: "2:7 W0521 no type …".
inline std::string tables_of(const std::string& script) {
  const auto text = dsl::text_of("schema.sql", script);
  const auto read = dsl::read_schema(text);
  std::string out;
  for (const auto& t : read.tables) out += described(t);
  for (const auto& d : read.found) {
    const auto at = text.locate(d.where->file, d.where->begin);
    out += fmt::format("{}:{} {} {}\n", at.line, at.column, to_string(d.code), d.message);
  }
  return out;
}

/// What is wrong with a script, without its tables.
inline std::string faults_of(const std::string& script) {
  const auto all = tables_of(script);
  std::string out;
  for (std::size_t at = 0; at < all.size();) {
    const auto end = all.find('\n', at) + 1;
    if (all[at] >= '0' && all[at] <= '9') out += all.substr(at, end - at);
    at = end;
  }
  return out;
}

} // namespace weir::test
