#include "tests/sim/world/target_session.hpp"

#include <algorithm>
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

/// What a node has of a view becomes another's.
void give_share(simulated_target::state& s, std::uint16_t from, std::uint16_t to) {
  simulated_target::state given;
  for (const auto& [key, group] : s)
    if (key.first == from) given.insert({{to, key.second}, group});
  std::erase_if(s, [&](const auto& e) { return e.first.first == from; });
  for (const auto& [key, group] : given) {
    auto& sum = s[key];
    sum.rows += group.rows;
    sum.count += group.count;
    sum.sum += group.sum;
  }
}

/// A group that no sum of all nodes' shares may be.
const std::string* impossible_group(const order_view& totals) {
  for (const auto& [key, total] : totals)
    if (total.rows < 0 || (total.rows == 0 && total != order_group{})) return &key;
  return nullptr;
}

/// The rows of nodes that are not named stay, and so does an ownership that is not.
void move_frontier(std::vector<postgres::frontier_entry>& frontier, std::span<const postgres::frontier_entry> next) {
  for (const auto& entry : next) {
    const auto at = std::find_if(frontier.begin(), frontier.end(), [&](const auto& f) { return f.node >= entry.node; });
    if (at == frontier.end() || at->node != entry.node) {
      frontier.insert(at, entry);
      continue;
    }
    auto ownership = entry.ownership ? entry.ownership : std::move(at->ownership);
    *at = entry;
    at->ownership = std::move(ownership);
  }
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
  for (auto n = made->known_.shares.size(); n < w.nodes.size(); ++n)
    made->known_.shares.push_back(static_cast<std::uint16_t>(n));
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

result<std::vector<std::uint16_t>> target_session::share_groups() {
  WEIR_TRY(statement());
  return known_.shares;
}

status target_session::begin() {
  open_ = known_;
  read_anew_.clear();
  unsettled_.clear();
  return statement();
}

status target_session::settle(std::size_t view) {
  std::erase_if(unsettled_, [view](const auto& applied) { return std::get<0>(applied) == view; });
  return {};
}

status target_session::apply(std::size_t view, const batch& states) {
  WEIR_TRY(statement());
  auto& s = open_->states[view];
  for (std::size_t i = 0; i < states.rows(); ++i) {
    std::string region;
    write_text(states.columns[1], i, region);
    const auto node = states.columns[0].i64[i];
    if (!unsettled_.emplace(view, node, region).second)
      return error{errc::internal, fmt::format("view {}: group {} comes again before it was settled", view, region)};
    auto& group = s[{node, region}];
    group.rows += states.columns[2].i64[i];
    group.count += states.columns[3].i64[i];
    group.sum += integer(states.columns[4], i);
  }
  return {};
}

status target_session::truncate(std::size_t view, node_index node) {
  WEIR_TRY(statement());
  WEIR_TRY(settle(view));
  std::erase_if(open_->states[view], [&](const auto& entry) { return entry.first.first == node.value; });
  return {};
}

status target_session::dead_letters(std::span<const postgres::dead_letter>) { return statement(); }

status target_session::isolate(node_index node) {
  WEIR_TRY(statement());
  for (auto& entry : open_->frontier)
    if (entry.node == node) entry.isolated = true;
  return {};
}

status target_session::begin_share(node_index node) {
  read_anew_.push_back(node);
  auto& shares = open_->shares;
  auto& own = shares.at(node.value);
  const auto taken = [&](std::uint16_t share) {
    return std::any_of(shares.begin(), shares.end(), [&](const auto& s) { return &s != &own && s == share; });
  };
  if (!taken(own)) return {};
  std::uint16_t share = 0;
  while (taken(share)) ++share;
  own = share;
  return {};
}

status target_session::move_share(const postgres::share_move& move) {
  WEIR_TRY(statement());
  auto& shares = open_->shares;
  const auto [kept, given_up] = std::minmax({shares.at(move.from.value), shares.at(move.to.value)});
  std::replace(shares.begin(), shares.end(), std::uint16_t{given_up}, std::uint16_t{kept});
  for (const auto view : move.emptied) give_share(open_->states[view], move.from.value, move.to.value);
  return {};
}

status target_session::leave(node_index node) {
  WEIR_TRY(statement());
  const auto& shares = open_->shares;
  std::optional<std::uint16_t> heir;
  for (std::uint16_t n = 0; n < shares.size() && !heir; ++n)
    if (n != node.value && shares[n] == shares.at(node.value)) heir = n;
  for (auto& s : open_->states) {
    if (heir) {
      give_share(s, node.value, *heir);
    } else if (std::any_of(s.begin(), s.end(), [&](const auto& e) { return e.first.first == node.value; })) {
      return error{errc::internal, fmt::format("node {} has left with rows that moved to no other node", node.value)};
    }
  }
  std::erase_if(open_->frontier, [&](const auto& f) { return f.node == node; });
  return begin_share(node);
}

/// Which loads does the cut show for the first time?
void target_session::note_loads(std::span<const postgres::frontier_entry> frontier) {
  open_->loads.resize(world_.nodes.size());
  open_->told_of.clear();
  for (const auto& entry : frontier) {
    open_->told_of.push_back(entry.node.value);
    const bool told = std::find(read_anew_.begin(), read_anew_.end(), entry.node) != read_anew_.end();
    if (world_.raw() && !told) continue;
    for (const auto& load : world_.loads(entry.node))
      if (load.consistent_point <= entry.position) open_->loads[entry.node.value] = load.number;
  }
}

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
  note_loads(frontier);
  move_frontier(open_->frontier, frontier);
  for (std::size_t v = 0; v < open_->states.size(); ++v)
    if (const auto totals = simulated_target::total(open_->states[v]); const auto* key = impossible_group(totals))
      return error{errc::internal,
                   fmt::format("view {}: more was taken out of group {} than had been put in", v, *key)};
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
