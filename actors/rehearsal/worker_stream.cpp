#include "actors/rehearsal/worker_stream.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace weir::rehearsal {

worker_stream::worker_stream(worker_connection& of, worker_slot& slot, std::string name, lsn from)
    : of_(of), name_(std::move(name)), next_(of.worker_.first_at(std::max(from, slot.confirmed))),
      sent_(std::max(from, slot.confirmed)) {
  slot.reader = of.number_;
  of.stream_ = this;
}

worker_stream::~worker_stream() {
  of_.stream_ = nullptr;
  const auto found = of_.worker_.slots().find(name_);
  if (found != of_.worker_.slots().end() && found->second.reader == of_.number_) found->second.reader = 0;
}

result<worker_slot*> worker_stream::slot() {
  WEIR_TRY(of_.use());
  const auto found = of_.worker_.slots().find(name_);
  if (found != of_.worker_.slots().end() && found->second.reader == of_.number_) return &found->second;
  return error{errc::connection_lost, fmt::format("{}: the walsender was terminated", of_.worker_.name())};
}

bool worker_stream::has_frames() const {
  return owes_keepalive_ || next_ < of_.worker_.shown_records() || sent_ < of_.worker_.shown();
}

result<postgres::replication_stream::read_outcome> worker_stream::read(std::vector<std::byte>& out,
                                                                       std::size_t max_bytes) {
  WEIR_TRY(slot());
  postgres::replication_stream::read_outcome outcome;
  const auto& w = of_.worker_;
  while (out.size() < max_bytes && next_ < w.shown_records()) {
    const auto frames = w.frames_of(next_++, told_);
    out.insert(out.end(), frames.begin(), frames.end());
    ++outcome.frames;
    owes_keepalive_ = true;
  }
  if (out.size() >= max_bytes) return outcome;
  if (sent_ < w.shown()) {
    sent_ = w.shown();
    owes_keepalive_ = true;
  }
  if (std::exchange(owes_keepalive_, false)) {
    const auto frame = wire_builder().keepalive(sent_).take();
    out.insert(out.end(), frame.begin(), frame.end());
    ++outcome.frames;
  }
  outcome.drained = true;
  return outcome;
}

status worker_stream::send_feedback(lsn, lsn flushed, bool request_reply) {
  WEIR_ASSIGN(auto* s, slot());
  s->confirmed = std::max(s->confirmed, flushed);
  owes_keepalive_ = owes_keepalive_ || request_reply;
  return {};
}

} // namespace weir::rehearsal
