#include "runtime/postgres/sink_placement.hpp"

#include <optional>
#include <vector>

#include <fmt/format.h>

namespace weir::postgres {
namespace {

/// How Citus holds a table. Source: pg_dist_partition; partmethod h: by hash, n: without a column (repmodel t:
/// reference).
struct placement {
  sink_placement kind = sink_placement::local;
  bool other = false; ///< in a way that no sink can ask for
  std::string column;
  std::string colocation;
  std::string words; ///< "distributed by (region)"
};

constexpr const char* find_citus =
    "SELECT current_setting('citus.version', true) IS NOT NULL OR EXISTS (SELECT FROM pg_available_extensions WHERE "
    "name = 'citus'), EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')";

constexpr const char* find_placement =
    "SELECT partmethod, repmodel, colocationid, coalesce(column_to_column_name(logicalrelid, partkey), '') "
    "FROM pg_dist_partition WHERE logicalrelid = $1::oid";

std::string clause_of(const sink_plan& sink) {
  if (sink.placement == sink_placement::reference) return "reference";
  return fmt::format("distributed by ({})", sink.distribution_column);
}

result<bool> has_citus(connection& target) {
  WEIR_ASSIGN(const query_result citus, target.query(find_citus));
  return citus.at(0, 1) == "t";
}

/// Can the server do what the sink asks for at all?
status check_server(connection& target, const view_plan& view) {
  WEIR_ASSIGN(const query_result citus, target.query(find_citus));
  const auto wanted = [&] { return fmt::format("sink {} is {}, and", view.name, clause_of(view.sink)); };
  if (citus.at(0, 1) != "t")
    return error{errc::sink_unfit, fmt::format("{} {} has no extension citus", wanted(), target.address()),
                 citus.at(0, 0) == "t" ? "CREATE EXTENSION citus; or leave the clause out of the sink"
                                       : "install Citus there, or leave the clause out of the sink"};
  WEIR_ASSIGN(const query_result group, target.query("SELECT groupid FROM pg_dist_local_group"));
  if (group.rows() == 1 && group.at(0, 0) == "0") return {};
  return error{errc::sink_unfit,
               fmt::format("{} {} is not the coordinator of its Citus cluster", wanted(), target.address()),
               "give the coordinator in the cluster that the sink writes: coordinator \"host=… port=… dbname=…\";"};
}

result<placement> placement_of(connection& target, const std::string& oid) {
  WEIR_ASSIGN(const bool citus, has_citus(target));
  if (!citus) return placement{};
  const std::vector<parameter> table{oid};
  WEIR_ASSIGN(const query_result row, target.query(find_placement, table));
  if (row.rows() == 0) return placement{};
  placement found;
  found.colocation = row.at(0, 2);
  if (row.at(0, 0) == "h") {
    found.kind = sink_placement::distributed;
    found.column = row.at(0, 3);
    found.words = fmt::format("distributed by ({})", found.column);
  } else if (row.at(0, 0) == "n" && row.at(0, 1) == "t") {
    found.kind = sink_placement::reference;
    found.words = "a reference table";
  } else {
    found.other = true;
    found.words = row.at(0, 0) == "n" && found.colocation != "0" ? "a table of a distributed schema"
                  : row.at(0, 0) == "n"                          ? "a local table that Citus manages"
                                                                 : "distributed, but not by hash";
  }
  return found;
}

/// Like PostgreSQL's quote_literal(quote_ident): the name as a text that becomes a regclass.
std::string regclass_text(const connection& target, const std::string& schema, const std::string& table) {
  return target.literal(target.qualified(schema, table));
}

std::string place_sql(const connection& target, const view_plan& view) {
  const auto& sink = view.sink;
  const auto table = regclass_text(target, sink.schema, sink.table);
  if (sink.placement == sink_placement::reference) return fmt::format("SELECT create_reference_table({})", table);
  const auto with =
      sink.colocated_table.empty()
          ? std::string()
          : fmt::format(", colocate_with => {}", regclass_text(target, sink.colocated_schema, sink.colocated_table));
  return fmt::format("SELECT create_distributed_table({}, {}{})", table, target.literal(sink.distribution_column),
                     with);
}

/// What makes a table that is `found` one that the sink wants; empty if it is one.
result<std::string> cure_of(connection& target, const view_plan& view, const placement& found) {
  const auto& sink = view.sink;
  const auto table = regclass_text(target, sink.schema, sink.table);
  if (found.kind != sink.placement || found.other) {
    const bool managed = found.other || found.kind != sink_placement::local;
    std::string cure = managed ? fmt::format("SELECT undistribute_table({})", table) : std::string();
    if (sink.placement != sink_placement::local) cure += (managed ? "; " : "") + place_sql(target, view);
    return cure;
  }
  if (sink.placement != sink_placement::distributed) return std::string();
  if (found.column != sink.distribution_column)
    return fmt::format("SELECT alter_distributed_table({}, distribution_column => {})", table,
                       target.literal(sink.distribution_column));
  if (sink.colocated_table.empty()) return std::string();
  const auto with = regclass_text(target, sink.colocated_schema, sink.colocated_table);
  const std::vector<parameter> name{target.qualified(sink.colocated_schema, sink.colocated_table)};
  WEIR_ASSIGN(const query_result other,
              target.query("SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = to_regclass($1)", name));
  if (other.rows() == 1 && other.at(0, 0) == found.colocation) return std::string();
  return fmt::format("SELECT alter_distributed_table({}, colocate_with => {})", table, with);
}

} // namespace

status place_table(connection& target, const view_plan& view) {
  if (view.sink.placement == sink_placement::local) return {};
  WEIR_TRY(check_server(target, view));
  auto placed = target.execute(place_sql(target, view));
  if (placed || kind_of(placed.error().code) == failure_kind::transient) return placed;
  auto e = std::move(placed).error();
  if (e.code != errc::permission_denied) e.code = errc::sink_unfit;
  e.message = fmt::format(
      "table {} cannot be {}{}: {}", target.qualified(view.sink.schema, view.sink.table), clause_of(view.sink),
      view.sink.colocated_table.empty()
          ? std::string()
          : fmt::format(" colocated with {}.{}", view.sink.colocated_schema, view.sink.colocated_table),
      e.message);
  if (e.hint.empty()) e.hint = "choose another placement in the sink";
  return e;
}

status check_placement(connection& target, const view_plan& view, const std::string& oid) {
  if (view.sink.placement != sink_placement::local) WEIR_TRY(check_server(target, view));
  WEIR_ASSIGN(const placement found, placement_of(target, oid));
  WEIR_ASSIGN(const std::string cure, cure_of(target, view, found));
  if (cure.empty()) return {};
  const auto name = target.qualified(view.sink.schema, view.sink.table);
  const auto is = found.words.empty() ? std::string("a local table") : found.words;
  if (found.kind == sink_placement::distributed && found.column == view.sink.distribution_column &&
      view.sink.placement == sink_placement::distributed)
    return error{errc::sink_unfit,
                 fmt::format("view {} does not fit into table {}: it is not colocated with {}.{}", view.name, name,
                             view.sink.colocated_schema, view.sink.colocated_table),
                 cure};
  return error{errc::sink_unfit,
               fmt::format("view {} does not fit into table {}: it is {}, the sink says {}", view.name, name, is,
                           view.sink.placement == sink_placement::local ? "nothing of that" : clause_of(view.sink)),
               cure};
}

} // namespace weir::postgres
