#include "runtime/postgres/cluster_nodes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "runtime/cluster/about_node.hpp"
#include "runtime/postgres/discovery.hpp"

namespace weir::postgres {
namespace {

/// 3 of "g3".
std::optional<std::int32_t> group_of(const std::string& name) {
  std::int32_t group = 0;
  const auto* end = name.data() + name.size();
  if (name.size() < 2 || name.front() != 'g') return std::nullopt;
  const auto [stop, failure] = std::from_chars(name.data() + 1, end, group);
  return failure == std::errc{} && stop == end ? std::optional(group) : std::nullopt;
}

} // namespace

result<std::vector<node_spec>> cluster_nodes(connection& coordinator, const std::string& coordinator_conninfo,
                                             const node_parameters& special) {
  WEIR_ASSIGN(auto nodes, discover_nodes(coordinator, coordinator_conninfo));
  for (auto& node : nodes) node.group = group_of(node.name);
  const bool has_coordinator = std::any_of(nodes.begin(), nodes.end(), [](const node_spec& n) { return n.group == 0; });
  if (!has_coordinator) nodes.insert(nodes.begin(), node_spec{"g0", coordinator_conninfo, 0});
  for (auto& node : nodes) {
    const auto own = special.find(node.name);
    if (own == special.end()) continue;
    auto conninfo = with_parameters(node.conninfo, own->second);
    if (!conninfo) return about_node(node.name, std::move(conninfo).error());
    node.conninfo = *std::move(conninfo);
  }
  return nodes;
}

result<std::vector<node_spec>> remaining_nodes(connection& target, const std::string& pipeline,
                                               const std::string& coordinator_conninfo,
                                               const std::vector<node_spec>& now) {
  std::vector<node_spec> remaining;
  WEIR_ASSIGN(const auto installed, target.query("SELECT to_regclass('weir.members') IS NOT NULL"));
  if (installed.at(0, 0) != "t") return remaining;
  const std::vector<parameter> name{pipeline};
  WEIR_ASSIGN(const auto rows,
              target.query("SELECT node, address FROM weir.members JOIN weir.frontier USING (pipeline, "
                           "node) WHERE pipeline = $1 AND left_at IS NULL ORDER BY number",
                           name));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const std::string node{rows.at(i, 0)};
    if (std::any_of(now.begin(), now.end(), [&](const node_spec& n) { return n.name == node; })) continue;
    WEIR_ASSIGN(auto conninfo, with_parameters(coordinator_conninfo, std::string{rows.at(i, 1)}));
    remaining.push_back({node, std::move(conninfo), group_of(node)});
  }
  return remaining;
}

} // namespace weir::postgres
