#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/capture/binding.hpp"
#include "runtime/capture/effect.hpp"
#include "runtime/capture/projection.hpp"
#include "runtime/capture/source_rows.hpp"
#include "runtime/pgoutput/row_change.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::capture {

/// Effects that wait, in order, until the rows between them are enough to be worth projecting together.
///
/// Rows of many small transactions are projected as one batch per view, and each transaction gets its slice.
class staging {
public:
  /// Errors   those of evaluator::make
  static result<staging> make(const pipeline_plan& plan);

  /// A begin, an end, a decision or a progress: rows staged later come after it.
  void add(effect e);
  /// One truncate for each view on the source.
  void add_truncate(std::size_t source);
  /// Errors   those of source_rows::append
  status add_row(const binding& bound, const pgoutput::tuple& values, std::int64_t weight);

  const source_plan& plan(std::size_t source) const noexcept { return sources_[source].rows.plan(); }
  std::size_t row_count(std::size_t source) const noexcept { return sources_[source].rows.rows().rows(); }
  std::size_t size_bytes(std::size_t source) const noexcept { return sources_[source].rows.size_bytes(); }

  /// Appends everything that waits to `out`.
  void flush(std::vector<effect>& out);

private:
  /// Rows [first, last) of a source, between two staged effects.
  struct run {
    std::size_t source = 0;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  using staged = std::variant<run, effect>;

  struct view_state {
    std::size_t view = 0;
    projection project;
    projected made = {};
    std::uint32_t next_row = 0; ///< of made.rows: handed out up to here
    std::size_t next_failure = 0;
  };

  struct source_state {
    source_rows rows;
    std::vector<view_state> views = {};
    std::size_t open_run = 0; ///< into staged_, if not before segment_
  };

  void emit(const batch& source_rows, std::uint32_t last, view_state& view, std::vector<effect>& out) const;

  std::vector<source_state> sources_;
  std::vector<staged> staged_;
  std::size_t segment_ = 0; ///< runs of staged_ before this one are closed
  lsn final_lsn_;           ///< of the last transaction handed out
};

} // namespace weir::capture
