#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace weir {

/// A leaf of a partitioned table on one node.
struct partition {
  std::uint32_t oid = 0;
  std::uint32_t file = 0; ///< pg_class.relfilenode: TRUNCATE gives it another one
  bool born_here = false; ///< it was made as a partition, not attached later
};
/// Files of leaves, by their oids.
using partition_files = std::map<std::uint32_t, std::uint32_t>;

/// Did all rows that came to `before` or went from it since, come or go through the replication stream? Rows of a leaf
/// that is attached, detached, dropped or truncated by itself do not.
/// Where they did, `before` becomes `now`.
bool follow_partitions(partition_files& before, const std::vector<partition>& now);

} // namespace weir
