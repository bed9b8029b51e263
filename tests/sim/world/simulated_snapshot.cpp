#include "tests/sim/world/simulated_snapshot.hpp"

#include <utility>

#include "runtime/operators/aggregate_delta.hpp"
#include "runtime/plan/aggregate_spec_of.hpp"
#include "tests/sim/world/sample_plan.hpp"

namespace weir::sim {

result<std::optional<ownership>> simulated_snapshot::owned() {
  WEIR_TRY(link_->use(100));
  return owned_;
}

status simulated_snapshot::start_view(std::size_t view, load_form form) {
  WEIR_TRY(link_->use(100));
  view_ = view;
  form_ = form;
  at_ = rows_.begin();
  refuses_ = form == load_form::aggregated && env_.happens(env_.often.load_refused);
  return {};
}

status simulated_snapshot::abandon_view() { return link_->use(100); }

result<std::optional<batch>> simulated_snapshot::next() {
  WEIR_TRY(link_->use(100));
  if (refuses_ && env_.random.chance(1, 2)) return error{errc::numeric_value_out_of_range, "bigint out of range"};
  if (at_ == rows_.end()) return std::optional<batch>{};
  const auto& view = plan_.views[view_];
  const bool raw = form_ == load_form::raw;
  batch rows;
  if (raw)
    for (const auto& c : plan_.sources[view.source].columns) rows.columns.emplace_back(c.type);
  else
    for (const auto* e : {&view.keys[0], &view.inputs[0]}) rows.columns.emplace_back(e->type);
  for (auto left = 1 + env_.random.below(20); left > 0 && at_ != rows_.end(); --left, ++at_) {
    const auto& [id, row] = *at_;
    if (!raw && !in_view(view_, row)) continue;
    std::size_t c = 0;
    if (raw) rows.columns[c++].append_i64(id);
    rows.columns[c++].append_bytes(row.region);
    rows.columns[c].append_i64(row.amount);
    rows.weights.push_back(1);
  }
  WEIR_TRY(link_->use(rows.size_bytes()));
  if (rows.empty()) return next();
  if (raw) return std::optional{std::move(rows)};
  aggregate_delta aggregated(aggregate_spec_of(view));
  aggregated.add(node_, rows, 0, static_cast<std::uint32_t>(rows.rows()));
  return std::optional{std::move(aggregated.drain(1'000'000).states.front())};
}

} // namespace weir::sim
