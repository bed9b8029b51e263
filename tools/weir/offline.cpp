#include "tools/weir/offline.hpp"

#include <iterator>
#include <utility>

#include "dsl/bind.hpp"
#include "dsl/lower.hpp"
#include "dsl/read_program.hpp"
#include "dsl/schema_file.hpp"

namespace weir::program {
namespace {

std::string doubled(std::string_view text, char mark) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == mark) out += c;
  }
  return out;
}

} // namespace

bool is_offline(const command_line& line) { return line.offline || !line.schemas.empty(); }

bound_definition bind_offline(definition& d, const std::vector<std::string>& schema_files) {
  bound_definition out;
  d.offline = true;
  const auto first = d.text.files.size();
  auto loaded = dsl::read_files(schema_files, dsl::max_schema_bytes);
  for (auto& f : loaded.found)
    if (f.where) f.where->file += static_cast<std::uint32_t>(first);
  std::move(loaded.text.files.begin(), loaded.text.files.end(), std::back_inserter(d.text.files));
  auto schema = dsl::read_schema(d.text, first);
  for (auto* some : {&loaded.found, &schema.found}) d.found.insert(d.found.end(), some->begin(), some->end());

  if (!d.outline.source_cluster) return out;
  auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  if (cluster.nodes.empty() && cluster.coordinator) {
    for (const auto& worker : dsl::workers_named(d.program)) cluster.nodes.push_back({worker, *cluster.coordinator});
    cluster.discovered = true;
  }
  out.catalogs.cluster = cluster.name;
  for (const auto& node : cluster.nodes) {
    auto catalog = schema.catalog_of(node.name, d.outline.tables);
    for (auto& table : catalog.tables) {
      if (!cluster.discovered) table.spread = table_kind::plain;
      if (cluster.discovered && table.spread == table_kind::plain) table.spread = table_kind::coordinator;
    }
    out.catalogs.nodes.push_back(std::move(catalog));
  }
  bind_catalogs(d, out);
  return out;
}

result<bound_definition> bind_for(definition& d, const command_line& line) {
  if (is_offline(line)) return bind_offline(d, line.schemas);
  return bind_definition(d, false);
}

std::string offline_quoter::identifier(std::string_view name) const { return "\"" + doubled(name, '"') + "\""; }

std::string offline_quoter::literal(std::string_view text) const {
  auto quoted = "'" + doubled(text, '\'') + "'";
  if (text.find('\\') == std::string_view::npos) return quoted;
  return " E" + doubled(quoted, '\\');
}

} // namespace weir::program
