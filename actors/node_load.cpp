#include "actors/node_load.hpp"

#include <utility>

namespace weir {

result<std::optional<node_load::part>> node_load::next() {
  while (view_ < plan_.views.size()) {
    auto rows = read();
    if (!rows) {
      const bool again = form_ == load_form::aggregated && kind_of(rows.error().code) == failure_kind::poison;
      if (!again) return std::move(rows).error();
      WEIR_TRY(begin_again());
      // Some groups may have been read before the bad row was met.
      return std::optional<part>{{{held_item{held_item::kind::truncate, view_, {}, 0, 0, {}}}, {}, 0}};
    }
    if (*rows) return std::optional{take(**std::move(rows))};
    ++view_;
    started_ = false;
    form_ = load_form::aggregated;
    raw_.reset();
  }
  WEIR_TRY(snapshot_->finish());
  return std::optional<part>{};
}

result<std::optional<batch>> node_load::read() {
  if (!started_) {
    WEIR_TRY(snapshot_->start_view(view_, form_));
    started_ = true;
  }
  return snapshot_->next();
}

status node_load::begin_again() {
  WEIR_TRY(snapshot_->abandon_view());
  const auto& view = plan_.views[view_];
  const auto& source = plan_.sources[view.source];
  WEIR_ASSIGN(auto project, capture::projection::make(view, source.columns.size()));
  raw_.emplace(computation{std::move(project), capture::source_rows(source)});
  form_ = load_form::raw;
  started_ = false;
  return {};
}

node_load::part node_load::take(batch rows) {
  part out;
  out.rows = rows.rows();
  if (!raw_) {
    out.items.push_back(charged(held_item::kind::states, std::make_shared<const batch>(std::move(rows))));
    return out;
  }
  raw_->at_hand.assign(std::move(rows));
  auto made = raw_->project.run(raw_->at_hand);
  if (made.rows) out.items.push_back(charged(held_item::kind::rows, std::move(made.rows)));
  for (auto& f : made.failures) out.dead.push_back({view_, position_, 1, std::move(f.cause), std::move(f.row_text)});
  return out;
}

held_item node_load::charged(held_item::kind what, std::shared_ptr<const batch> rows) {
  const auto bytes = static_cast<std::int64_t>(rows->size_bytes());
  link_->spend(bytes);
  const auto last = static_cast<std::uint32_t>(rows->rows());
  return {what, view_, std::move(rows), 0, last, std::make_shared<node_charge>(link_, bytes)};
}

} // namespace weir
