#include "tests/sim/world/simulated_stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t send_buffer_bytes = 8'000;
constexpr auto longest_linger = 3s;

} // namespace

simulated_stream::simulated_stream(world& w, simulated_node& node, std::shared_ptr<simulated_link> link,
                                   std::string slot)
    : world_(w), node_(node), link_(std::move(link)), slot_(std::move(slot)), number_(w.next_number()) {}

result<std::unique_ptr<stream_port>> simulated_stream::start(world& w, simulated_node& node,
                                                             std::shared_ptr<simulated_link> link,
                                                             const postgres::stream_options& options) {
  auto* slot = node.slot(options.slot);
  if (slot == nullptr) return error{errc::slot_missing, fmt::format("{}: there is no slot", node.name())};
  if (slot->lost) return error{errc::slot_invalidated, fmt::format("{}: the slot was invalidated", node.name())};
  if (slot->reader != 0 || w.env.now < slot->busy_until)
    return error{errc::slot_in_use, fmt::format("{}: the slot is read by another connection", node.name())};
  std::unique_ptr<simulated_stream> made(new simulated_stream(w, node, std::move(link), options.slot));
  slot->reader = made->number_;
  made->next_ = node.start_at(*slot, options.start);
  made->sent_ = std::max(options.start, slot->confirmed);
  made->flushed_ = slot->confirmed;
  w.env.tell("{} streams from {} (asked for {})", node.name(), to_string(made->sent_), to_string(options.start));
  made->send(relation_frames());
  return std::unique_ptr<stream_port>(std::move(made));
}

simulated_stream::~simulated_stream() {
  auto* slot = node_.slot(slot_);
  if (slot == nullptr || slot->reader != number_) return;
  slot->reader = 0;
  if (world_.env.happens(world_.env.often.walsender_lingers))
    slot->busy_until = world_.env.now + world_.env.some_time(longest_linger);
}

/// The slot, as long as this connection is its reader.
result<simulated_slot*> simulated_stream::slot() {
  WEIR_TRY(link_->use());
  auto* slot = node_.slot(slot_);
  if (slot != nullptr && slot->lost)
    return error{errc::slot_invalidated, fmt::format("{}: the slot was invalidated", node_.name())};
  if (slot == nullptr || slot->reader != number_)
    return error{errc::connection_lost, fmt::format("{}: the walsender was terminated", node_.name())};
  return slot;
}

void simulated_stream::send(test::bytes frames) {
  auto due = world_.env.now + link_->delay();
  if (!in_flight_.empty()) due = std::max(due, in_flight_.back().due);
  for (std::size_t at = 0; at < frames.size();) {
    std::uint32_t length = 0;
    std::memcpy(&length, frames.data() + at, sizeof length);
    const auto first = frames.begin() + static_cast<std::ptrdiff_t>(at);
    at += sizeof length + length;
    in_flight_.push_back({due, {first, frames.begin() + static_cast<std::ptrdiff_t>(at)}});
    bytes_in_flight_ += in_flight_.back().bytes.size();
    // A server that decodes something large tells that it lives; it has not come further by that.
    if (at < frames.size() && world_.env.random.chance(1, 60)) send_keepalive();
  }
}

void simulated_stream::send_keepalive() {
  const auto due = in_flight_.empty() ? world_.env.now + link_->delay() : in_flight_.back().due;
  in_flight_.push_back({due, test::wire_builder().keepalive(sent_).take()});
  bytes_in_flight_ += in_flight_.back().bytes.size();
}

void simulated_stream::take_feedback(simulated_slot& slot) {
  while (!feedback_.empty() && feedback_.front().due <= world_.env.now) {
    const auto f = feedback_.front();
    feedback_.pop_front();
    flushed_ = std::max(flushed_, f.flushed);
    if (f.flushed > slot.confirmed) world_.confirm(node_, slot, f.flushed);
    owes_keepalive_ = owes_keepalive_ || f.request_reply || flushed_ < sent_;
  }
}

/// What the walsender does as often as it can.
status simulated_stream::turn() {
  WEIR_ASSIGN(auto* slot, this->slot());
  take_feedback(*slot);
  const auto& wal = node_.wal();
  for (; next_ < wal.size() && bytes_in_flight_ < send_buffer_bytes; ++next_) {
    send(frames_of(*wal[next_], slot->two_phase_at, told_, world_.shards.buckets()));
    sent_ = std::max(sent_, wal[next_]->end);
    owes_keepalive_ = true;
  }
  if (next_ < wal.size()) return {};
  owes_keepalive_ = owes_keepalive_ || node_.end() > sent_;
  sent_ = std::max(sent_, node_.end());
  if (std::exchange(owes_keepalive_, false)) send_keepalive();
  return {};
}

result<postgres::replication_stream::read_outcome> simulated_stream::read(std::vector<std::byte>& out,
                                                                          std::size_t max_bytes) {
  WEIR_TRY(link_->use());
  postgres::replication_stream::read_outcome outcome;
  outcome.drained = true;
  if (link_->stalled()) return outcome;
  WEIR_TRY(turn());
  while (!in_flight_.empty() && in_flight_.front().due <= world_.env.now) {
    outcome.drained = world_.env.random.chance(1, 30);
    if (outcome.drained || out.size() >= max_bytes) return outcome;
    const auto& bytes = in_flight_.front().bytes;
    WEIR_TRY(link_->use(bytes.size()));
    out.insert(out.end(), bytes.begin(), bytes.end());
    bytes_in_flight_ -= bytes.size();
    in_flight_.pop_front();
    ++outcome.frames;
    outcome.drained = true;
  }
  return outcome;
}

status simulated_stream::send_feedback(lsn, lsn flushed, bool request_reply) {
  WEIR_TRY(link_->use(34));
  auto due = world_.env.now + link_->delay();
  if (!feedback_.empty()) due = std::max(due, feedback_.back().due);
  feedback_.push_back({due, flushed, request_reply});
  return {};
}

void simulated_stream::stop() noexcept {
  // What was sent before the farewell arrives.
  if (const auto slot = this->slot()) {
    for (auto& f : feedback_) f.due = {};
    take_feedback(**slot);
  }
}

} // namespace weir::sim
