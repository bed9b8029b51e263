#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/capture/binding.hpp"
#include "runtime/pgoutput/row_change.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::capture {

/// A value of the wire that its type does not take. The row holds a null in its place.
struct bad_value {
  std::uint32_t row = 0;
  std::size_t column = 0;
  std::string cause;
  std::string row_text;
};

/// The rows of one source that wait to be projected, in the order they came.
///
/// Invariant   `bad()` is ordered by row.
class source_rows {
public:
  explicit source_rows(const source_plan& plan);

  /// Input    a tuple of the relation that was bound; none of the source's columns is 'u'.
  /// Errors   `errc::unsupported` a value in binary · `errc::invalid_value` an unchanged value without an old one
  status append(const binding& bound, const pgoutput::tuple& values, std::int64_t weight);
  void clear() noexcept;
  /// Takes rows that were parsed already (those of a snapshot), in place of all it held. Columns: the plan's.
  void assign(batch rows);

  const source_plan& plan() const noexcept { return plan_; }
  const batch& rows() const noexcept { return rows_; }
  const std::vector<bad_value>& bad() const noexcept { return bad_; }
  /// About as much memory as the rows take.
  std::size_t size_bytes() const noexcept { return fixed_bytes_ * rows_.rows() + text_bytes_; }

  /// "id=1, note=NULL": a row for people; long values are cut.
  std::string row_text(std::size_t row) const;

private:
  void add_bad(const binding& bound, const pgoutput::tuple& values, std::size_t column, std::string cause);

  source_plan plan_;
  batch rows_;
  std::vector<bad_value> bad_;
  std::size_t fixed_bytes_ = 0;
  std::size_t text_bytes_ = 0;
};

} // namespace weir::capture
