#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/world/environment.hpp"
#include "tests/sim/world/shard_map.hpp"
#include "tests/sim/world/simulated_node.hpp"

namespace weir::sim {

/// A transaction of several prepared ones, on several nodes or on one: Citus', an application's, or a shard that moves.
struct distributed_transaction {
  struct part {
    std::size_t node = 0;
    std::string gid;
    wal_pointer prepared;
    wal_pointer decided;
    instant due{}; ///< not decided before
    std::vector<shard_number> truncates = {};
    bool lost = false; ///< its PREPARE went with the end of a WAL
  };
  struct shard_move {
    std::set<std::size_t> buckets;
    std::size_t from = 0;
    std::size_t to = 0;
    // Where streams tell of shards:
    struct child {
      bucket_range range;
      std::size_t node = 0;
      std::int64_t placement = 0;
    };
    shard_number shard = 0;
    bucket_range range = {};
    std::map<shard_number, child> children = {}; ///< of a split
  };
  enum class phase : std::uint8_t { copying, waiting, preparing, committing, deciding, done };

  std::uint64_t number = 0;
  std::vector<part> parts;
  std::optional<std::size_t> initiator; ///< the node that commits first, without a name
  wal_pointer local;                    ///< what it committed
  std::uint64_t name = 0;               ///< in an application's names
  bool commits = true;
  bool alone = false; ///< its name is no distributed transaction's
  std::optional<shard_move> move;
  std::set<std::size_t> blocked;              ///< buckets that take no writes
  std::optional<std::size_t> local_truncates; ///< the initiator, if it truncates its shards itself
  phase at = phase::preparing;
  bool torn = false; ///< a part of it was lost by a server
};
using distributed_pointer = std::shared_ptr<distributed_transaction>;

/// How the clients of the cluster name distributed transactions.
enum class naming : std::uint8_t {
  citus,       ///< citus_<group>_<pid>_<number>_<connection>
  application, ///< xfer-<name>/<node>
};

/// The clients of the cluster: plain transactions of one node, prepared ones, distributed ones, and shards that move.
///
/// Law   every PREPARE of a distributed transaction precedes its initiator's own commit, and that precedes every
///       COMMIT PREPARED; those come in any order.
class coordinator {
public:
  struct options {
    naming names = naming::citus;
    bool streams_participants = false; ///< rows of pg_dist_transaction are in the initiator's stream
  };

  coordinator(environment& env, shard_map& shards, std::vector<simulated_node>& nodes, options how)
      : env_(env), shards_(shards), nodes_(nodes), how_(how) {}

  /// The number that Citus gives the node.
  std::int32_t number_of_group(std::size_t node) const { return static_cast<std::int32_t>(group_of(node)); }
  static std::uint32_t group_of(std::size_t node) { return static_cast<std::uint32_t>(node) + 1; }

  void do_something();
  void start_move();
  /// Shards with numbers come to be; nothing has happened yet.
  void found_shards();
  /// Decides all that is prepared; all nodes have to be there.
  void settle();
  /// What a standby that took over does not have.
  void lost(const std::vector<wal_pointer>& records);

  /// All that were started, oldest first.
  const std::vector<distributed_pointer>& transactions() const { return all_; }
  bool idle() const { return active_.empty(); }

private:
  simulated_node* some_node();
  void start();
  void start_alone();
  void name_parts(distributed_transaction& t, std::uint32_t group);
  void advance(std::size_t active, bool patient);
  void prepare_one(distributed_transaction& t);
  void commit_initiator(distributed_transaction& t);
  void decide_one(distributed_transaction& t, bool patient);
  void switch_shard(distributed_transaction& t);

  // Where streams tell of shards (shard_transactions.cpp).
  bool shards_change() const;
  bool start_shard_move(distributed_transaction& t);
  void start_truncate();
  void copy(distributed_transaction& t);
  void catch_up(const distributed_transaction& t);
  void block(distributed_transaction& t, const std::set<std::size_t>& buckets);
  std::vector<catalog_row> metadata(const distributed_transaction& t, std::size_t node);
  std::vector<shard_number> shards_of(std::size_t node) const;
  std::set<std::size_t> buckets_of(const std::vector<shard_number>& shards) const;

  environment& env_;
  shard_map& shards_;
  std::vector<simulated_node>& nodes_;
  options how_;
  std::uint64_t next_number_ = 1;
  std::int64_t last_placement_ = 0;
  std::vector<distributed_pointer> all_;
  std::vector<distributed_pointer> active_;
};

} // namespace weir::sim
