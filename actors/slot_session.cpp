#include "actors/slot_session.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "runtime/base/mutation.hpp"

namespace weir {

using namespace messages;
using namespace std::chrono_literals;

namespace {

constexpr auto feedback_interval = 200ms;
constexpr auto report_interval = 1s;
constexpr auto heartbeat_interval = 10s;
constexpr auto partitions_interval = 1s;
constexpr auto shapes_interval = 1s;
constexpr auto retention_interval = 5s;
constexpr auto credit_interval = 1s; ///< a look at the link without being woken
constexpr auto slot_wait = 60s;
constexpr auto settle_interval = 50ms; ///< a look at what is prepared
constexpr auto shortest_nudge = 2ms;
constexpr auto longest_nudge = 64ms;
constexpr auto push_nudge = 16ms; ///< when asking alone did not help

std::string load_anew(lsn position) {
  return fmt::format("what happened since {} is lost to this pipeline: run `weir drop` on its definition and start it "
                     "again, which loads its views anew",
                     to_string(position));
}

/// What was read. Little is copied, so that a chunk that waits takes no more memory than it is charged for.
std::vector<std::byte> take(std::vector<std::byte>& buffer) {
  if (buffer.size() >= slot_session::chunk_bytes / 2) return std::exchange(buffer, {});
  std::vector<std::byte> little(buffer);
  buffer.clear();
  return little;
}

} // namespace

slot_session::slot_session(start from, node_port& node)
    : to_(std::move(from)), node_(node),
      slot_(postgres::slot_name(to_.plan->name, to_.plan->nodes[to_.node.value].name)), shapes_(*to_.plan, to_.node) {
  const auto& sources = to_.plan->sources;
  logical_ = to_.plan->capture == capture_mode::logical;
  partitioned_ = to_.plan->capture != capture_mode::tables &&
                 std::any_of(sources.begin(), sources.end(), [](const source_plan& p) { return p.partitioned; });
}

result<slot_session::pause> slot_session::step(instant now, std::vector<slot_report>& out) {
  if (to_.link->stopped()) {
    if (stream_) {
      const auto confirmed = to_.link->confirmed();
      WEIR_TRY(stream_->send_feedback(confirmed, confirmed, false));
      stream_->stop();
      stream_.reset();
    }
    stage_ = stage::over;
  }
  return go_on(now, out);
}

result<slot_session::pause> slot_session::go_on(instant now, std::vector<slot_report>& out) {
  switch (stage_) {
    case stage::connect:
      WEIR_TRY(node_.connect());
      stage_ = stage::check;
      return pause{};
    case stage::check: return check(now, out);
    case stage::make_slot: return make_slot(now, out);
    case stage::load: return load(now, out);
    case stage::settle: return settle(now, out);
    case stage::stream: return read(now, out);
    case stage::over: break;
  }
  return pause{pause::reason::over, now};
}

// ---- before anything is read

result<slot_session::pause> slot_session::check(instant now, std::vector<slot_report>& out) {
  WEIR_TRY(identify(out));
  WEIR_TRY(node_.check_server());
  WEIR_ASSIGN(const auto offset_us, node_.clock_offset());
  if (to_.resume.position) {
    WEIR_TRY(check_slot());
    // What is missing from the publication now was missing from the stream: not to be repaired in silence.
    WEIR_TRY(verify_publication());
  }
  WEIR_TRY(node_.ensure_publication());
  if (logical_) WEIR_TRY(node_.check_translation());
  if (logical_ && to_.resume.position) WEIR_TRY(check_unwatched());
  WEIR_ASSIGN(const auto citus, node_.citus_membership());
  out.emplace_back(node_described{to_.node, offset_us, citus});
  if (to_.resume.position) return start_stream(*to_.resume.position, now, out);
  stage_ = stage::make_slot;
  return pause{};
}

/// Positions are only worth something on the server they were read from.
status slot_session::identify(std::vector<slot_report>& out) {
  WEIR_ASSIGN(const auto identity, node_.identify());
  const bool known = to_.identity && !to_.identity->system_id.empty();
  if (known && identity.system_id != to_.identity->system_id)
    return error{errc::wrong_server,
                 fmt::format("{} is another server than before (system identifier {}, was {}): the position {} of "
                             "slot {} means nothing there",
                             node_.address(), identity.system_id, to_.identity->system_id,
                             to_.resume.position ? to_string(*to_.resume.position) : "-", slot_),
                 "point the node at the old server, or run `weir drop` and start again to load it anew"};
  if (known && to_.resume.position) WEIR_TRY(check_history(identity));
  WEIR_TRY(shapes_.begin(node_, known && to_.resume.position ? to_.identity->shapes : std::string()));
  if (to_.doubt && to_.resume.position) return error{errc::source_rewritten, to_.doubt->message, to_.doubt->hint};
  // Only now: a frontier that is written after this names the server's present timeline, and its tables as they are.
  identified_ = {to_.node, slot_, identity.system_id, identity.timeline, shapes_.text()};
  out.emplace_back(identified_);
  return {};
}

/// A server that was promoted has all of its predecessor's WAL up to where it left that timeline, and no more.
status slot_session::check_history(const postgres::server_identity& identity) {
  const auto before = to_.identity->timeline;
  if (before == 0 || before == identity.timeline) return {};
  WEIR_ASSIGN(const auto history, node_.timeline_history(identity.timeline));
  const auto was_read = [&](const auto& end) { return end.timeline == before; };
  const bool was_there = std::any_of(history.begin(), history.end(), was_read);
  const auto left = std::find_if(history.begin(), history.end(),
                                 [&](const auto& end) { return end.timeline >= before && end.end < to_.resume.known; });
  if (was_there && left == history.end()) return check_copied_slot();
  const auto where = !was_there ? std::string("it never was on that timeline")
                                : fmt::format("it left timeline {} at {}", left->timeline, to_string(left->end));
  return error{errc::history_lost,
               fmt::format("{} is on timeline {} and lacks WAL that was read before a failover: timeline {} was read "
                           "up to {}, and {}",
                           node_.address(), identity.timeline, before, to_string(to_.resume.known), where),
               "the views hold transactions that this server does not have: run `weir drop` on the definition and "
               "start it again, which loads its views anew"};
}

/// The slot of a server that was promoted came there as a file, by other hands. It is whole if the snapshot is there
/// that decoding begins with; else what was committed until the server could make one would be missing, without a word.
status slot_session::check_copied_slot() {
  WEIR_ASSIGN(const auto slot, node_.find_slot(slot_));
  if (!slot || slot->wal_status == "lost") return {}; // check_slot() has the words for it
  WEIR_ASSIGN(const auto whole, node_.has_decoding_snapshot(slot->restart));
  if (whole.value_or(true)) return {};
  return error{errc::slot_invalidated,
               fmt::format("replication slot {} on {} was copied there without the snapshot of catalogs that decoding "
                           "from {} begins with",
                           slot_, node_.address(), to_string(slot->restart)),
               load_anew(*to_.resume.position)};
}

status slot_session::check_slot() {
  WEIR_ASSIGN(const auto slot, node_.find_slot(slot_));
  const auto address = node_.address();
  const auto cure = load_anew(*to_.resume.position);
  if (!slot || !slot->of_this_database)
    return error{errc::slot_missing, fmt::format("replication slot {} is gone from {}", slot_, address), cure};
  if (slot->wal_status == "lost")
    return error{errc::slot_invalidated,
                 fmt::format("replication slot {} on {} was invalidated: the server removed WAL that it needed "
                             "(max_slot_wal_keep_size)",
                             slot_, address),
                 cure};
  if (!slot->two_phase)
    return error{errc::slot_missing,
                 fmt::format("replication slot {} on {} was not made by weir: it lacks two_phase", slot_, address),
                 cure};
  if (to_.resume.slot_not_beyond && slot->confirmed > *to_.resume.slot_not_beyond)
    return error{errc::slot_invalidated,
                 fmt::format("replication slot {} on {} was advanced to {} by someone else; the views hold {}", slot_,
                             address, to_string(slot->confirmed), to_string(*to_.resume.slot_not_beyond)),
                 cure};
  return {};
}

// ---- the first load

result<slot_session::pause> slot_session::make_slot(instant now, std::vector<slot_report>& out) {
  if (!dropped_) {
    report(node_phase::loading, now, out);
    WEIR_TRY(node_.drop_slot(slot_));
    dropped_ = true;
  }
  WEIR_ASSIGN(const auto wait, look_before_slot(now));
  if (wait) return *wait;
  WEIR_ASSIGN(made_, node_.create_slot(slot_, slot_wait));
  if (!made_) return pause{};
  if (to_.plan->consistency == consistency::transaction || to_.plan->capture == capture_mode::raw) {
    WEIR_ASSIGN(undecided_, node_.prepared_transactions());
    had_undecided_ = !undecided_.empty();
  }
  WEIR_ASSIGN(auto snapshot, node_.open_snapshot(made_->snapshot));
  WEIR_ASSIGN(auto owned, snapshot->owned());
  if (owned) owned_ = std::make_shared<const ownership>(*std::move(owned));
  WEIR_TRY(compare_at_snapshot());
  out.emplace_back(load_started{to_.node, to_.incarnation});
  load_.emplace(*to_.plan, to_.node, made_->consistent_point, to_.link, std::move(snapshot));
  stage_ = stage::load;
  return pause{};
}

result<slot_session::pause> slot_session::load(instant now, std::vector<slot_report>& out) {
  if (to_.link->credit() <= 0) return pause{pause::reason::link, now + credit_interval};
  WEIR_ASSIGN(auto part, load_->next());
  if (part) {
    rows_loaded_ += part->rows;
    out.emplace_back(load_rows{to_.node, to_.incarnation, std::move(part->items), std::move(part->dead)});
    if (now >= next_report_) report(node_phase::loading, now, out);
    return pause{};
  }
  load_.reset();
  stage_ = stage::settle;
  return pause{};
}

/// A slot tells nothing of what was prepared while it was made until that is decided. Such a part of a distributed
/// transaction must not be missing from the first cut if that shows the others: the load ends when none is left.
result<slot_session::pause> slot_session::settle(instant now, std::vector<slot_report>& out) {
  if (!undecided_.empty()) {
    WEIR_ASSIGN(const auto prepared, node_.prepared_transactions());
    std::erase_if(undecided_,
                  [&](xid id) { return std::find(prepared.begin(), prepared.end(), id) == prepared.end(); });
    if (now >= next_report_) report(node_phase::loading, now, out);
    if (!undecided_.empty()) return pause{pause::reason::link, now + settle_interval};
  }
  WEIR_TRY(check_moves_since());
  out.emplace_back(load_ended{to_.node, to_.incarnation, made_->consistent_point, owned_});
  return start_stream(made_->consistent_point, now, out);
}

/// A move that was prepared when the slot was made comes with its decision; what others wrote to the shard before that
/// comes earlier, and would be taken for another node's. Then the load is begun again.
status slot_session::check_moves_since() {
  if (logical_ || !owned_ || !had_undecided_) return {};
  WEIR_ASSIGN(const auto now, node_.owned_now());
  if (!now) return {};
  for (std::size_t source = 0; source < to_.plan->sources.size(); ++source) {
    const auto before = owned_->owned(source);
    const auto after = now->owned(source);
    const auto same = [](const shard* a, const shard* b) { return a->id == b->id; };
    if (!std::equal(before.begin(), before.end(), after.begin(), after.end(), same))
      return error{errc::ownership_unclear,
                   fmt::format("shards of {} moved while the slot was made", to_.plan->sources[source].name),
                   "the node is loaded again"};
  }
  return {};
}

// ---- the stream

/// What the node owns where the stream begins: as it was read, or as it was recorded.
status slot_session::tell_ownership(std::vector<slot_report>& out) {
  if (owned_) partitions_ = owned_->partitions;
  if (logical_) return {};
  if (owned_) {
    out.emplace_back(stream_begins{std::make_shared<const ownership_tracker>(*owned_), shapes_.tables()});
  } else if (to_.resume.ownership) {
    WEIR_ASSIGN(auto tracker, ownership_tracker::parse(*to_.resume.ownership));
    WEIR_TRY(node_.refresh_tables(tracker));
    partitions_ = tracker.committed().partitions;
    out.emplace_back(stream_begins{std::make_shared<const ownership_tracker>(std::move(tracker)), shapes_.tables()});
  } else {
    out.emplace_back(stream_begins{nullptr, shapes_.tables()});
  }
  return {};
}

result<slot_session::pause> slot_session::start_stream(lsn position, instant now, std::vector<slot_report>& out) {
  WEIR_TRY(tell_ownership(out));
  const postgres::stream_options options{slot_, postgres::publication_name(to_.plan->name), position};
  WEIR_ASSIGN(stream_, node_.start_stream(options));
  stage_ = stage::stream;
  next_heartbeat_ = now + heartbeat_interval;
  report(node_phase::streaming, now, out);
  return pause{};
}

void slot_session::report(node_phase phase, instant now, std::vector<slot_report>& out, std::optional<lsn> flushed) {
  next_report_ = now + report_interval;
  out.emplace_back(
      node_progress{to_.node, to_.incarnation, phase, rows_loaded_, to_.link->confirmed(), std::move(flushed)});
}

wire_chunk slot_session::hand_over() {
  const auto bytes = static_cast<std::int64_t>(buffer_.size());
  if (!mutated(mutation::credit_never_spent)) to_.link->spend(bytes);
  auto charge = std::make_shared<node_charge>(to_.link, bytes);
  return {take(buffer_), std::move(charge)};
}

result<slot_session::pause> slot_session::read(instant now, std::vector<slot_report>& out) {
  WEIR_TRY(housekeeping(now, out));
  if (to_.link->credit() <= 0) return pause{pause::reason::link, next_due()};
  const auto before = buffer_.size();
  if (before == 0) {
    buffer_.reserve(chunk_bytes + 4096);
    oldest_ = now;
  }
  if (logical_ && before >= chunk_bytes) { // it waits for the catalogs
    WEIR_ASSIGN(const auto wait, wait_for_translation(now, out));
    if (!wait) out.emplace_back(hand_over());
    return wait.value_or(pause{});
  }
  WEIR_ASSIGN(const auto outcome, stream_->read(buffer_, chunk_bytes));
  drained_ = outcome.drained;
  const bool more = buffer_.size() < chunk_bytes && pacer_.reads_on(buffer_.size() - before, oldest_, now);
  if (more) return outcome.drained ? pause{pause::reason::chunk, now + postgres::read_pacer::linger} : pause{};
  if (logical_ && !buffer_.empty()) {
    WEIR_ASSIGN(const auto wait, wait_for_translation(now, out));
    if (wait) return *wait;
  }
  if (!buffer_.empty()) out.emplace_back(hand_over());
  return outcome.drained ? pause{pause::reason::stream, next_due()} : pause{};
}

// ---- what is due by the clock

status slot_session::housekeeping(instant now, std::vector<slot_report>& out) {
  sample_wanted_ = to_.link->take_sample_request() || sample_wanted_;
  WEIR_TRY(take_position(now, out));
  WEIR_TRY(ask_if_due(now));
  WEIR_TRY(feedback_if_due(now));
  WEIR_TRY(partitions_if_due(now));
  WEIR_TRY(shapes_if_due(now, out));
  WEIR_TRY(translation_if_due(now, out));
  WEIR_TRY(retention_if_due(now, out));
  return heartbeat_if_due(now);
}

status slot_session::retention_if_due(instant now, std::vector<slot_report>& out) {
  if (now < next_retention_ || position_.asked) return {};
  next_retention_ = now + retention_interval;
  WEIR_ASSIGN(const auto kept, node_.retention(slot_));
  if (kept) out.emplace_back(wal_kept{to_.node, to_.incarnation, {kept->kept_bytes, kept->safe_bytes}});
  return {};
}

/// Partitions that come or go with their rows, or lose them by themselves, say nothing of it in the stream.
status slot_session::partitions_if_due(instant now) {
  if (!partitioned_ || now < next_partitions_ || position_.asked) return {};
  next_partitions_ = now + partitions_interval;
  WEIR_ASSIGN(const auto leaves, node_.partitions());
  if (follow_partitions(partitions_, leaves)) return {};
  return error{errc::source_reshaped, "a partition of a source was attached, detached, dropped or truncated",
               "nothing is lost: the views are read anew"};
}

/// What ALTER TABLE did is not in the stream either.
status slot_session::shapes_if_due(instant now, std::vector<slot_report>& out) {
  if (now < next_shapes_ || position_.asked) return {};
  next_shapes_ = now + shapes_interval;
  WEIR_ASSIGN(const bool changed, shapes_.look(node_));
  // A list of columns in the publication that lacks one of the identity makes every UPDATE of the table fail.
  if (shapes_.take_identity_changed()) WEIR_TRY(node_.ensure_publication());
  if (!changed) return {};
  identified_.shapes = shapes_.text();
  out.emplace_back(identified_);
  return {};
}

status slot_session::ask_if_due(instant now) {
  if (position_.asked || (!sample_wanted_ && now < next_report_)) return {};
  WEIR_TRY(node_.ask_position());
  position_ = {true, std::exchange(sample_wanted_, false), now >= next_report_};
  return {};
}

status slot_session::take_position(instant now, std::vector<slot_report>& out) {
  if (!position_.asked) return {};
  WEIR_ASSIGN(const auto position, node_.position());
  if (!position) return {};
  if (position_.for_report) report(node_phase::streaming, now, out, *position);
  if (position_.for_sample) {
    to_.link->await();
    const auto sample = mutated(mutation::sample_before_question) ? to_.link->confirmed() : *position;
    out.emplace_back(position_sampled{to_.node, to_.incarnation, sample});
    nudge_pause_ = shortest_nudge;
    next_nudge_ = now;
  }
  position_ = {};
  return {};
}

/// The slot may forget what is durable in the target, nothing else. Reporting no more as received makes an idle
/// walsender tell its position; while somebody waits for the stream to pass a sample, it is asked to.
status slot_session::feedback_if_due(instant now) {
  const bool nudges = to_.link->awaited() && now >= next_nudge_;
  if (now < next_feedback_ && !nudges) return {};
  const auto confirmed = to_.link->confirmed();
  WEIR_TRY(stream_->send_feedback(confirmed, confirmed, nudges));
  next_feedback_ = now + feedback_interval;
  if (!nudges) return {};
  // The end of the flushed WAL may lie inside a record: nobody passes it until more is flushed, which on an idle server
  // takes until its next background snapshot. A message that is committed flushes at once.
  const bool push = nudge_pause_ == push_nudge && drained_ && !position_.asked;
  next_nudge_ = now + nudge_pause_;
  nudge_pause_ = std::min<std::chrono::milliseconds>(2 * nudge_pause_, longest_nudge);
  return push ? node_.heartbeat() : status{};
}

status slot_session::heartbeat_if_due(instant now) {
  if (now < next_heartbeat_ || position_.asked) return {};
  next_heartbeat_ = now + heartbeat_interval;
  auto published = verify_publication();
  if (published) return node_.heartbeat();
  return published.error().code == errc::source_reshaped ? translation_fails(std::move(published).error()) : published;
}

slot_session::instant slot_session::next_due() const {
  auto due = next_feedback_;
  if (to_.link->awaited()) due = std::min(due, next_nudge_);
  // What needs the connection that was asked waits for the answer.
  if (position_.asked) return due;
  if (partitioned_) due = std::min(due, next_partitions_);
  if (logical_) due = std::min(due, next_translation_);
  return std::min({due, next_heartbeat_, next_report_, next_retention_, next_shapes_});
}

} // namespace weir
