#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "runtime/base/human_text.hpp"
#include "runtime/doctor/checks.hpp"

namespace weir::doctor {

namespace {

void check_membership(const std::string& name, const citus_facts& c, findings_of& out) {
  const bool by_group = name.size() > 1 && name[0] == 'g' &&
                        std::all_of(name.begin() + 1, name.end(), [](char d) { return d >= '0' && d <= '9'; });
  if (by_group && name != fmt::format("g{}", c.group))
    out.fail("citus_group", fmt::format("the server is group {} of its cluster, not {}", c.group, name.substr(1)),
             "correct the address: SELECT groupid, nodename, nodeport FROM pg_dist_node; -- on the coordinator");
  else
    out.ok("citus_group", fmt::format("group {} of a Citus {} cluster", c.group, c.version));
  if (!c.listed)
    out.warn("citus_metadata", "the node does not find itself in its own pg_dist_node",
             "SELECT start_metadata_sync_to_all_nodes(); -- on the coordinator");
  else if (!c.metadata_synced)
    out.warn("citus_metadata", "the node's metadata is not in step with the coordinator's",
             "SELECT start_metadata_sync_to_all_nodes(); -- on the coordinator");
}

/// What lets the role capture raw.
std::string raw_cure(const node_facts& node) {
  const auto& c = *node.citus;
  std::string cure;
  if (!c.raw_published) cure = c.raw_publication_sql;
  if (c.wrapped && !c.may_unwrap)
    cure += fmt::format("{}GRANT SET ON PARAMETER dynamic_library_path TO {};", cure.empty() ? "" : "\n",
                        node.server.quoted_role);
  return cure;
}

std::string of_each(const std::vector<std::string>& tables, const char* statement) {
  std::string all;
  for (const auto& t : tables) all += (all.empty() ? "" : " ") + fmt::format(fmt::runtime(statement), t);
  return all;
}

void check_raw(const node_facts& node, findings_of& out) {
  const auto& c = *node.citus;
  if (!c.raw_possible) return out.fail("raw_publication", "raw capture needs a superuser here once", raw_cure(node));
  if (c.raw_published)
    out.ok("raw_publication", fmt::format("publication {} holds shards and catalogs", node.publication.name));
  else if (node.known)
    out.fail("raw_publication",
             fmt::format("publication {} is gone, or lacks what is read: changes may have been missed",
                         node.publication.name),
             load_anew);
  else
    out.ok("raw_publication", fmt::format("publication {} is made by the first run", node.publication.name));
  if (c.wrapped) out.ok("decoder", "Citus' decoder is replaced by the stock one in weir's connections");
  const auto schemas_note = c.raw_published ? "fail" : "will fail";
  if (!c.without_identity.empty())
    out.warn("tables_at_risk",
             fmt::format("UPDATE and DELETE {} on tables of the published schemas that have no replica identity: {}",
                         schemas_note, some_of(c.without_identity)),
             of_each(c.without_identity, "ALTER TABLE {} REPLICA IDENTITY FULL;") +
                 " -- or move them to another schema");
  else
    out.ok("tables_at_risk", "every table of the published schemas has a replica identity");
  if (!c.columnar.empty())
    out.warn(
        "columnar_tables",
        fmt::format("INSERT {} into columnar tables of the published schemas: {}", schemas_note, some_of(c.columnar)),
        "CREATE SCHEMA IF NOT EXISTS unwatched; " + of_each(c.columnar, "ALTER TABLE {} SET SCHEMA unwatched;"));
}

void check_logical(const node_facts& node, bool declared, findings_of& out) {
  const auto& c = *node.citus;
  if (!c.raw_possible && !declared)
    out.warn("raw_capture",
             fmt::format("raw capture, which is exact while shards move, needs {} here once; without it Citus' own "
                         "decoder is used",
                         c.raw_published ? "a right" : "a superuser"),
             raw_cure(node));
  if (!c.change_data_capture)
    out.fail("change_data_capture", "citus.enable_change_data_capture is off: rows would come under shards' names",
             "ALTER SYSTEM SET citus.enable_change_data_capture = 'on'; SELECT pg_reload_conf(); -- on every node");
  else
    out.ok("change_data_capture", "citus.enable_change_data_capture is on");
  if (!c.overrides.empty())
    out.fail("change_data_capture",
             fmt::format("citus.enable_change_data_capture is switched off for {}: copies of shards that such a "
                         "session moves come as new rows",
                         some_of(c.overrides)),
             fmt::format("{}", fmt::join(c.override_cures, " ")));
  if (c.change_data_capture && c.loaded_from && !c.wrapped)
    out.fail("decoder",
             fmt::format("dynamic_library_path is '{}', so that Citus' decoder is not found, whatever its setting says",
                         *c.loaded_from),
             "ALTER SYSTEM SET dynamic_library_path = '$libdir/citus_decoders:$libdir'; -- then restart the server");
  if (c.change_data_capture && !c.loaded_from)
    out.fail("decoder", "the role may not see dynamic_library_path, and so not whether Citus' decoder is used",
             fmt::format("GRANT pg_read_all_settings TO {};", node.server.quoted_role));
  if (!c.shard_like.empty())
    out.fail("shard_like_names",
             fmt::format("Citus' decoder takes these tables for shards, by their names: {}", some_of(c.shard_like)),
             fmt::format("{}", fmt::join(c.shard_like_cures, " ")));
  for (std::size_t i = 0; i < c.holed.size(); ++i)
    out.fail("dropped_columns",
             fmt::format("{} has dropped columns: Citus' decoder hangs or crashes on its rows, on PostgreSQL 17 and "
                         "later with the node",
                         c.holed[i]),
             c.holed_cures[i].empty() ? "capture raw" : c.holed_cures[i]);
  if (!c.misshapen.empty())
    out.fail("shard_columns",
             fmt::format("shards have other columns than their table: Citus' decoder, which goes by their places, "
                         "would take them for others: {}",
                         some_of(c.misshapen)),
             "make the shard's columns those of its table, in its order; or capture raw");
  out.ok("translation", "where shards are split or made anew, or a source is truncated, its views are read anew");
}

void check_plugins(const node_facts& node, findings_of& out) {
  if (!node.log.output_plugin_libraries) return;
  const auto& allowed = *node.log.output_plugin_libraries;
  const auto has = [&](const std::string& word) {
    return (", " + allowed + ",").find(", " + word + ",") != std::string::npos;
  };
  // What others need stays allowed.
  auto wanted = allowed == "\"\"" ? std::string() : allowed; // the setting's way to say that none is
  for (const auto* plugin : {"pgoutput", "citus"})
    if (!has(plugin) && (node.citus || plugin != std::string_view("citus")))
      wanted += (wanted.empty() ? "" : ", ") + std::string(plugin);
  const auto cure = fmt::format("ALTER SYSTEM SET output_plugin_libraries = {}; SELECT pg_reload_conf();", wanted);
  if (!has("pgoutput"))
    return out.fail("output_plugins", fmt::format("output_plugin_libraries is '{}': pgoutput is refused", allowed),
                    cure);
  if (node.citus && !has("citus"))
    return out.warn(
        "output_plugins",
        fmt::format("output_plugin_libraries is '{}': splits of shards that do not block writes are refused", allowed),
        cure);
  out.ok("output_plugins", fmt::format("output_plugin_libraries is '{}'", allowed));
}

} // namespace

reading possible_reading(const std::vector<node_facts>& nodes) {
  bool raw = true;
  for (const auto& n : nodes) raw = raw && (!n.citus || n.citus->raw_possible);
  return {raw ? capture_mode::raw : capture_mode::logical};
}

void check_citus(const std::string& name, const node_facts& node, reading how, findings_of& out) {
  check_plugins(node, out);
  if (!node.citus) return;
  check_membership(name, *node.citus, out);
  if (how.mode == capture_mode::raw) check_raw(node, out);
  if (how.mode == capture_mode::logical) check_logical(node, how.declared, out);
  if (how.mode == capture_mode::tables)
    out.warn("listed_nodes", "the node is in a Citus cluster, and read as if it were not: shards are not followed",
             "name the coordinator alone in the cluster block, so that the nodes are found");
}

std::vector<finding> examine(const std::string& name, const node_facts& node, reading how) {
  std::vector<finding> found;
  findings_of out(name, found);
  out.ok("reachable", fmt::format("answers at {}", node.server.address));
  check_server(node, out);
  check_slots(node, out);
  check_waiting(node, out);
  check_citus(name, node, how, out);
  check_sources(node, how, out);
  return found;
}

std::vector<finding> compare(const std::vector<node_facts>& nodes) {
  std::vector<finding> found;
  findings_of out("cluster", found);
  std::map<std::string, std::vector<std::string>> versions;
  std::map<int, std::size_t> servers;
  for (const auto& n : nodes) {
    if (n.citus) versions[n.citus->version].push_back(n.server.address);
    ++servers[n.server.version / 10000];
  }
  if (versions.size() > 1) {
    std::vector<std::string> said;
    for (const auto& [version, at] : versions) said.push_back(fmt::format("{} ({})", version, fmt::join(at, ", ")));
    out.fail("extension_version", fmt::format("the nodes have different versions of Citus: {}", fmt::join(said, ", ")),
             "ALTER EXTENSION citus UPDATE; -- on every node, the coordinator first");
  } else if (!versions.empty()) {
    out.ok("extension_version", fmt::format("all nodes have Citus {}", versions.begin()->first));
  }
  if (servers.size() > 1)
    out.warn("server_version", "the nodes have different major versions of PostgreSQL",
             "upgrade the older ones: what is computed on a node while loading may differ");
  return found;
}

} // namespace weir::doctor
