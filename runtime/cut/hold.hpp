#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/cut/node_stream.hpp"

namespace weir::cut {

/// Why transactions that have come are in no cut yet.
struct hold {
  enum class reason : std::uint8_t {
    undecided, ///< a prepared transaction on `node` is neither committed nor rolled back
    behind,    ///< `node` has yet to pass `position`
    down,      ///< `node` does not answer
    loading,   ///< the snapshot of `node` is not read yet
  };
  reason why = reason::behind;
  node_index node;                      ///< has to move
  std::string transaction;              ///< name of the prepared, or of the distributed transaction; "" if none
  lsn position;                         ///< of the PREPARE, or to be passed
  instant since{};                      ///< when the first transaction that waits came; 0: not known
  std::optional<node_index> holds_node; ///< whose transactions wait; empty: all
  std::size_t held = 0;                 ///< how many
};

/// What the first cut waits for.
struct first_cut_needs {
  round_pointer samples; ///< null: some load has not ended
  std::unordered_set<transaction_id> transactions;
};

/// What holds the nodes whose `held` close_over_distributed() has set; one entry a cause.
std::vector<hold> holds_of(const std::vector<node_stream>& nodes, const sampling& rounds);
/// What holds the first cut.
std::vector<hold> holds_of_first_cut(const std::vector<node_stream>& nodes, const first_cut_needs& needs);
/// The nodes that are down.
std::vector<hold> holds_of_absent(const std::vector<node_stream>& nodes);

} // namespace weir::cut
