#include "actors/node_load.hpp"

#include <utility>

#include <poll.h>

#include "runtime/capture/projection.hpp"
#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/snapshot_load.hpp"

namespace weir {
namespace {

constexpr std::size_t batch_bytes = 256U << 10U;
constexpr int wake_up_ms = 1000;

/// Ends a COPY whose reader is to stop; run() does not report it.
error stopped_error() { return {errc::internal, "the load was stopped"}; }

} // namespace

status node_load::run(postgres::connection& sql, const std::string& snapshot) {
  WEIR_TRY(postgres::import_snapshot(sql, snapshot));
  for (std::size_t v = 0; v < plan_.views.size() && !link_->stopped(); ++v) {
    auto outcome = load_view(sql, v);
    if (!outcome && !link_->stopped()) return outcome;
  }
  return link_->stopped() ? status{} : sql.execute("COMMIT");
}

status node_load::load_view(postgres::connection& sql, std::size_t view) {
  WEIR_TRY(sql.execute("SAVEPOINT weir_view"));
  auto outcome = load_aggregated(sql, view);
  if (outcome || kind_of(outcome.error().code) != failure_kind::poison) return outcome;
  WEIR_TRY(sql.execute("ROLLBACK TO SAVEPOINT weir_view"));
  // Some groups may have been read before the bad row was met.
  consume_({held_item{held_item::kind::truncate, view, {}, 0, 0, {}}}, {}, 0);
  return load_raw(sql, view);
}

held_item node_load::charged(held_item::kind what, std::size_t view, std::shared_ptr<const batch> rows) {
  const auto bytes = static_cast<std::int64_t>(rows->size_bytes());
  link_->spend(bytes);
  const auto last = static_cast<std::uint32_t>(rows->rows());
  return {what, view, std::move(rows), 0, last, std::make_shared<node_charge>(link_, bytes)};
}

status node_load::await_credit() {
  while (link_->credit() <= 0 && !link_->stopped()) {
    pollfd wake{link_->wake_fd(), POLLIN, 0};
    poll(&wake, 1, wake_up_ms);
    link_->clear_wake();
  }
  if (link_->stopped()) return stopped_error();
  return {};
}

status node_load::load_aggregated(postgres::connection& sql, std::size_t view) {
  std::vector<data_type> types;
  for (const auto& c : state_layout(plan_.views[view])) types.push_back(c.type);
  const auto select = postgres::aggregated_load_sql(plan_, view, node_, sql);
  return postgres::copy_out(sql, select, types, batch_bytes, [&](batch states) -> status {
    WEIR_TRY(await_credit());
    const auto rows = states.rows();
    consume_({charged(held_item::kind::states, view, std::make_shared<const batch>(std::move(states)))}, {}, rows);
    return {};
  });
}

status node_load::load_raw(postgres::connection& sql, std::size_t view) {
  const auto& source = plan_.sources[plan_.views[view].source];
  std::vector<data_type> types;
  for (const auto& c : source.columns) types.push_back(c.type);
  WEIR_ASSIGN(auto project, capture::projection::make(plan_.views[view], source.columns.size()));
  capture::source_rows at_hand(source);
  return postgres::copy_out(sql, postgres::raw_load_sql(source, sql), types, batch_bytes, [&](batch rows) -> status {
    WEIR_TRY(await_credit());
    const auto count = rows.rows();
    at_hand.assign(std::move(rows));
    auto made = project.run(at_hand);
    std::vector<held_item> items;
    if (made.rows) items.push_back(charged(held_item::kind::rows, view, std::move(made.rows)));
    std::vector<capture::dead_row> dead;
    for (auto& f : made.failures) dead.push_back({view, position_, 1, std::move(f.cause), std::move(f.row_text)});
    consume_(std::move(items), std::move(dead), count);
    return {};
  });
}

} // namespace weir
