#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"

namespace weir::pgoutput {

/// How a column's value is sent; the values are the protocol's letters.
enum class value_kind : char {
  null = 'n',
  unchanged = 'u', ///< a TOASTed value that the UPDATE did not touch: neither NULL nor a value
  text = 't',
  binary = 'b',
};

/// One column of a tuple. `data` is a view into the message, and means something for text and binary only.
struct tuple_value {
  const char* data = nullptr;
  std::uint32_t size = 0;
  value_kind kind = value_kind::null;

  std::string_view bytes() const noexcept { return {data, size}; }
  friend bool operator==(const tuple_value& a, const tuple_value& b) noexcept {
    return a.kind == b.kind && a.bytes() == b.bytes();
  }
};

/// The columns of a row, in the order of its Relation message.
using tuple = std::vector<tuple_value>;

enum class row_kind : std::uint8_t { insert, update, removal };

/// What a message tells of the row as it was.
enum class old_row : std::uint8_t {
  none,
  key,  ///< 'K': the columns of the replica identity; the others are null whatever they were
  full, ///< 'O': all columns
};

/// Insert, Update or Delete of one row.
///
/// Invariant   new_values is empty for a removal, old_values if `old` is none.
struct row_change {
  row_kind kind = row_kind::insert;
  table_oid relation;
  old_row old = old_row::none;
  tuple old_values;
  tuple new_values;
  friend bool operator==(const row_change&, const row_change&) = default;
};

/// Is this the tag of an Insert, Update or Delete message?
constexpr bool is_row_tag(std::byte tag) noexcept {
  return tag == std::byte{'I'} || tag == std::byte{'U'} || tag == std::byte{'D'};
}

/// Decodes an Insert, Update or Delete message: the hot path, one walk over the bytes.
///
/// Input    `payload` is exactly one message, tag byte first; it may come from a hostile peer.
///          `out` is best used again and again: its vectors keep their memory.
/// Output   views into `payload`: it must outlive them. After an error `out` is unspecified.
/// Errors   `errc::truncated` · `errc::trailing_bytes` · `errc::unknown_tag` · `errc::invalid_value`
/// Cost     O(columns), no allocation once `out` has seen a tuple as wide.
/// Source   PostgreSQL manual, page protocol-logicalrep-message-formats.
status decode_row(std::span<const std::byte> payload, row_change& out);

} // namespace weir::pgoutput
