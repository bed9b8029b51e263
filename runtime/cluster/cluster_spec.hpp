#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cluster/capture_mode.hpp"
#include "runtime/cluster/consistency.hpp"

namespace weir {

/// One PostgreSQL server that is read. `name` is its durable identity within the pipeline ("w1", or "n1", "n2" … by
/// place when the file gives none; in Citus "g<groupid>").
struct node_spec {
  std::string name;
  std::string conninfo;                   ///< libpq connection string; may hold a secret, never printed (see redact)
  std::optional<std::int32_t> group = {}; ///< Citus' number of the node
};

/// What differs, for some nodes, from how the coordinator is reached: connection parameters ("sslrootcert=…") by the
/// name of the node. For nodes that are found through a coordinator; a listed node has a string of its own.
using node_parameters = std::map<std::string, std::string>;

/// A cluster as declared: a fixed list of nodes, a coordinator, or both (then the nodes are read and the coordinator
/// is where views are written).
struct cluster_spec {
  std::string name;
  std::optional<std::string> coordinator; ///< libpq connection string
  std::vector<node_spec> nodes;
  std::optional<weir::consistency> consistency = {};
  std::optional<capture_mode> capture = {};         ///< Citus only; empty: raw where that is possible
  bool discovered = false;                          ///< the nodes were found through the coordinator
  std::optional<std::string> transaction_name = {}; ///< a pattern; see check_transaction_name
  weir::node_parameters node_parameters = {};
};

/// "host=… port=… dbname=…" of a connection string: everything a person needs to find the server, nothing secret.
std::string redact(const std::string& conninfo);

} // namespace weir
