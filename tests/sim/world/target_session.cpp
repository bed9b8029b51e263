#include "tests/sim/world/target_session.hpp"

#include <utility>

#include <fmt/format.h>

#include "runtime/base/mutation.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

std::int64_t integer(const column& from, std::size_t row) {
  std::string text;
  write_text(from, row, text);
  return std::stoll(text);
}

bool same_positions(const std::vector<postgres::frontier_entry>& a, const std::vector<postgres::frontier_entry>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].node != b[i].node || a[i].position != b[i].position) return false;
  return true;
}

} // namespace

target_session::target_session(world& w, std::shared_ptr<const bool> alive, postgres::lease_grant grant)
    : world_(w), target_(w.target), alive_(std::move(alive)), grant_(std::move(grant)), number_(w.next_number()) {}

result<std::unique_ptr<postgres::view_target>> target_session::open(world& w, std::shared_ptr<const bool> alive,
                                                                    const postgres::lease_grant& grant) {
  if (!*alive || !w.target.up() || w.env.happens(w.env.often.writer_breaks))
    return error{errc::connection_failed, "the target refuses connections"};
  std::unique_ptr<target_session> made(new target_session(w, std::move(alive), grant));
  if (w.target.writer() != 0) {
    if (w.target.lease().fence != grant.fence)
      return error{errc::lease_lost, "another runtime has taken the pipeline over"};
    if (w.env.happens(100)) return error{errc::timeout, "the writer before still has a session"};
  }
  w.target.take_over_from_writer(made->number_);
  made->known_ = w.target.durable();
  w.env.tell("writer {} begins at cut {}", made->number_, made->known_.last.value);
  return std::unique_ptr<postgres::view_target>(std::move(made));
}

target_session::~target_session() { target_.session_ends(number_); }

error target_session::lost(const char* what) {
  open_.reset();
  if (*alive_) world_.env.tell("writer {} is cut off: {}", number_, what);
  return {errc::connection_lost, what};
}

/// Is this session still there, and the lease its own?
status target_session::check_writer() {
  if (!*alive_) return lost("the program is dead");
  const bool ended = target_.writer() != number_ && !mutated(mutation::lease_not_checked);
  if (!target_.up() || ended) return lost("the session was ended");
  return {};
}

/// A statement is sent. It may fail now, or be seen to have failed later.
status target_session::statement() {
  WEIR_TRY(check_writer());
  failed_ = failed_ || world_.env.happens(world_.env.often.writer_breaks);
  if (failed_ && world_.env.random.chance(1, 2)) return lost("a statement failed");
  return {};
}

result<std::vector<postgres::frontier_entry>> target_session::frontier() {
  WEIR_TRY(statement());
  return known_.frontier;
}

result<epoch> target_session::last_epoch() {
  WEIR_TRY(statement());
  return known_.last;
}

status target_session::begin() {
  open_ = known_;
  return statement();
}

status target_session::apply(std::size_t view, const batch& states) {
  WEIR_TRY(statement());
  auto& s = open_->states[view];
  for (std::size_t i = 0; i < states.rows(); ++i) {
    std::string region;
    write_text(states.columns[1], i, region);
    const auto node = states.columns[0].i64[i];
    auto& group = s[{node, region}];
    group.rows += states.columns[2].i64[i];
    group.count += states.columns[3].i64[i];
    group.sum += integer(states.columns[4], i);
    // Where shards move, a node may take out what came in through another.
    if (group.rows < 0 && world_.env.often.shard_moves == 0)
      return error{errc::internal, fmt::format("view {}: node {} took more rows out of group {} than it had put in",
                                               view, node, region)};
  }
  return {};
}

status target_session::truncate(std::size_t view, node_index node) {
  WEIR_TRY(statement());
  std::erase_if(open_->states[view], [&](const auto& entry) { return entry.first.first == node.value; });
  return {};
}

status target_session::dead_letters(std::span<const postgres::dead_letter>) { return statement(); }

status target_session::commit(epoch number, std::span<const postgres::frontier_entry> frontier) {
  WEIR_TRY(statement());
  if (failed_) return lost("a statement had failed");
  const bool taken_over =
      target_.lease().fence != grant_.fence || !same_positions(known_.frontier, target_.durable().frontier);
  if (taken_over && !mutated(mutation::lease_not_checked)) {
    world_.env.tell("writer {} has lost its lease", number_);
    return error{errc::lease_lost, "the lease was taken over; nothing was committed"};
  }
  open_->last = number;
  open_->frontier.assign(frontier.begin(), frontier.end());
  auto next = *std::exchange(open_, std::nullopt);
  if (world_.env.happens(world_.env.often.commit_unknown)) {
    switch (world_.env.random.below(3)) {
      case 0: target_.commit(std::move(next)); break;
      case 1: break;
      default: target_.commit_later(std::move(next));
    }
    return lost("the outcome of a commit is unknown");
  }
  known_ = next;
  target_.commit(std::move(next));
  return {};
}

} // namespace weir::sim
