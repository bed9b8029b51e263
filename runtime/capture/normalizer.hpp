#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/capture/effect.hpp"
#include "runtime/cluster/ownership_tracker.hpp"
#include "runtime/cluster/table_shape.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::capture {

/// How much the normalizer holds of each source before it hands out batches.
struct normalizer_limits {
  std::size_t batch_bytes = 256 * 1024;
  std::size_t batch_rows = 8192;
};

/// Makes transactions of deltas, per view, from the replication stream of one node.
///
/// Law   the effects, with slices and batches joined, depend on the frames alone: not on the chunks they came in, nor
///       on the limits.
/// One object is one connection's stream: make a new one for a new connection. Deterministic; no I/O, no clock.
class normalizer {
public:
  /// Input    `owned`: with raw capture, what the node owns where the stream begins; else empty. `tables`: those of the
  ///          sources, where that is known: their rows count under whatever name they come.
  /// Errors   those of evaluator::make: a literal of the plan is not of its type
  static result<normalizer> make(const pipeline_plan& plan, normalizer_limits limits,
                                 std::optional<ownership_tracker> owned = {}, std::span<const table_shape> tables = {});

  normalizer(normalizer&&) noexcept;
  normalizer& operator=(normalizer&&) noexcept;
  ~normalizer();

  /// Input    `chunk` is a sequence of whole frames, each a 4-byte native-endian length and a CopyData payload
  ///          (postgres/replication_stream.hpp); it may come from a hostile peer. It is not needed afterwards.
  /// Output   appended to `out` in the order of the stream. A transaction that is complete is handed out at once; one
  ///          still open may be held back up to the limits.
  /// Errors   `errc::schema_changed` a needed column went or has another type ·
  ///          `errc::replica_identity` an old row lacks needed columns · `errc::source_reshaped` ·
  ///          `errc::ownership_unclear` a table may be a shard's or not · those of decoding · `errc::unsupported`.
  ///          `out` then holds what came before; the object is of no more use.
  /// Cost     O(chunk); no allocation per row, nor per transaction beyond its effects.
  status consume(std::span<const std::byte> chunk, std::vector<effect>& out);

private:
  struct impl;
  explicit normalizer(std::unique_ptr<impl> state);
  std::unique_ptr<impl> state_;
};

} // namespace weir::capture
