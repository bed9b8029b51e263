#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cluster/partitions.hpp"
#include "runtime/cluster/table_kind.hpp"
#include "runtime/cluster/translation.hpp"

namespace weir {

/// Citus' number of a node (pg_dist_node.groupid): survives a change of address, is never used again.
using group_id = std::int32_t;
/// pg_dist_shard.shardid: one number for the whole cluster.
using shard_id = std::int64_t;

/// Hashes [first, last] of the distribution column; all of them for a table with one shard.
struct hash_range {
  std::int32_t first = INT32_MIN;
  std::int32_t last = INT32_MAX;
  friend auto operator<=>(const hash_range&, const hash_range&) = default;

  bool contains(hash_range other) const noexcept { return first <= other.first && other.last <= last; }
};

/// Do the ranges cover every hash exactly once?  Cost: O(n log n).
bool tile(std::vector<hash_range> ranges);

struct shard {
  shard_id id = 0;
  std::size_t source = 0; ///< into pipeline_plan::sources
  hash_range range;
  std::uint32_t oid = 0; ///< of its table on the node, 0 while that is not known
  std::string relation;  ///< name of its table; "" while that is not known
  friend bool operator==(const shard&, const shard&) = default;
};

struct placement {
  shard_id shard = 0;
  group_id group = 0;
  friend bool operator==(const placement&, const placement&) = default;
};

/// The shards of a pipeline's sources, and which of them one node of a Citus cluster owns, at one position of that
/// node's stream. A value.
///
/// A shard is owned by one node at a time: by that of its placements whose group is the lowest. So a reference table
/// counts once, and so does a shard that is kept twice.
class ownership {
public:
  ownership() = default;
  explicit ownership(group_id group) : group_(group) {}

  group_id group() const noexcept { return group_; }

  void put(shard s);
  void remove_shard(shard_id id);
  /// A placement of a shard that is not known is left out.
  void put(std::int64_t placement_id, placement p);
  void remove_placement(std::int64_t placement_id) { placements_.erase(placement_id); }

  const shard* find(shard_id id) const;
  const placement* find_placement(std::int64_t placement_id) const;
  /// Empty: no placement is known.
  std::optional<group_id> owner(shard_id id) const;
  bool owns(shard_id id) const { return owner(id) == group_; }
  bool owns_any(std::size_t source) const;
  /// Those this node owns, by number.
  std::vector<const shard*> owned(std::size_t source) const;
  /// All shards of the source, wherever they are.
  std::vector<hash_range> ranges(std::size_t source) const;

  /// Is the relation the table of a shard? By number and name, or by number and oid: a table that was renamed keeps its
  /// oid, and somebody else's table may have a number at the end of its name. Where neither tells, it is unclear.
  enum class likeness : std::uint8_t { shard, unclear, other };
  likeness compare(const shard& s, std::string_view relation, std::uint32_t oid) const;
  /// The table of the shard has been seen.
  void remember_table(shard_id id, std::string_view relation, std::uint32_t oid);

  const std::map<shard_id, shard>& shards() const noexcept { return shards_; }
  const std::map<std::int64_t, placement>& placements() const noexcept { return placements_; }

  partition_files partitions;            ///< leaves of partitioned sources on the node
  std::optional<translation> translated; ///< logical capture

  friend bool operator==(const ownership&, const ownership&) = default;

private:
  group_id group_ = 0;
  std::map<shard_id, shard> shards_;
  std::map<std::int64_t, placement> placements_;
};

/// Sources of which the nodes together own some hash twice, or some hash not at all.
///
/// Input    `sharded`: for each source, does it have shards?
std::vector<std::size_t> not_owned_once(const std::vector<const ownership*>& nodes, const std::vector<bool>& sharded);

/// The number at the end of "orders_102012".
std::optional<shard_id> shard_number(std::string_view relation);

} // namespace weir
