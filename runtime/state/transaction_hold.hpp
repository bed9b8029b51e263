#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/rows/batch.hpp"

namespace weir {

/// What a transaction did to one view: rows [first, last) of a batch that may be shared, states that a pushed-down query
/// aggregated, or a TRUNCATE.
struct held_item {
  enum class kind : std::uint8_t { rows, states, truncate };
  kind what = kind::rows;
  std::size_t view = 0;
  std::shared_ptr<const batch> rows;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::shared_ptr<const void> charge; ///< what its memory costs somebody; let go of with the item

  /// This item's part of the batch, in bytes.
  std::size_t size_bytes() const noexcept;
};

/// Keeps what transactions did until a cut takes them: in memory, or in a temporary file for those that are large or
/// wait long.
///
/// The file has no name any more when it is written to: nothing is left behind by a crash, and nothing in it is needed
/// after one (the slots send it again).
class transaction_hold {
public:
  using key = std::uint64_t;

  /// Input    `directory` is where spilled transactions go.
  explicit transaction_hold(std::string directory) : directory_(std::move(directory)) {}

  /// Appends to the transaction, behind what was spilled of it.
  void put(key transaction, held_item item);
  /// Bytes of the transaction that are in memory.
  std::size_t memory_bytes(key transaction) const noexcept;
  /// Has nothing been put for it?
  bool empty(key transaction) const noexcept { return !entries_.contains(transaction); }
  /// Moves what is in memory of it to its file.  Errors: `errc::io_failed` naming the directory.
  status spill(key transaction);
  /// Copies slices of shared batches out of them, so that a transaction that waits long pins no more than its own rows.
  void compact(key transaction);
  void drop(key transaction);

  /// Takes the next item out, oldest first; empty when the transaction has no more (it is forgotten then).
  result<std::optional<held_item>> take(key transaction);

  std::uint64_t spilled_bytes() const noexcept { return spilled_bytes_; }

private:
  struct close_file {
    void operator()(std::FILE* f) const noexcept { std::fclose(f); }
  };
  struct entry {
    std::unique_ptr<std::FILE, close_file> file;
    std::size_t unread = 0; ///< items in the file that were not taken yet
    bool reading = false;
    std::deque<held_item> items;
    std::size_t bytes = 0;
  };
  status open_file(entry& e);
  status write_item(entry& e, const held_item& item);
  result<held_item> read_item(entry& e);
  error io_error(const char* doing) const;

  std::string directory_;
  std::unordered_map<key, entry> entries_;
  std::vector<std::byte> buffer_;
  std::uint64_t spilled_bytes_ = 0;
};

} // namespace weir
