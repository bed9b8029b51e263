#include "tests/sim/world/node_connection.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/world/simulated_snapshot.hpp"
#include "tests/sim/world/simulated_stream.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {

node_connection::node_connection(world& w, simulated_node& node, std::string holder, std::shared_ptr<const bool> alive)
    : world_(w), node_(node), holder_(std::move(holder)), number_(w.next_number()),
      link_(std::make_shared<simulated_link>(w.env, node, std::move(alive))) {}

node_connection::~node_connection() {
  if (!making_) return;
  const auto* taken = node_.slot(making_->slot);
  if (taken != nullptr && taken->reader == number_) node_.drop_slot(making_->slot);
}

result<postgres::server_identity> node_connection::identify() {
  WEIR_TRY(link_->use(100));
  return postgres::server_identity{node_.system_id(), node_.timeline(), "sim", node_.flushed()};
}

result<std::vector<postgres::timeline_end>> node_connection::timeline_history(std::int32_t) {
  WEIR_TRY(link_->use(100));
  return node_.history();
}

result<std::int64_t> node_connection::clock_offset() {
  WEIR_TRY(link_->use(100));
  const auto ours = std::chrono::duration_cast<std::chrono::microseconds>(world_.env.now.time_since_epoch()).count();
  return node_.time_us() - ours;
}

result<std::optional<postgres::citus_membership>> node_connection::citus_membership() {
  WEIR_TRY(link_->use(100));
  return world_.membership_of(node_);
}

result<std::optional<postgres::slot_info>> node_connection::find_slot(const std::string& name) {
  WEIR_TRY(link_->use(100));
  const auto* slot = node_.slot(name);
  if (slot == nullptr) return std::optional<postgres::slot_info>{};
  postgres::slot_info info;
  info.confirmed = slot->confirmed;
  info.restart = slot->confirmed;
  for (const auto& [gid, prepared] : node_.prepared()) info.restart = std::min(info.restart, prepared->start);
  info.active = slot->reader != 0;
  info.two_phase = true;
  info.plugin = "pgoutput";
  info.wal_status = slot->lost ? "lost" : "reserved";
  return std::optional{std::move(info)};
}

status node_connection::drop_slot(const std::string& name) {
  WEIR_TRY(link_->use(100));
  world_.dropping(node_, holder_);
  node_.drop_slot(name);
  return {};
}

result<std::optional<postgres::created_slot>> node_connection::create_slot(const std::string& name,
                                                                           std::chrono::milliseconds lock_wait) {
  WEIR_TRY(link_->use(100));
  if (!making_) {
    if (node_.slot(name) != nullptr)
      return error{errc::sql_failed, fmt::format("{}: replication slot {} already exists", node_.name(), name)};
    making_.emplace(awaited{name, {}, world_.env.now + lock_wait});
    for (const auto& [gid, prepared] : node_.prepared()) making_->prepared.insert(gid);
    node_.create_slot(name).reader = number_;
  }
  const auto* taken = node_.slot(name);
  if (taken == nullptr || taken->reader != number_)
    return error{errc::connection_lost, fmt::format("{}: the walsender was terminated", node_.name())};
  std::erase_if(making_->prepared, [&](const std::string& gid) { return !node_.prepared().contains(gid); });
  if (!making_->prepared.empty() && world_.env.now >= making_->give_up)
    return error{errc::timeout, fmt::format("{}: the slot could not be made: it waits for prepared transaction {}",
                                            node_.name(), *making_->prepared.begin())};
  if (!making_->prepared.empty() || world_.env.random.chance(1, 3)) return std::optional<postgres::created_slot>{};
  making_.reset();
  const auto& slot = node_.create_slot(name);
  snapshot_ = node_.rows_to_read();
  owned_ = node_.owned();
  world_.loaded(node_, slot.confirmed);
  return std::optional{postgres::created_slot{slot.confirmed, "snapshot"}};
}

result<std::vector<xid>> node_connection::prepared_transactions() {
  WEIR_TRY(link_->use(100));
  std::vector<xid> ids;
  for (const auto& [gid, prepared] : node_.prepared()) ids.push_back(xid{prepared->id});
  return ids;
}

result<std::unique_ptr<snapshot_port>> node_connection::open_snapshot(const std::string&) {
  WEIR_TRY(link_->use(100));
  return std::unique_ptr<snapshot_port>(new simulated_snapshot(world_.env, world_.plan(), node_.index(),
                                                               *std::exchange(snapshot_, std::nullopt),
                                                               std::exchange(owned_, std::nullopt), link_));
}

status node_connection::refresh_tables(ownership_tracker& of) {
  WEIR_TRY(link_->use(100));
  for (const auto& [id, oid] : node_.tables())
    if (of.now().find(id) != nullptr) of.remember_table(id, fmt::format("orders_{}", id), oid);
  return {};
}

result<std::optional<ownership>> node_connection::owned_now() {
  WEIR_TRY(link_->use(100));
  return node_.owned();
}

result<std::unique_ptr<stream_port>> node_connection::start_stream(const postgres::stream_options& options) {
  WEIR_TRY(link_->use(100));
  return simulated_stream::start(world_, node_, link_, options);
}

status node_connection::heartbeat() {
  WEIR_TRY(link_->use(100));
  node_.emit_message();
  return {};
}

status node_connection::ask_position() {
  WEIR_TRY(link_->use(100));
  asked_ = question{world_.env.now + link_->delay(), node_.flushed()};
  return {};
}

result<std::optional<lsn>> node_connection::position() {
  WEIR_TRY(link_->use());
  if (link_->stalled() || world_.env.now < asked_->due) return std::optional<lsn>{};
  return std::optional{std::exchange(asked_, std::nullopt)->answer};
}

} // namespace weir::sim
