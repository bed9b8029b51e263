#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dsl/diagnostic.hpp"
#include "dsl/environment.hpp"
#include "dsl/syntax.hpp"
#include "runtime/cluster/cluster_spec.hpp"

namespace weir::dsl {

/// What a program is about, before any server is asked.
///
/// `source_cluster` and `target_cluster` are places in `clusters`; empty where an error keeps them from being known.
/// A source cluster without nodes has a coordinator: the caller finds its nodes (in Citus from pg_dist_node) and puts
/// them into `clusters[*source_cluster].nodes` before bind.
struct outline {
  std::string pipeline;
  std::vector<cluster_spec> clusters; ///< as declared, overridden by weir.yaml
  std::optional<std::size_t> source_cluster;
  std::optional<std::size_t> target_cluster;
  std::vector<std::pair<std::string, std::string>> tables; ///< (schema, table) to read the catalogs of, each once
  std::set<std::string> views_read;                        ///< by other views
  std::optional<node_spec> target;                         ///< where views are written
  std::optional<memory_size> memory;                       ///< as the definition says; weir.yaml may say otherwise
  bool sound = false;                                      ///< neither parse nor outline_of reported an error
};

struct outlined {
  dsl::outline outline;
  diagnostics found;
};

/// Syntax tree to outline: everything that can be said about names without a server.
///
/// Input    `configured`: the clusters of weir.yaml; a coordinator or a list of nodes there takes the place of the
///          one in the program. `variables`: what ${NAME} in connection strings stands for.
/// Errors   (in `found`) names that are not declared or declared twice, clusters without servers, views without sink,
///          sinks without a clear target, sources of several clusters
outlined outline_of(const syntax& program, const std::vector<cluster_spec>& configured,
                    const environment& variables = process_environment());

} // namespace weir::dsl
