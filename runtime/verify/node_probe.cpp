#include "runtime/verify/node_probe.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "runtime/capture/projection.hpp"
#include "runtime/plan/aggregate_spec_of.hpp"
#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/citus_catalogs.hpp"
#include "runtime/postgres/object_name.hpp"
#include "runtime/postgres/raw_publication.hpp"
#include "runtime/postgres/snapshot_load.hpp"

namespace weir::verify {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::size_t chunk_bytes = 256U << 10U;
constexpr std::size_t changes_limit_bytes = 4U << 20U;
constexpr std::size_t rows_a_batch = 10'000;
constexpr auto feedback_interval = 100ms;
constexpr auto longest_poll = 20ms;

/// A server process that waits for a transaction or computes an aggregate does not look at its socket by itself; with
/// this it notices that we are gone, and takes the slot with it. The clock starts with the statement after the SET.
/// Not every platform has it.
void notice_our_end(postgres::connection& c) {
  (void)c.execute("SET client_connection_check_interval = '1s'");
  (void)c.execute("SET idle_session_timeout = 0");
}

/// Two programs may verify one pipeline, and two nodes may be databases of one server.
std::string temporary_slot_name(const std::string& pipeline, const std::string& node) {
  std::random_device dice;
  return postgres::object_name(fmt::format("weir_verify_{}_{}_{:08x}_{}", pipeline, getpid(), dice(), node));
}

} // namespace

result<postgres::connection> node_probe::connect(bool replication) const {
  postgres::connect_options options;
  options.application_name = fmt::format("weir {} verify", to_.plan.name);
  options.replication = replication;
  return postgres::connection::open(spec().conninfo, options);
}

status node_probe::check_abandoned() const {
  if (to_.abandoned) return error{errc::internal, "another node could not be verified"};
  return {};
}

status node_probe::check_sample(postgres::connection& sql) const {
  const auto question = sample_check_sql(to_.choice);
  if (question.empty()) return {};
  WEIR_ASSIGN(const auto answer, sql.query(question));
  if (answer.at(0, 0) == to_.sample_check) return {};
  return error{errc::unsupported,
               fmt::format("--sample: node {} ({}) does not hash texts as the target does", spec().name, sql.address()),
               "its encoding or its byte order is another one: verify without --sample, or with --keys"};
}

status node_probe::make_slot(postgres::connection& sql, std::string& snapshot) {
  WEIR_TRY(postgres::check_server(sql, spec())); // before the other connection, whose refusal is less clear
  WEIR_TRY(reads_raw() ? postgres::verify_raw_publication(sql, to_.plan, spec())
                       : postgres::verify_publication(sql, to_.plan, spec()));
  WEIR_ASSIGN(replication_, connect(true));
  WEIR_ASSIGN(identity_, postgres::identify(*replication_));
  slot_ = temporary_slot_name(to_.plan.name, spec().name);
  WEIR_TRY(postgres::check_free_slot(sql, spec(), slot_));
  notice_our_end(*replication_);
  WEIR_ASSIGN(const auto made, postgres::create_temporary_slot(*replication_, sql, spec(), slot_, to_.patience));
  position_ = made.consistent_point;
  passed_ = position_;
  snapshot = made.snapshot;
  return {};
}

/// Where the rows of the view's source are on this node.
postgres::shard_tables node_probe::tables_of(std::size_t view) const {
  if (!owned_) return {};
  const auto source = to_.plan.views[view].source;
  return postgres::tables_of(to_.plan.sources[source], source, *owned_);
}

status node_probe::load() {
  const auto give_up = steady::now() + to_.patience;
  for (;;) {
    auto loaded = load_once();
    if (loaded || loaded.error().code != errc::ownership_unclear) return loaded;
    if (steady::now() >= give_up)
      return error{errc::timeout, std::move(loaded.error().message), "verify again, or with a longer --timeout"};
    replication_.reset(); // and the slot with it
    for (const auto v : to_.views) WEIR_TRY(to_.shares.remove(v, node_));
  }
}

status node_probe::load_once() {
  changes_.clear();
  changes_.resize(to_.plan.views.size());
  for (const auto v : to_.views) changes_[v].emplace(aggregate_spec_of(to_.plan.views[v]));
  WEIR_ASSIGN(auto sql, connect(false));
  WEIR_TRY(check_sample(sql));
  std::string snapshot;
  WEIR_TRY(make_slot(sql, snapshot));
  notice_our_end(sql);
  WEIR_TRY(postgres::import_snapshot(sql, snapshot));
  if (to_.plan.capture != capture_mode::tables) {
    WEIR_ASSIGN(owned_, postgres::read_ownership(sql, to_.plan));
  }
  for (const auto v : to_.views) WEIR_TRY(load_view(sql, v));
  WEIR_TRY(postgres::check_files(sql, to_.plan, owned_));
  return sql.execute("COMMIT");
}

/// As the first load of the pipeline does it, so that a row which cannot be computed is missing on both sides.
status node_probe::load_view(postgres::connection& sql, std::size_t view) {
  WEIR_TRY(check_abandoned());
  if (const auto tables = tables_of(view); tables && tables->empty()) return {};
  WEIR_TRY(sql.execute("SAVEPOINT weir_view"));
  auto outcome = load_aggregated(sql, view);
  if (outcome || kind_of(outcome.error().code) != failure_kind::poison) return outcome;
  WEIR_TRY(sql.execute("ROLLBACK TO SAVEPOINT weir_view"));
  // Some groups may have been read before the bad row was met.
  WEIR_TRY(to_.shares.remove(view, node_));
  return load_raw(sql, view);
}

status node_probe::load_aggregated(postgres::connection& sql, std::size_t view) {
  const auto& v = to_.plan.views[view];
  std::vector<data_type> types;
  std::vector<std::string> keys;
  for (const auto& c : state_layout(v)) {
    types.push_back(c.type);
    if (c.role == state_role::key) keys.push_back(c.name);
  }
  const auto select = postgres::aggregated_load_sql(to_.plan, view, node_, sql, condition_sql(to_.choice, v, keys, sql),
                                                    tables_of(view));
  return postgres::copy_out(sql, select, types, chunk_bytes, [&](const batch& states) -> status {
    WEIR_TRY(check_abandoned());
    return to_.shares.add(view, states);
  });
}

/// Every group: the rows that fail may do so in the keys, too. The comparison chooses.
status node_probe::load_raw(postgres::connection& sql, std::size_t view) {
  const auto& source = to_.plan.sources[to_.plan.views[view].source];
  std::vector<data_type> types;
  for (const auto& c : source.columns) types.push_back(c.type);
  WEIR_ASSIGN(auto project, capture::projection::make(to_.plan.views[view], source.columns.size()));
  capture::source_rows at_hand(source);
  const auto consume = [&](batch rows) -> status {
    WEIR_TRY(check_abandoned());
    at_hand.assign(std::move(rows));
    const auto made = project.run(at_hand);
    if (!made.rows) return {};
    changes_[view]->add(node_, *made.rows, 0, made.rows->rows());
    return store(view, changes_limit_bytes);
  };
  WEIR_TRY(postgres::copy_out(sql, postgres::raw_load_sql(source, sql, tables_of(view)), types, chunk_bytes, consume));
  return store(view, 0);
}

/// Moves the sums at hand into the share tables, if they take as much as `limit_bytes`.
status node_probe::store(std::size_t view, std::size_t limit_bytes) {
  auto& changes = *changes_[view];
  if (changes.empty() || changes.size_bytes() < limit_bytes) return {};
  const auto all = changes.drain(rows_a_batch);
  for (const auto node : all.truncated) WEIR_TRY(to_.shares.remove(view, node));
  for (const auto& states : all.states) WEIR_TRY(to_.shares.add(view, states));
  return {};
}

status node_probe::start_stream() {
  if (stream_) return {};
  std::optional<ownership_tracker> tracker;
  if (reads_raw()) {
    tracker.emplace(*owned_);
    WEIR_ASSIGN(auto sql, connect(false));
    WEIR_TRY(postgres::choose_stock_decoder(*replication_, sql));
  }
  WEIR_ASSIGN(normalizer_, capture::normalizer::make(to_.plan, {}, std::move(tracker)));
  const postgres::stream_options options{slot_, postgres::publication_name(to_.plan.name), position_, false};
  WEIR_ASSIGN(stream_, postgres::replication_stream::start(*std::exchange(replication_, std::nullopt), options));
  return {};
}

status node_probe::advance(lsn end) {
  if (passed_ >= end) return {};
  WEIR_TRY(start_stream());
  last_progress_ = steady::now();
  for (;;) {
    WEIR_ASSIGN(const bool reached, take_until(end));
    if (reached) break;
    if (steady::now() - last_progress_ > to_.patience)
      return error{errc::timeout,
                   fmt::format("node {}: slot {} brought nothing for {} ms; it is at {}, the views are at {}",
                               spec().name, slot_, to_.patience.count(), to_string(passed_), to_string(end)),
                   "is the server busy with a large transaction? try again with a longer --timeout"};
    WEIR_TRY(check_abandoned());
    WEIR_TRY(read());
  }
  for (const auto v : to_.views) WEIR_TRY(store(v, 0));
  return {};
}

/// One chunk of the stream, if there is something within a moment.
status node_probe::read() {
  const auto now = steady::now();
  if (now >= next_feedback_) {
    WEIR_TRY(stream_->send_feedback(passed_, passed_, true)); // the answer tells the position of a server at rest
    next_feedback_ = now + feedback_interval;
  }
  chunk_.clear();
  WEIR_ASSIGN(const auto outcome, stream_->read(chunk_, chunk_bytes));
  std::vector<capture::effect> effects;
  auto understood = normalizer_->consume(chunk_, effects);
  waiting_.insert(waiting_.end(), std::make_move_iterator(effects.begin()), std::make_move_iterator(effects.end()));
  if (!understood || !outcome.drained || !waiting_.empty()) return understood;
  pollfd socket{stream_->socket(), POLLIN, 0};
  poll(&socket, 1, static_cast<int>(longest_poll.count()));
  return {};
}

/// Takes what waits, up to the first transaction that ends beyond `end`: no cut is in the middle of a commit record, so
/// where that begins decides. True if all up to `end` was taken.
result<bool> node_probe::take_until(lsn end) {
  for (; !waiting_.empty(); waiting_.pop_front()) {
    const auto before = passed_;
    const auto& next = waiting_.front();
    if (const auto* begin = std::get_if<capture::transaction_begin>(&next); begin != nullptr && begin->final_lsn >= end)
      return true;
    if (const auto* item = std::get_if<capture::item>(&next)) {
      WEIR_TRY(take(*item));
      last_progress_ = steady::now();
    }
    if (const auto* ended = std::get_if<capture::transaction_end>(&next)) passed_ = std::max(passed_, ended->end_lsn);
    if (const auto* alive = std::get_if<capture::progress>(&next)) passed_ = std::max(passed_, alive->position);
    if (passed_ > before) last_progress_ = steady::now();
  }
  return passed_ >= end;
}

status node_probe::take(const capture::item& item) {
  auto& changes = changes_[item.view];
  if (!changes) return {};
  if (item.what == capture::item::kind::truncate) {
    changes->truncate(node_);
    return {};
  }
  changes->add(node_, *item.rows, item.first, item.last);
  return store(item.view, changes_limit_bytes);
}

} // namespace weir::verify
