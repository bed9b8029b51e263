#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/rows/batch.hpp"
#include "runtime/state/spill_file.hpp"

namespace weir {

/// What a transaction did to one view: rows [first, last) of a batch that may be shared, states that a pushed-down
/// query aggregated, or a TRUNCATE.
struct held_item {
  enum class kind : std::uint8_t { rows, states, truncate };
  kind what = kind::rows;
  std::size_t view = 0;
  std::shared_ptr<const batch> rows;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::shared_ptr<const void> charge; ///< what its memory costs somebody; let go of with the item
  /// Truncate: names the command that several transactions carry out together, each a part; the first one of them
  /// counts. 0: this one alone does.
  std::uint64_t command = 0;

  /// This item's part of the batch, in bytes.
  std::size_t size_bytes() const noexcept;
};

/// Keeps what transactions did until a cut takes them: in memory, or in temporary files for those that are large or
/// wait long.
///
/// Many transactions share a file (a load elsewhere may hold back millions of small ones), and a file goes with the
/// last of its items. Nothing in the files is needed after a crash: the slots send it again.
class transaction_hold {
public:
  using key = std::uint64_t;

  /// Input    `directory` is where spilled transactions go; a file is closed to new ones when it has `file_bytes`.
  explicit transaction_hold(std::string directory, std::uint64_t file_bytes = 64U << 20U)
      : directory_(std::move(directory)), file_bytes_(file_bytes) {}

  /// Appends to the transaction, behind what was spilled of it. A TRUNCATE takes the place of all that the transaction
  /// did to the view before: there is one at most, and it is the view's first item.
  void put(key transaction, held_item item);
  /// Bytes of the transaction that are in memory.
  std::size_t memory_bytes(key transaction) const noexcept;
  /// Has nothing been put for it?
  bool empty(key transaction) const noexcept { return !entries_.contains(transaction); }
  /// Moves what is in memory of it to a file.  Errors: `errc::io_failed` naming the directory; nothing is lost then.
  status spill(key transaction);
  /// Copies slices of shared batches out of them, so that a transaction that waits long pins no more than its own rows.
  void compact(key transaction);
  void drop(key transaction) { entries_.erase(transaction); }

  /// Takes the next item out, oldest first; empty when the transaction has no more (it is forgotten then).
  /// Errors   `errc::scratch_damaged` a file does not hold what was written: the slots still have it, start again from
  ///          there
  result<std::optional<held_item>> take(key transaction);

  std::uint64_t spilled_bytes() const noexcept { return spilled_bytes_; }

private:
  /// An item that is in a file: the batch is bytes [offset, offset + length) of it; a TRUNCATE has none.
  struct spilled_item {
    held_item::kind what = held_item::kind::rows;
    std::size_t view = 0;
    std::shared_ptr<const spill_file> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint64_t checksum = 0;
    std::uint64_t command = 0;
  };
  struct entry {
    std::vector<std::variant<held_item, spilled_item>> items;
    std::size_t next = 0;  ///< the first that was not taken
    std::size_t bytes = 0; ///< of the items in memory
  };
  result<spilled_item> write(const held_item& item);
  result<held_item> read(const spilled_item& item);

  std::string directory_;
  std::uint64_t file_bytes_;
  std::weak_ptr<spill_file> current_; ///< its items own it
  std::unordered_map<key, entry> entries_;
  std::vector<std::byte> buffer_;
  std::uint64_t spilled_bytes_ = 0;
};

} // namespace weir
