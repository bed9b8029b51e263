#include "actors/rehearsal/worker_connection.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "actors/rehearsal/worker_snapshot.hpp"
#include "actors/rehearsal/worker_stream.hpp"

namespace weir::rehearsal {
namespace {

/// The rows of a source, with the columns that the plan reads.
std::vector<table_row> rows_of(const worker& w, const source_plan& source) {
  std::vector<table_row> out;
  const auto* t = w.find(source.schema, source.table);
  if (t == nullptr) return out;
  const auto& columns = t->shape().is.columns;
  for (const auto& from : t->rows()) {
    auto& to = out.emplace_back();
    for (const auto& wanted : source.columns) {
      const auto at =
          std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == wanted.name; });
      to.push_back(from[static_cast<std::size_t>(at - columns.begin())]);
    }
  }
  return out;
}

} // namespace

worker_connection::worker_connection(stage& s, node_index node, std::shared_ptr<const bool> alive)
    : stage_(s), worker_(s.workers[node.value]), node_(node), alive_(std::move(alive)), number_(++s.connections) {}

status worker_connection::use() const {
  if (!*alive_) return error{errc::connection_lost, "the program is dead"};
  if (worker_.up() && worker_.life() == life_) return {};
  return error{errc::connection_lost, fmt::format("{}: the connection was lost", worker_.name())};
}

bool worker_connection::has_answer() const { return life_ != 0 && (!use() || answer_); }

bool worker_connection::has_news() const {
  return has_answer() || (stream_ != nullptr && !!use() && stream_->has_frames());
}

bool worker_connection::has_read_all() const { return !!use() && stream_ != nullptr && !stream_->has_frames(); }

status worker_connection::connect() {
  if (!*alive_ || !worker_.up())
    return error{errc::connection_failed, fmt::format("{}: connection refused", worker_.name())};
  life_ = worker_.life();
  return {};
}

result<postgres::server_identity> worker_connection::identify() {
  WEIR_TRY(use());
  return postgres::server_identity{fmt::format("7000{}", node_.value), 1, "rehearsal", worker_.end()};
}

result<std::int64_t> worker_connection::clock_offset() {
  WEIR_TRY(use());
  const auto ours = std::chrono::duration_cast<std::chrono::microseconds>(stage_.now.time_since_epoch()).count();
  return stage_.time_us() - ours;
}

/// Distributed transactions have the names that Citus gives them, and all of their parts have one.
result<std::optional<postgres::citus_membership>> worker_connection::citus_membership() {
  WEIR_TRY(use());
  return std::optional(postgres::citus_membership{static_cast<std::uint32_t>(node_.value) + 1, false});
}

result<std::optional<postgres::slot_info>> worker_connection::find_slot(const std::string& name) {
  WEIR_TRY(use());
  const auto found = worker_.slots().find(name);
  if (found == worker_.slots().end()) return std::optional<postgres::slot_info>{};
  postgres::slot_info info;
  info.confirmed = info.restart = found->second.confirmed;
  info.active = found->second.reader != 0;
  info.two_phase = true;
  info.plugin = "pgoutput";
  info.wal_status = "reserved";
  return std::optional(std::move(info));
}

status worker_connection::drop_slot(const std::string& name) {
  WEIR_TRY(use());
  worker_.slots().erase(name);
  return {};
}

result<std::optional<postgres::created_slot>> worker_connection::create_slot(const std::string& name,
                                                                             std::chrono::milliseconds) {
  WEIR_TRY(use());
  if (worker_.slots().contains(name))
    return error{errc::sql_failed, fmt::format("{}: replication slot {} already exists", worker_.name(), name)};
  worker_.slots()[name] = {worker_.end(), 0};
  snapshot_.emplace();
  for (const auto& source : stage_.plan.sources) snapshot_->push_back(rows_of(worker_, source));
  return std::optional(postgres::created_slot{worker_.end(), "snapshot"});
}

result<std::vector<xid>> worker_connection::prepared_transactions() {
  WEIR_TRY(use());
  std::vector<xid> out;
  for (const auto id : worker_.prepared()) out.push_back(xid{id});
  return out;
}

result<std::unique_ptr<snapshot_port>> worker_connection::open_snapshot(const std::string&) {
  WEIR_TRY(use());
  return std::unique_ptr<snapshot_port>(
      new worker_snapshot(stage_.plan, node_, *std::exchange(snapshot_, std::nullopt)));
}

result<std::unique_ptr<stream_port>> worker_connection::start_stream(const postgres::stream_options& options) {
  WEIR_TRY(use());
  const auto found = worker_.slots().find(options.slot);
  if (found == worker_.slots().end())
    return error{errc::slot_missing, fmt::format("{}: there is no slot", worker_.name())};
  if (found->second.reader != 0)
    return error{errc::slot_in_use, fmt::format("{}: the slot is read by another connection", worker_.name())};
  return std::unique_ptr<stream_port>(new worker_stream(*this, found->second, options.slot, options.start));
}

status worker_connection::heartbeat() {
  WEIR_TRY(use());
  worker_.emit_message(stage_.time_us());
  return {};
}

status worker_connection::ask_position() {
  WEIR_TRY(use());
  answer_ = worker_.end();
  return {};
}

result<std::optional<lsn>> worker_connection::position() {
  WEIR_TRY(use());
  return std::exchange(answer_, std::nullopt);
}

} // namespace weir::rehearsal
