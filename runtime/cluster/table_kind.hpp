#pragma once

#include <cstdint>

namespace weir {

/// How a table is spread over the nodes of a cluster.
enum class table_kind : std::uint8_t {
  plain,        ///< every node has a table of this name, with rows of its own
  distributed,  ///< Citus: shards by hash of a column
  single_shard, ///< Citus: one shard on one node (schema-based sharding, or a distributed table without a column)
  reference,    ///< Citus: the same rows on every node; they count once
  citus_local,  ///< Citus: one shard on the coordinator, known to the metadata
  coordinator,  ///< an ordinary table of the coordinator of a Citus cluster
};

/// Are its rows in tables that are named after shards ("orders_102012")?
constexpr bool is_sharded(table_kind kind) noexcept {
  return kind != table_kind::plain && kind != table_kind::coordinator;
}

/// "distributed", "reference" …: the word for it in a plan.
const char* to_string(table_kind kind) noexcept;

} // namespace weir
