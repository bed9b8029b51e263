#pragma once

#include <span>
#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace weir::sim {

/// What may go wrong, and what the clients of the cluster do: how often in so many occasions of each, as `all()` has
/// them.
struct chances {
  // Connections to nodes.
  unsigned reader_breaks = 0;
  unsigned link_cut = 0;
  unsigned link_stalls = 0;
  unsigned walsender_lingers = 0;
  unsigned load_refused = 0;

  // Nodes.
  unsigned node_away = 0;
  unsigned node_crashes = 0;
  unsigned failover = 0;
  unsigned failover_without_slot = 0;
  unsigned failover_loses_wal = 0;
  unsigned slot_invalidated = 0;

  // The target.
  unsigned writer_breaks = 0;
  unsigned commit_unknown = 0;
  unsigned target_away = 0;
  unsigned registrar_breaks = 0;

  // The program.
  unsigned program_dies = 0;
  unsigned program_stops = 0;
  unsigned program_stalls = 0;

  // Its scratch files.
  unsigned scratch_torn = 0;
  unsigned scratch_lost = 0;

  // What clients do.
  unsigned distributed = 0;
  unsigned rolls_back = 150;
  unsigned in_doubt = 0;
  unsigned names_again = 0;
  unsigned shard_moves = 0;
  unsigned early_writers = 0;
  unsigned truncates = 20;
  unsigned raw_capture = 0;
  unsigned moves_while_read = 0;

  struct option {
    std::string_view name;
    unsigned chances::*value;
    std::string_view occasions; ///< so often in how many of what
    std::string_view what;      ///< happens
    bool fault = true;          ///< else clients do it
  };
  static std::span<const option> all();

  /// Sets those that `text` names: "reader_breaks=20,node_away=10".
  /// Errors   `errc::invalid_value` with the names there are
  status set(std::string_view text);
  /// The other way round: those that are not as they are by default.
  std::string to_text() const;
};

} // namespace weir::sim
