#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace weir {

/// What Citus' translation of one node's changes rests on (logical capture): its decoder looks a shard up when it
/// meets the first change of it, and never again. A value, read from the node's catalogs.
struct translation {
  std::string tables;     ///< the sources' tables, their kinds, all shards of them, their place in the publication
  std::string placements; ///< of all those shards, as this node knows them
  std::map<std::uint32_t, std::uint32_t> files; ///< of the shards that are here, by their oids: TRUNCATE gives others
  friend bool operator==(const translation&, const translation&) = default;
};

/// What the catalogs say now, and whether that may be old.
struct translation_look {
  /// A transaction that changes shards is prepared here and undecided: others may know already what this node does not.
  bool in_doubt = false;
  translation now;
};

enum class translation_change : std::uint8_t {
  none,
  moved,    ///< shards are at other nodes; each change still comes once
  reshaped, ///< there are other shards, or what a shard held went by a way that the stream does not tell of
};
translation_change compare(const translation& before, const translation& now);

} // namespace weir
