#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/rows/data_type.hpp"
#include "runtime/rows/decimal.hpp"
#include "runtime/rows/interval.hpp"

namespace weir {

/// The values of one column of a batch, in the storage of their type.
///
/// Invariant   `nulls.size()` is the number of rows; the vector of the type's storage has as many elements
///             (for bytes: `offsets` has one more, and value i is arena[offsets[i], offsets[i+1])).
///             A null row holds an unspecified element there (for bytes: an empty one).
/// The vectors are public because kernels run over them; nothing is allocated per row.
class column {
public:
  explicit column(data_type of) : type(std::move(of)) {}

  data_type type;
  std::vector<std::uint8_t> nulls; ///< 1 = null
  std::vector<std::int64_t> i64;
  std::vector<double> f64;
  std::vector<decimal> decimals; ///< a decimal whose kind is `big` refers to `bigs` of this column
  std::vector<std::string> bigs; ///< text of the numerics that do not fit 127 bits
  std::vector<interval> intervals;
  std::vector<std::uint32_t> offsets{0};
  std::vector<char> arena;

  std::size_t rows() const noexcept { return nulls.size(); }
  bool is_null(std::size_t row) const noexcept { return nulls[row] != 0; }
  std::string_view bytes_at(std::size_t row) const noexcept {
    return {arena.data() + offsets[row], offsets[row + 1] - offsets[row]};
  }

  void append_null();
  void append_i64(std::int64_t value);
  void append_f64(double value);
  void append_bytes(std::string_view value);
  void append_interval(interval value);
  /// `big_text` is the value's text if `value.kind` is `big` (its index is assigned here), else ignored.
  void append_decimal(decimal value, std::string_view big_text = {});
  /// Row `row` of `from`, a column of the same storage.
  void append_from(const column& from, std::size_t row);

  void reserve(std::size_t rows);
  /// Removes all rows; keeps the memory.
  void clear() noexcept;
  /// Memory in use, in bytes (capacity is not counted).
  std::size_t size_bytes() const noexcept;
};

/// Appends a value in PostgreSQL's text form (DateStyle ISO, IntervalStyle postgres, TimeZone UTC, extra_float_digits
/// >= 1).
/// The column is unchanged on error.
///
/// Errors   `errc::invalid_text_representation` or `errc::numeric_value_out_of_range`, with type and text in the
/// message. Cost     O(text), no allocation beyond the column's own growth.
status append_text(column& to, std::string_view text);

/// Appends the text form of a value that is not null to `out`; reading it back with append_text gives the same value,
/// and PostgreSQL reads it as the same value.
void write_text(const column& from, std::size_t row, std::string& out);

} // namespace weir
