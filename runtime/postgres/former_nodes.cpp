#include "runtime/postgres/former_nodes.hpp"

#include <algorithm>

#include "runtime/postgres/discovery.hpp"

namespace weir::postgres {

result<std::vector<node_spec>> read_former_nodes(connection& target, const std::string& pipeline,
                                                 const std::vector<node_spec>& current, const std::string& reached_as) {
  std::vector<node_spec> former;
  WEIR_ASSIGN(const auto known, target.query("SELECT to_regclass('weir.members') IS NOT NULL"));
  if (known.at(0, 0) != "t") return former;
  const std::vector<parameter> name{pipeline};
  WEIR_ASSIGN(const auto rows,
              target.query("SELECT node, address FROM weir.members WHERE pipeline = $1 ORDER BY number", name));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto node = rows.at(i, 0);
    if (std::any_of(current.begin(), current.end(), [&](const auto& n) { return n.name == node; })) continue;
    // An address that cannot be read is tried as it is: the error then names the node.
    auto conninfo = with_parameters(reached_as, std::string(rows.at(i, 1)));
    former.push_back({std::string(node), conninfo ? *std::move(conninfo) : std::string(rows.at(i, 1))});
  }
  return former;
}

} // namespace weir::postgres
