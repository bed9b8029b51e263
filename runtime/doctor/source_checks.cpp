#include <fmt/format.h>

#include "runtime/doctor/checks.hpp"
#include "runtime/postgres/citus_translation.hpp"

namespace weir::doctor {

namespace {

/// Citus carries what is done to its tables from the coordinator to the other nodes, and refuses it elsewhere.
std::string where_to_run(const source_facts& t) { return t.citus_kind == ' ' ? "" : " -- on the coordinator"; }

void check_rights(const node_facts& node, const source_facts& t, findings_of& out) {
  const auto& role = node.server.quoted_role;
  std::string cure;
  if (!t.may_use_schema) cure += fmt::format("GRANT USAGE ON SCHEMA {} TO {};", t.sql_schema, role);
  if (!t.may_select) cure += fmt::format("{}GRANT SELECT ON {} TO {};", cure.empty() ? "" : " ", t.sql_name, role);
  if (!cure.empty())
    return out.fail("select", fmt::format("role {} may not read {}", role, t.sql_name), cure + where_to_run(t));
  out.ok("select", fmt::format("role {} may read {}", role, t.sql_name));
  if (t.row_security)
    out.warn("row_security",
             fmt::format("policies hide rows of {} from role {}: the first load misses what the stream brings",
                         t.sql_name, role),
             fmt::format("ALTER ROLE {} BYPASSRLS;", role));
}

void check_replica_identity(const source_facts& t, findings_of& out) {
  if (t.identity == replica_identity::full)
    out.ok("replica_identity", fmt::format("{} sends whole old rows", t.sql_name));
  else if (!t.has_identity)
    out.fail("replica_identity",
             fmt::format("{} has no replica identity: its UPDATEs and DELETEs fail once it is published", t.sql_name),
             fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL;{}", t.sql_name, where_to_run(t)));
  else
    out.ok("replica_identity",
           fmt::format("{} sends the key of old rows; `weir check` says whether views need more", t.sql_name));
}

void check_kind(const source_facts& t, findings_of& out) {
  if (t.columnar)
    return out.fail(
        "table_kind",
        fmt::format("{} is columnar: its rows are in no stream, and INSERTs fail once it is published", t.sql_name),
        fmt::format("SELECT alter_table_set_access_method('{}', 'heap'); -- {}or read another table", t.sql_name,
                    t.citus_kind == ' ' ? "" : "on the coordinator; "));
  if (t.citus_kind == 'a')
    return out.fail("table_kind", fmt::format("{} is append-distributed, which cannot be followed", t.sql_name),
                    "copy its rows into a table that is distributed by hash, and read that");
  if (t.kind != 'r' && t.kind != 'p')
    return out.fail("table_kind", fmt::format("{} is no table", t.sql_name), "name a table in the source");
  if (t.kind == 'p') out.ok("table_kind", fmt::format("{} is partitioned, and read through its root", t.sql_name));
}

/// What holds for tables of a Citus cluster.
void check_placements(const source_facts& t, reading how, findings_of& out) {
  const bool reference = t.citus_kind == 'n' && t.citus_replication == 't';
  if (reference && how.mode == capture_mode::logical && !t.on_coordinator)
    out.fail(
        "reference_placement",
        fmt::format("reference table {} has no placement on the coordinator: nobody sends its changes", t.sql_name),
        postgres::reference_placement_cure);
  if (!reference && how.mode == capture_mode::logical && t.most_placements > 1)
    out.fail("replication_factor",
             fmt::format("shards of {} have {} placements: each change would come {} times", t.sql_name,
                         t.most_placements, t.most_placements),
             t.one_placement);
}

void check_publication(const node_facts& node, findings_of& out) {
  const auto& p = node.publication;
  if (!p.incomplete) return out.ok("publication", fmt::format("publication {} holds what is read", p.name));
  if (node.known) return out.fail("publication", p.incomplete->message, p.incomplete->hint);
  if (p.may_make)
    return out.ok("publication",
                  fmt::format("publication {} is {} by the first run", p.name, p.there ? "mended" : "made"));
  out.fail("publication",
           fmt::format("publication {} {}, and role {} may not {} it", p.name,
                       p.there ? "does not hold what is read" : "is not there", node.server.quoted_role,
                       p.there ? "change" : "make"),
           p.cure);
}

} // namespace

void check_sources(const node_facts& node, reading how, findings_of& out) {
  for (const auto& t : node.sources) {
    if (!t.there) {
      out.fail("table", fmt::format("there is no table {}", t.sql_name), "create it, or correct the source");
      continue;
    }
    check_rights(node, t, out);
    check_replica_identity(t, out);
    check_kind(t, out);
    if (node.citus) check_placements(t, how, out);
  }
  if (how.mode != capture_mode::raw) check_publication(node, out);
}

} // namespace weir::doctor
