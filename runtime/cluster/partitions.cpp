#include "runtime/cluster/partitions.hpp"

#include <utility>

namespace weir {

bool follow_partitions(partition_files& before, const std::vector<partition>& now) {
  partition_files after;
  for (const auto& p : now) {
    const auto known = before.find(p.oid);
    // The file of a table that was never rewritten has the table's oid for its name.
    const bool as_it_was = known != before.end() ? known->second == p.file : p.born_here && p.file == p.oid;
    if (!as_it_was) return false;
    after.emplace(p.oid, p.file);
  }
  for (const auto& [oid, file] : before)
    if (!after.contains(oid)) return false;
  before = std::move(after);
  return true;
}

} // namespace weir
