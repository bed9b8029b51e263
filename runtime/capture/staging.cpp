#include "runtime/capture/staging.hpp"

#include <utility>

namespace weir::capture {

result<staging> staging::make(const pipeline_plan& plan) {
  staging made;
  for (const auto& source : plan.sources) made.sources_.push_back({source_rows(source)});
  for (std::size_t i = 0; i < plan.views.size(); ++i) {
    const auto& view = plan.views[i];
    WEIR_ASSIGN(auto project, projection::make(view, plan.sources[view.source].columns.size()));
    made.sources_[view.source].views.push_back({i, std::move(project)});
  }
  return made;
}

void staging::add(effect e) {
  staged_.emplace_back(std::move(e));
  segment_ = staged_.size();
}

void staging::add_truncate(std::size_t source) {
  for (const auto& v : sources_[source].views) add(item{item::kind::truncate, v.view, nullptr, 0, 0});
}

status staging::add_row(const binding& bound, const pgoutput::tuple& values, std::int64_t weight) {
  auto& source = sources_[bound.source];
  const auto row = static_cast<std::uint32_t>(source.rows.rows().rows());
  WEIR_TRY(source.rows.append(bound, values, weight));
  if (row == 0 || source.open_run < segment_) {
    source.open_run = staged_.size();
    staged_.emplace_back(run{bound.source, row, row});
  }
  std::get<run>(staged_[source.open_run]).last = row + 1;
  return {};
}

void staging::flush(std::vector<effect>& out) {
  for (auto& source : sources_) {
    if (source.rows.rows().empty()) continue;
    for (auto& v : source.views) {
      v.made = v.project.run(source.rows);
      v.next_row = 0;
      v.next_failure = 0;
    }
  }
  for (auto& s : staged_) {
    if (const auto* rows = std::get_if<run>(&s)) {
      auto& source = sources_[rows->source];
      for (auto& v : source.views) emit(source.rows.rows(), rows->last, v, out);
      continue;
    }
    auto& e = std::get<effect>(s);
    if (const auto* begin = std::get_if<transaction_begin>(&e)) final_lsn_ = begin->final_lsn;
    out.push_back(std::move(e));
  }
  staged_.clear();
  segment_ = 0;
  for (auto& source : sources_) {
    source.rows.clear();
    for (auto& v : source.views) v.made = {};
  }
}

void staging::emit(const batch& source_rows, std::uint32_t last, view_state& view, std::vector<effect>& out) const {
  const auto& origins = view.made.source_rows;
  const auto first = view.next_row;
  if (last == source_rows.rows()) {
    view.next_row = static_cast<std::uint32_t>(origins.size());
  } else {
    while (view.next_row < origins.size() && origins[view.next_row] < last) ++view.next_row;
  }
  if (first < view.next_row) out.push_back(item{item::kind::rows, view.view, view.made.rows, first, view.next_row});
  for (; view.next_failure < view.made.failures.size(); ++view.next_failure) {
    auto& failed = view.made.failures[view.next_failure];
    if (failed.source_row >= last) return;
    out.push_back(dead_row{view.view, final_lsn_, source_rows.weights[failed.source_row], std::move(failed.cause),
                           std::move(failed.row_text)});
  }
}

} // namespace weir::capture
