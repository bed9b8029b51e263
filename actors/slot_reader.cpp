#include "actors/slot_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include <caf/all.hpp>
#include <fmt/format.h>
#include <poll.h>

#include "actors/node_load.hpp"
#include "runtime/cluster/about_node.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/read_pacer.hpp"
#include "runtime/postgres/replication_stream.hpp"

namespace weir {
namespace {

using namespace messages;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::size_t chunk_bytes = 256U << 10U;
constexpr std::size_t wake_bytes = 64U << 10U;
constexpr auto feedback_interval = 200ms;
constexpr auto report_interval = 1s;
constexpr auto heartbeat_interval = 10s;
constexpr auto slot_wait = 60s;

/// One life of a slot reader, from connecting to the error or stop that ends it.
class session {
public:
  session(caf::event_based_actor* self, slot_reader_arguments arguments) : self_(self), to_(std::move(arguments)) {}

  status run() {
    WEIR_ASSIGN(auto replication, connect(true));
    WEIR_ASSIGN(auto sql, connect(false));
    WEIR_TRY(identify(replication));
    WEIR_TRY(postgres::check_server(sql, node()));
    WEIR_ASSIGN(const auto offset_us, postgres::clock_offset(sql));
    self_->send(to_.watermark, node_clock{to_.node, offset_us});
    auto start = to_.resume.position;
    if (start) {
      WEIR_TRY(check_slot(sql));
      // What is missing from the publication now was missing from the stream: not to be repaired in silence.
      WEIR_TRY(postgres::verify_publication(sql, *to_.plan, node()));
    }
    WEIR_TRY(postgres::ensure_publication(sql, *to_.plan, node()));
    // A reader that was replaced while it connected must not drop the slot that its successor has made.
    if (to_.link->stopped()) return {};
    if (!start) {
      WEIR_ASSIGN(start, load(replication, sql));
      if (to_.link->stopped()) return {};
    }
    const postgres::stream_options options{slot_, postgres::publication_name(to_.plan->name), *start};
    WEIR_ASSIGN(auto stream, postgres::replication_stream::start(std::move(replication), options));
    return pump(stream, sql);
  }

private:
  const node_spec& node() const { return to_.plan->nodes[to_.node.value]; }

  result<postgres::connection> connect(bool replication) {
    postgres::connect_options options;
    options.application_name = fmt::format("weir {} {}", to_.plan->name, node().name);
    options.replication = replication;
    return postgres::connection::open(node().conninfo, options);
  }

  /// Positions are only worth something on the server they were read from.
  status identify(postgres::connection& replication) {
    WEIR_ASSIGN(const auto identity, postgres::identify(replication));
    slot_ = postgres::slot_name(to_.plan->name, node().name);
    const bool known = to_.identity && !to_.identity->system_id.empty();
    if (known && identity.system_id != to_.identity->system_id)
      return error{errc::wrong_server,
                   fmt::format("{} is another server than before (system identifier {}, was {}): the position {} of "
                               "slot {} means nothing there",
                               replication.address(), identity.system_id, to_.identity->system_id,
                               to_.resume.position ? to_string(*to_.resume.position) : "-", slot_),
                   "point the node at the old server, or run `weir drop` and start again to load it anew"};
    const node_identified identified{to_.node, slot_, identity.system_id, identity.timeline};
    self_->send(to_.writer, identified);
    self_->send(to_.supervisor, identified);
    return {};
  }

  status check_slot(postgres::connection& sql) {
    WEIR_ASSIGN(const auto slot, postgres::find_slot(sql, slot_));
    const auto cure = fmt::format("what happened since {} is lost to this pipeline: run `weir drop` on its definition "
                                  "and start it again, which loads its views anew",
                                  to_string(*to_.resume.position));
    if (!slot)
      return error{errc::slot_missing, fmt::format("replication slot {} is gone from {}", slot_, sql.address()), cure};
    if (slot->wal_status == "lost")
      return error{errc::slot_invalidated,
                   fmt::format("replication slot {} on {} was invalidated: the server removed WAL that it needed "
                               "(max_slot_wal_keep_size)",
                               slot_, sql.address()),
                   cure};
    if (!slot->two_phase)
      return error{
          errc::slot_missing,
          fmt::format("replication slot {} on {} was not made by weir: it lacks two_phase", slot_, sql.address()),
          cure};
    if (to_.resume.slot_not_beyond && slot->confirmed > *to_.resume.slot_not_beyond)
      return error{errc::slot_invalidated,
                   fmt::format("replication slot {} on {} was advanced to {} by someone else; the views hold {}", slot_,
                               sql.address(), to_string(slot->confirmed), to_string(*to_.resume.slot_not_beyond)),
                   cure};
    return {};
  }

  result<lsn> load(postgres::connection& replication, postgres::connection& sql) {
    report(node_phase::loading);
    WEIR_TRY(postgres::drop_slot(sql, slot_));
    WEIR_TRY(postgres::check_free_slot(sql, node(), slot_));
    WEIR_ASSIGN(const auto made, postgres::create_slot(replication, sql, node(), slot_, slot_wait));
    self_->send(to_.watermark, load_started{to_.node, to_.incarnation});
    const auto consume = [this](std::vector<held_item> items, std::vector<capture::dead_row> dead, std::uint64_t rows) {
      rows_loaded_ += rows;
      self_->send(to_.watermark, load_rows{to_.node, to_.incarnation, std::move(items), std::move(dead)});
      if (steady::now() >= next_report_) report(node_phase::loading);
    };
    node_load loader(*to_.plan, to_.node, made.consistent_point, to_.link, consume);
    WEIR_TRY(loader.run(sql, made.snapshot));
    if (to_.link->stopped()) return made.consistent_point;
    self_->send(to_.watermark, load_ended{to_.node, to_.incarnation, made.consistent_point});
    return made.consistent_point;
  }

  void report(node_phase phase, std::optional<lsn> flushed = {}) {
    next_report_ = steady::now() + report_interval;
    self_->send(to_.supervisor,
                node_progress{to_.node, to_.incarnation, phase, rows_loaded_, to_.link->confirmed(), flushed});
  }

  /// What is due by the clock: feedback, heartbeat, a look at the end of the WAL.
  status housekeeping(postgres::replication_stream& stream, postgres::connection& sql) {
    const auto time = steady::now();
    if (to_.link->take_sample_request()) {
      WEIR_ASSIGN(const auto position, postgres::flushed_position(sql));
      self_->send(to_.watermark, position_sampled{to_.node, to_.incarnation, position});
      WEIR_TRY(postgres::heartbeat(sql, to_.plan->name));
    }
    if (time >= next_feedback_) {
      // The slot may forget what is durable in the target, nothing else. Reporting no more as received makes an idle
      // walsender tell its position.
      const auto confirmed = to_.link->confirmed();
      WEIR_TRY(stream.send_feedback(confirmed, confirmed, false));
      next_feedback_ = time + feedback_interval;
    }
    if (time >= next_heartbeat_) {
      WEIR_TRY(postgres::verify_publication(sql, *to_.plan, node()));
      WEIR_TRY(postgres::heartbeat(sql, to_.plan->name));
      next_heartbeat_ = time + heartbeat_interval;
    }
    if (time >= next_report_) {
      WEIR_ASSIGN(const auto flushed, postgres::flushed_position(sql));
      report(node_phase::streaming, flushed);
    }
    return {};
  }

  /// Waits until the socket (if there is credit) or the link has something, or housekeeping is due.
  void wait(postgres::replication_stream& stream) {
    stream.wake_at(1);
    const auto due = std::min({next_feedback_, next_heartbeat_, next_report_});
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - steady::now());
    pollfd fds[2] = {{to_.link->wake_fd(), POLLIN, 0}, {stream.socket(), POLLIN, 0}};
    const nfds_t count = to_.link->credit() > 0 ? 2 : 1;
    poll(fds, count, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000)));
    if ((fds[0].revents & POLLIN) != 0) to_.link->clear_wake();
  }

  /// Waits for the socket alone, a moment at most.
  static void await_more(postgres::replication_stream& stream) {
    stream.wake_at(wake_bytes);
    pollfd socket{stream.socket(), POLLIN, 0};
    constexpr auto longest = std::chrono::ceil<std::chrono::milliseconds>(postgres::read_pacer::linger);
    poll(&socket, 1, static_cast<int>(longest.count()));
  }

  /// What was read. Little is copied, so that a chunk that waits takes no more memory than it is charged for.
  static std::vector<std::byte> take(std::vector<std::byte>& buffer) {
    if (buffer.size() >= chunk_bytes / 2) return std::exchange(buffer, {});
    std::vector<std::byte> little(buffer);
    buffer.clear();
    return little;
  }

  void hand_over(std::vector<std::byte>& buffer) {
    const auto bytes = static_cast<std::int64_t>(buffer.size());
    to_.link->spend(bytes);
    auto charge = std::make_shared<node_charge>(to_.link, bytes);
    self_->send(to_.normalizer, wire_chunk{take(buffer), std::move(charge)});
  }

  status pump(postgres::replication_stream& stream, postgres::connection& sql) {
    std::vector<std::byte> buffer;
    postgres::read_pacer pacer;
    steady::time_point oldest{};
    report(node_phase::streaming);
    while (!to_.link->stopped()) {
      WEIR_TRY(housekeeping(stream, sql));
      if (to_.link->credit() <= 0) {
        wait(stream);
        continue;
      }
      const auto before = buffer.size();
      if (before == 0) buffer.reserve(chunk_bytes + 4096);
      WEIR_ASSIGN(const auto outcome, stream.read(buffer, chunk_bytes));
      const auto now = steady::now();
      if (before == 0) oldest = now;
      const bool more = buffer.size() < chunk_bytes && pacer.reads_on(buffer.size() - before, oldest, now);
      if (more && outcome.drained) await_more(stream);
      if (more) continue;
      if (!buffer.empty()) hand_over(buffer);
      if (outcome.drained) wait(stream);
    }
    const auto confirmed = to_.link->confirmed();
    WEIR_TRY(stream.send_feedback(confirmed, confirmed, false));
    stream.stop(200ms);
    return {};
  }

  caf::event_based_actor* self_;
  slot_reader_arguments to_;
  std::string slot_;
  std::uint64_t rows_loaded_ = 0;
  steady::time_point next_feedback_{};
  steady::time_point next_report_{};
  steady::time_point next_heartbeat_ = steady::now() + heartbeat_interval;
};

} // namespace

caf::behavior slot_reader_actor(caf::event_based_actor* self, slot_reader_arguments arguments) {
  self->send(self, tick{});
  return {
      [self, arguments = std::move(arguments)](const tick&) {
        const auto& name = arguments.plan->nodes[arguments.node.value].name;
        if (auto outcome = session(self, arguments).run(); !outcome && !arguments.link->stopped()) {
          auto why = about_node(name, std::move(outcome).error());
          self->send(arguments.supervisor,
                     worker_failed{arguments.node, arguments.incarnation, "slot_reader", std::move(why)});
        }
        self->quit(caf::exit_reason::normal);
      },
  };
}

} // namespace weir
