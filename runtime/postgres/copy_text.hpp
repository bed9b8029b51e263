#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::postgres {

/// Turns rows of COPY … TO STDOUT (text format) into the rows of a batch.
class copy_text {
public:
  explicit copy_text(std::vector<data_type> types);

  /// Appends one row, with weight +1.
  ///
  /// Input    one line, with or without its line feed
  /// Errors   `errc::invalid_value` not as many fields as types, or an unknown escape; what append_text says. `to` is
  /// of
  ///          no use then.
  /// Cost     O(line); nothing is allocated per row
  status append(std::string_view line, batch& to);

  batch empty_batch() const;
  /// The memory a row of this line takes in a batch, at most.
  std::size_t row_bytes(std::string_view line) const noexcept {
    constexpr std::size_t shortest_big = 38; // digits of a numeric that is kept as text
    return fixed_bytes_ + line.size() + (line.size() < shortest_big ? 0 : big_bytes_);
  }

private:
  status append_field(std::string_view field, bool escaped, column& to);

  std::vector<data_type> types_;
  std::size_t fixed_bytes_;
  std::size_t big_bytes_ = 0;
  std::string unescaped_;
};

} // namespace weir::postgres
