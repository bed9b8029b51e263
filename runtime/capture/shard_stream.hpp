#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/capture/effect.hpp"
#include "runtime/cluster/ownership_tracker.hpp"
#include "runtime/pgoutput/message.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::capture {

/// Reads Citus' catalogs out of a node's stream: which shards of the sources the node owns from here on.
class shard_stream {
public:
  shard_stream(const std::vector<source_plan>& sources, ownership_tracker from);

  /// Counts the changes of what is owned, prepared ones included: what was concluded from it holds while this does.
  std::uint64_t version() const noexcept { return version_; }
  const ownership& now() const noexcept { return tracker_.now(); }
  /// The shard, if rows of its table count. From the PREPARE of a move on the new owner's do; the old owner's count
  /// until it has committed its part: whoever still writes there does so because the move is rolled back.
  const shard* counting(shard_id id) const {
    if (tracker_.now().owns(id)) return tracker_.now().find(id);
    return tracker_.committed().owns(id) ? tracker_.committed().find(id) : nullptr;
  }
  const std::string& pending(shard_id id) const { return tracker_.pending(id); }
  void remember_table(shard_id id, std::string_view relation, std::uint32_t oid) {
    tracker_.remember_table(id, relation, oid);
  }

  /// A Relation message of schema pg_catalog.
  void take_relation(const pgoutput::relation& m);
  /// A row of the open transaction. False: the relation is none of those catalogs.
  bool take_row(const pgoutput::row_change& row);

  // How the open transaction ends, or a prepared one. Empty: nothing of the sources changed.
  // Errors   `errc::source_reshaped`

  result<std::optional<ownership_record>> commit();
  std::optional<ownership_record> prepare(const std::string& gid);
  result<std::optional<ownership_record>> decide(const std::string& gid, bool committed);

private:
  enum class catalog : std::uint8_t { shards, placements };
  struct catalog_columns {
    catalog what = catalog::shards;
    std::size_t width = 0;
    std::size_t id = 0;
    std::size_t table = 0; ///< shards
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t shard = 0; ///< placements
    std::size_t state = 0;
    std::size_t group = 0;
  };

  void take_shard(const catalog_columns& at, const pgoutput::row_change& row);
  void take_placement(const catalog_columns& at, const pgoutput::row_change& row);
  std::optional<std::size_t> source_of(std::string_view table) const;
  ownership_record recorded() const;
  result<std::optional<ownership_record>> recorded(const ownership_change& change) const;

  std::vector<source_plan> sources_;
  std::unordered_map<std::string, std::size_t> source_by_table_; ///< by regclass text, the first with that table
  ownership_tracker tracker_;
  std::uint64_t version_ = 1;
  std::unordered_map<table_oid, catalog_columns> catalogs_;
  std::vector<catalog_change> open_;
};

} // namespace weir::capture
