#include "actors/rehearsal/worker_snapshot.hpp"

#include <limits>
#include <utility>

#include "runtime/capture/projection.hpp"
#include "runtime/operators/aggregate_delta.hpp"
#include "runtime/plan/aggregate_spec_of.hpp"

namespace weir::rehearsal {

status worker_snapshot::start_view(std::size_t view, load_form form) {
  view_ = view;
  form_ = form;
  given_ = false;
  return {};
}

result<batch> worker_snapshot::source_batch(std::size_t source) const {
  batch out;
  const auto& columns = plan_.sources[source].columns;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    auto& to = out.columns.emplace_back(columns[c].type);
    for (const auto& r : rows_[source]) {
      if (r[c])
        WEIR_TRY(append_text(to, *r[c]));
      else
        to.append_null();
    }
  }
  out.weights.assign(rows_[source].size(), 1);
  return out;
}

/// As a server would: a row that cannot be computed fails the query.
result<std::optional<batch>> worker_snapshot::aggregated(const view_plan& view, batch rows) const {
  capture::source_rows waiting(plan_.sources[view.source]);
  waiting.assign(std::move(rows));
  WEIR_ASSIGN(auto projection, capture::projection::make(view, plan_.sources[view.source].columns.size()));
  const auto made = projection.run(waiting);
  if (!made.failures.empty()) return error{errc::numeric_value_out_of_range, made.failures.front().cause};
  if (!made.rows || made.rows->empty()) return std::optional<batch>{};
  aggregate_delta sums(aggregate_spec_of(view));
  sums.add(node_, *made.rows, 0, made.rows->rows());
  auto drained = sums.drain(std::numeric_limits<std::uint32_t>::max());
  if (drained.states.empty()) return std::optional<batch>{};
  return std::optional(std::move(drained.states.front()));
}

result<std::optional<batch>> worker_snapshot::next() {
  if (std::exchange(given_, true)) return std::optional<batch>{};
  const auto& view = plan_.views[view_];
  WEIR_ASSIGN(auto rows, source_batch(view.source));
  if (rows.empty()) return std::optional<batch>{};
  if (form_ == load_form::raw) return std::optional(std::move(rows));
  return aggregated(view, std::move(rows));
}

} // namespace weir::rehearsal
