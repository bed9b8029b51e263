#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "runtime/base/ids.hpp"
#include "tests/sim/world/wal.hpp"

namespace weir::sim {

/// Which node owns which row: rows fall into buckets by their id, and a shard is a set of buckets.
class shard_map {
public:
  shard_map(std::size_t nodes, std::size_t buckets_a_node) : nodes_(nodes) {
    for (std::size_t i = 0; i < nodes * buckets_a_node; ++i)
      owner_.push_back(node_index{static_cast<std::uint16_t>(i % nodes)});
  }

  std::size_t bucket_of(std::int64_t id) const { return static_cast<std::size_t>(id) % owner_.size(); }
  std::vector<std::size_t> owned_by(node_index node) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < owner_.size(); ++i)
      if (owner_[i] == node) out.push_back(i);
    return out;
  }
  std::int64_t next_id(std::size_t bucket) {
    return static_cast<std::int64_t>(bucket) + static_cast<std::int64_t>(owner_.size()) * ++serial_;
  }

  std::size_t buckets() const { return owner_.size(); }

  // Shards with numbers, of which streams tell; there are none at first.

  /// Neighbouring buckets are a shard, two by two.
  void divide() {
    for (std::size_t i = 0; i < owner_.size(); ++i) owner_[i] = node_index{static_cast<std::uint16_t>(i / 2 % nodes_)};
    for (std::size_t i = 0; i + 1 < owner_.size(); i += 2) shards_[next_shard()] = {i, i + 1};
  }
  bool divided() const { return !shards_.empty(); }
  const std::map<shard_number, bucket_range>& shards() const { return shards_; }
  shard_number shard_of(std::size_t bucket) const {
    for (const auto& [id, range] : shards_)
      if (range.contains(bucket)) return id;
    return 0;
  }
  node_index owner(bucket_range range) const { return owner_[range.first]; }
  shard_number next_shard() { return ++last_shard_; }
  void split(shard_number parent, const std::map<shard_number, bucket_range>& children) {
    shards_.erase(parent);
    shards_.insert(children.begin(), children.end());
  }

  /// A shard that is about to move takes no writes.
  bool blocked(std::size_t bucket) const { return blocked_.contains(bucket); }
  void block(const std::set<std::size_t>& buckets) { blocked_.insert(buckets.begin(), buckets.end()); }
  void unblock(const std::set<std::size_t>& buckets) {
    for (const auto b : buckets) blocked_.erase(b);
  }
  void move(const std::set<std::size_t>& buckets, node_index to) {
    for (const auto b : buckets) owner_[b] = to;
  }

private:
  std::size_t nodes_;
  std::vector<node_index> owner_; ///< by bucket
  std::map<shard_number, bucket_range> shards_;
  shard_number last_shard_ = 102'007;
  std::set<std::size_t> blocked_;
  std::int64_t serial_ = 0;
};

} // namespace weir::sim
