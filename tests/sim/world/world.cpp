#include "tests/sim/world/world.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "runtime/postgres/node_admin.hpp"
#include "tests/sim/checkers/order_views.hpp"
#include "tests/sim/world/chaos.hpp"
#include "tests/sim/world/sample_plan.hpp"

namespace weir::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t buckets_a_node = 4;
constexpr auto idle_tick = 500us;  ///< when no actor has anything to do
constexpr auto longest_tick = 3ms; ///< at times in between
constexpr auto start_pause = 1s;   ///< of a program that ended
constexpr auto farewell = 60s;
constexpr std::uint64_t look_every = 64;

} // namespace

world::kind world::choose(seeded_random& random, const world_options& options) {
  kind k;
  k.nodes = options.nodes ? *options.nodes : 1 + random.below(3);
  k.names = random.chance(2, 3) || options.often.shard_moves != 0 ? naming::citus : naming::application;
  k.streams_participants = k.names == naming::citus && random.chance(1, 2);
  k.what = random.chance(1, 8) && options.often.shard_moves == 0 ? consistency::node : consistency::transaction;
  k.policy.on_worker_failure = random.chance(2, 3) ? on_worker_failure::isolate : on_worker_failure::wait;
  if (random.chance(1, 2)) k.policy.on_slot_lost = on_slot_lost::stop;
  k.raw = random.chance(options.often.raw_capture, 1000);
  if (!k.raw) return k;
  k.names = naming::citus;
  k.streams_participants = true;
  k.what = consistency::transaction;
  return k;
}

world::world(std::uint64_t seed, world_options options)
    : env(seed, options.often), kind_(choose(env.random, options)), shards(kind_.nodes, buckets_a_node),
      target(*this, sample_views), scratch(env), memory_bytes(seed % 4 == 0 ? 4U << 10U : 128U << 10U),
      plan_(std::make_shared<const pipeline_plan>(
          make_sample_plan(kind_.nodes, kind_.what, kind_.policy,
                           kind_.names == naming::application ? "^(xfer-[0-9]+)/" : "", kind_.raw))),
      clients_(env, shards, nodes, {kind_.names, kind_.streams_participants}) {
  env.events.echo(options.echo);
  nodes.reserve(kind_.nodes);
  for (std::size_t i = 0; i < kind_.nodes; ++i)
    nodes.emplace_back(env, shards, node_index{static_cast<std::uint16_t>(i)}, plan_->nodes[i].name);
  loads_.resize(kind_.nodes);
  if (kind_.raw) clients_.found_shards();
  checkers_.push_back(view_equals_query());
  checkers_.push_back(whole_transactions());
  checkers_.push_back(nothing_lost_or_doubled());
  checkers_.push_back(confirmed_is_durable());
  checkers_.push_back(queues_within_credit());
  checkers_.push_back(rows_shown_once());
  checkers_.push_back(catches_up());
}

world::~world() { programs_.clear(); }

std::string world::description() const {
  return fmt::format("{} nodes, {}{}{}, consistency {}, on worker failure {}, on slot lost {}", kind_.nodes,
                     kind_.names == naming::citus ? "citus" : "application names",
                     kind_.streams_participants ? " with pg_dist_transaction" : "", kind_.raw ? ", raw capture" : "",
                     to_string(kind_.what),
                     kind_.policy.on_worker_failure == on_worker_failure::wait ? "wait" : "isolate",
                     kind_.policy.on_slot_lost == on_slot_lost::stop ? "stop" : "reload");
}

std::optional<postgres::citus_membership> world::membership_of(const simulated_node& node) const {
  if (kind_.names != naming::citus) return std::nullopt;
  return postgres::citus_membership{coordinator::group_of(node.index().value), kind_.streams_participants};
}

// ---- what servers tell

void world::dropping(simulated_node& node, const std::string& holder) {
  if (node.slot(postgres::slot_name(plan_->name, node.name())) == nullptr) return;
  env.tell("{} drops the slot of {}", holder, node.name());
  // One that stood still while it loaded does not know that the slot is another's now.
  if (target.lease().holder != holder) broken_nodes_.insert(node.name());
}

void world::loaded(simulated_node& node, lsn consistent_point) {
  env.tell("{} makes its slot at {}", node.name(), to_string(consistent_point));
  loads_[node.index().value].push_back({next_number(), consistent_point});
  for (auto& c : checkers_) c->loaded(*this, node, consistent_point);
}

void world::confirm(simulated_node& node, simulated_slot& slot, lsn position) {
  for (auto& c : checkers_) c->confirming(*this, node, slot, position);
  node.confirm(slot, position);
}

void world::cut_committed() {
  ++cuts_;
  std::string positions;
  for (const auto& e : target.durable().frontier)
    positions += fmt::format(" {} {}{}{}", nodes[e.node.value].name(), to_string(e.position),
                             e.confirmed == e.position ? "" : " (confirmed " + to_string(e.confirmed) + ")",
                             e.isolated ? " isolated" : "");
  env.tell("cut {}:{}", target.durable().last.value, positions);
  for (auto& c : checkers_) c->cut(*this);
}

// ---- programs

void world::start_program() {
  start_at_.reset();
  programs_.push_back({std::make_unique<program>(*this, fmt::format("program {}", ++programs_started_),
                                                 std::exchange(read_anew_, false)),
                       {},
                       false,
                       reloads_});
}

void world::drop_and_load_again() {
  env.tell("the operator drops the pipeline and starts it again");
  ++reloads_;
  const auto slot = [&](const simulated_node& n) { return postgres::slot_name(plan_->name, n.name()); };
  for (auto& n : nodes) n.drop_slot(slot(n));
  target.drop();
  broken_nodes_.clear();
  for (auto& c : checkers_) c->dropped(*this);
}

/// Had it reason to end so?
bool world::refused(const error& why) {
  switch (why.code) {
    case errc::lease_held:
    case errc::lease_lost: return true;
    case errc::slot_missing:
    case errc::slot_invalidated:
    case errc::history_lost:
    case errc::wrong_server:
      if (broken_nodes_.empty()) return false;
      drop_and_load_again();
      return true;
    default: return false;
  }
}

void world::look_after(running& r) {
  const auto& outcome = *r.what->outcome();
  env.tell("{} ends: {}", r.what->name(),
           outcome.failure  ? outcome.failure->message
           : outcome.replan ? outcome.replan->why
                            : "as asked");
  ++restarts_;
  // One that stood still while another took over, or while the pipeline was dropped, may end as it likes.
  const auto& holder = target.lease().last_holder;
  const bool outdated = r.reloads != reloads_ || (!holder.empty() && holder != r.what->name());
  // It may have asked to be started again, so that every node is read anew.
  const bool goes_on = outcome.replan && kind_.raw && outcome.replan->read_anew;
  read_anew_ = read_anew_ || goes_on;
  if (!outdated && !goes_on && (outcome.failure ? !refused(*outcome.failure) : !r.stops))
    env.violated(fmt::format("the program ended without reason: {}", outcome.failure  ? outcome.failure->message
                                                                     : outcome.replan ? outcome.replan->why
                                                                                      : "nobody had asked it to"));
  start_at_ = env.now + env.some_time(start_pause);
}

void world::run_programs() {
  for (std::size_t i = programs_.size(); i-- > 0;) {
    if (!programs_[i].what->outcome()) continue;
    look_after(programs_[i]);
    programs_.erase(programs_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const bool one_runs = std::any_of(programs_.begin(), programs_.end(),
                                    [&](const running& r) { return env.now >= r.stands_still_until; });
  if (!one_runs && (!start_at_ || env.now >= *start_at_)) start_program();
  const auto first = env.random.below(programs_.size());
  for (std::size_t i = 0; i < programs_.size(); ++i) {
    auto& r = programs_[(first + i) % programs_.size()];
    if (env.now >= r.stands_still_until && r.what->step()) {
      if (env.random.chance(1, 50)) advance(env.some_time(longest_tick));
      return;
    }
  }
  advance(idle_tick);
}

void world::advance(std::chrono::microseconds time) {
  env.now += time;
  for (auto& r : programs_)
    if (env.now >= r.stands_still_until) r.what->advance_to(env.now);
}

// ---- the run

void world::step() {
  ++env.step;
  if (!env.calm) {
    if (env.random.chance(1, 20)) clients_.do_something();
    chaos(*this).step();
  }
  run_programs();
  if (env.step % look_every == 0)
    for (auto& c : checkers_) c->look(*this);
}

void world::calm_down() {
  env.calm = true;
  env.tell("from here on nothing goes wrong, and nobody writes");
  for (auto& n : nodes) n.come_back();
  target.come_back();
  for (auto& r : programs_) r.stands_still_until = {};
  clients_.settle();
}

bool world::caught_up() const {
  const auto& frontier = target.durable().frontier;
  if (frontier.size() != nodes.size()) return false;
  for (const auto& e : frontier) {
    const auto& wal = nodes[e.node.value].wal();
    if (e.isolated || e.timeline != nodes[e.node.value].timeline()) return false;
    if (!wal.empty() && e.position < wal.back()->end) return false;
  }
  return std::all_of(links.begin(), links.end(), [&](const auto& l) {
    const auto link = l.lock();
    return !link || link->stopped() || link->credit() == static_cast<std::int64_t>(memory_bytes / 2 / nodes.size());
  });
}

void world::end_politely() {
  for (auto& c : checkers_) c->end(*this);
  start_at_ = instant::max();
  for (auto& r : programs_) {
    r.what->stop();
    r.stops = true;
  }
  const auto until = env.now + farewell;
  while (!programs_.empty() && env.violation.empty() && env.now < until) {
    std::erase_if(programs_, [](const running& r) { return r.what->outcome().has_value(); });
    if (!programs_.empty()) run_programs();
  }
  if (!programs_.empty()) env.violated("the program does not stop when it is asked to");
}

std::string world::run(std::uint64_t steps) {
  while (env.step < steps && env.violation.empty()) step();
  if (env.violation.empty()) calm_down();
  for (bool done = false; !done && env.violation.empty();) {
    step();
    done = env.step % look_every == 0 && caught_up();
  }
  if (env.violation.empty()) end_politely();
  programs_.clear();
  return env.violation;
}

} // namespace weir::sim
