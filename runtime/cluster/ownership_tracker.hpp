#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/cluster/ownership.hpp"

namespace weir {

/// A change of Citus' catalogs, as a transaction in the stream of one node made it.
struct shard_put {
  shard what;
};
struct shard_removed {
  shard_id id = 0;
};
struct placement_put {
  std::int64_t id = 0;
  placement what;
};
struct placement_removed {
  std::int64_t id = 0;
};
using catalog_change = std::variant<shard_put, shard_removed, placement_put, placement_removed>;

/// Rows of a source that this node owned belong to another node from now on.
struct handover {
  group_id to = 0;
  std::size_t source = 0;
  friend auto operator<=>(const handover&, const handover&) = default;
};

/// This node owns, from now on, rows that were in another node's shard.
struct takeover {
  group_id from = 0;
  shard_id shard = 0; ///< that held them before
  friend auto operator<=>(const takeover&, const takeover&) = default;
};

/// What a committed transaction changed.
struct ownership_change {
  std::vector<handover> handovers;   ///< each once, ascending
  std::vector<takeover> takeovers;   ///< each once, ascending
  std::vector<std::size_t> emptied;  ///< sources of which this node owned shards and owns none any more
  std::vector<std::size_t> reshaped; ///< sources whose shards are not those of before, moved or split, any more
  bool any = false;                  ///< did anything of the sources change?
};

/// Follows the ownership of shards through the stream of one node.
///
/// A change counts from the PREPARE of its transaction on (whoever writes to the shard's new node may commit before
/// that node's own part of the move does), and is undone by ROLLBACK PREPARED.
class ownership_tracker {
public:
  explicit ownership_tracker(ownership now) : committed_(now), effective_(std::move(now)) {}

  /// At this position of the stream, prepared transactions included.
  const ownership& now() const noexcept { return effective_; }
  /// Committed transactions only: what is recorded.
  const ownership& committed() const noexcept { return committed_; }
  /// The prepared transaction by which this node came to own the shard, while it is undecided; "" if there is none.
  const std::string& pending(shard_id id) const;

  /// Did this prepared transaction, undecided, change anything?
  bool has_prepared(const std::string& gid) const;

  ownership_change commit(std::vector<catalog_change> changes);
  void prepare(const std::string& gid, std::vector<catalog_change> changes);
  /// Of a transaction that changed nothing: an empty change.
  ownership_change commit_prepared(const std::string& gid);
  void rollback_prepared(const std::string& gid);

  /// As JSON, prepared transactions included; parse(text()) goes on as this one does.
  std::string text() const;
  /// Errors   `errc::invalid_value`
  static result<ownership_tracker> parse(std::string_view text);

  /// See ownership::remember_table.
  void remember_table(shard_id id, std::string_view relation, std::uint32_t oid);

private:
  ownership_change difference(const ownership& before, const std::vector<catalog_change>& changes) const;
  void find_pending();

  ownership committed_;
  ownership effective_;
  std::vector<std::pair<std::string, std::vector<catalog_change>>> prepared_; ///< in the order of their PREPAREs
  std::map<shard_id, std::string> pending_;
};

} // namespace weir
