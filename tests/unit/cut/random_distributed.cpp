#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/random.hpp"
#include "runtime/cut/watermark.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir::cut {
namespace {

/// One record of a node's log. `whole` numbers the distributed transaction it belongs to.
struct record {
  enum class kind { commit, prepare, commit_prepared, rollback_prepared } what;
  lsn begin;
  lsn end;
  std::string gid;
  std::optional<std::size_t> whole;
  std::vector<std::string> participants; ///< of the initiator's own commit
};

/// A distributed transaction in progress, as Citus runs it: every PREPARE, the initiator's own commit, every decision.
struct distributed {
  struct part {
    std::size_t node;
    std::string gid;
    bool decided = false;
  };
  std::vector<part> parts;
  std::optional<std::size_t> initiator; ///< the node that also writes without a name
  std::size_t prepared = 0;
  bool initiator_done = false;
  bool commits = true;
  /// Where each of its commits ended.
  std::vector<std::pair<std::size_t, lsn>> commits_at;
  std::size_t commits_wanted() const { return parts.size() + (initiator ? 1 : 0); }
};

/// Nodes that run distributed transactions, streams that lag behind them, and a watermark that never may show half.
class world {
public:
  world(std::uint64_t seed, initiator_link link, bool faults)
      : random_(seed), faults_(faults), link_(link), nodes_(2 + random_.below(3)) {
    options_.align = std::chrono::milliseconds(random_.below(2) * 5);
    options_.idle_bytes = 1 + random_.below(100);
    for (auto& n : nodes_) n.end = lsn{100 + random_.below(900)};
    fresh_ = random_.chance(1, 2);
    std::vector<std::optional<node_position>> frontier(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size() && !fresh_; ++i)
      frontier[i] = node_position{index(i), nodes_[i].end, nodes_[i].end};
    start(std::move(frontier));
    if (fresh_) load();
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    cuts_under_way_ = cuts_;
    finish();
  }
  std::size_t cuts() const { return cuts_under_way_; }
  std::size_t degraded_cuts() const { return degraded_cuts_; }

private:
  struct node {
    lsn end;
    std::vector<record> log;
    std::size_t sent = 0;
    bool up = true;
    std::optional<lsn> asked; ///< its end when it was asked for, not yet answered
    lsn shown;
  };

  static node_index index(std::size_t i) { return node_index{static_cast<std::uint16_t>(i)}; }

  void start(std::vector<std::optional<node_position>> frontier) {
    machine_ = std::make_unique<watermark>(last_, std::move(frontier), options_);
    for (std::size_t i = 0; i < nodes_.size(); ++i) machine_->describe(index(i), static_cast<std::uint32_t>(i), link_);
  }

  void load() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (auto n = random_.below(30); n > 0; --n) write();
      // A slot is only made when nothing is prepared on its node.
      while (has_prepared(i)) write();
      nodes_[i].sent = nodes_[i].log.size();
      machine_->begin_load(index(i));
      machine_->end_load(index(i), nodes_[i].end, now_);
    }
  }

  bool has_prepared(std::size_t n) const {
    return std::any_of(running_.begin(), running_.end(), [&](std::size_t d) {
      const auto& t = all_[d];
      for (std::size_t p = 0; p < t.prepared; ++p)
        if (t.parts[p].node == n && !t.parts[p].decided) return true;
      return false;
    });
  }

  void append(std::size_t n, record r) {
    r.begin = lsn{nodes_[n].end.value + random_.below(3)};
    r.end = lsn{r.begin.value + 1 + random_.below(9)};
    nodes_[n].end = r.end;
    nodes_[n].log.push_back(std::move(r));
  }

  /// Something happens on the nodes.
  void write() {
    if (random_.chance(1, 4)) return append(random_.below(nodes_.size()), {record::kind::commit, {}, {}, {}, {}, {}});
    if (running_.size() < 6 && random_.chance(1, 3)) begin_one();
    if (running_.empty()) return;
    const auto at = random_.below(running_.size());
    if (proceed(running_[at])) running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void begin_one() {
    distributed t;
    const auto group = random_.below(nodes_.size());
    const auto number = all_.size();
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      if (random_.chance(1, 3)) continue;
      const auto connections = random_.chance(1, 5) ? 2 : 1;
      for (int c = 0; c < connections; ++c)
        if (n != group) t.parts.push_back({n, fmt::format("citus_{}_77_{}_{}", group, number, t.parts.size()), false});
    }
    if (t.parts.empty()) return;
    if (link_ != initiator_link::none && random_.chance(1, 2)) t.initiator = group;
    t.commits = random_.chance(4, 5);
    running_.push_back(all_.size());
    all_.push_back(std::move(t));
  }

  /// One step of a distributed transaction; true when it is over.
  bool proceed(std::size_t d) {
    auto& t = all_[d];
    if (t.prepared < t.parts.size()) {
      const auto& p = t.parts[t.prepared++];
      append(p.node, {record::kind::prepare, {}, {}, p.gid, d, {}});
      return false;
    }
    if (t.commits && t.initiator && !t.initiator_done) {
      t.initiator_done = true;
      std::vector<std::string> names;
      if (link_ == initiator_link::streamed)
        for (const auto& p : t.parts) names.push_back(p.gid);
      append(*t.initiator, {record::kind::commit, {}, {}, {}, d, std::move(names)});
      t.commits_at.emplace_back(*t.initiator, nodes_[*t.initiator].end);
      return false;
    }
    std::vector<std::size_t> open;
    for (std::size_t p = 0; p < t.parts.size(); ++p)
      if (!t.parts[p].decided) open.push_back(p);
    auto& p = t.parts[open[random_.below(open.size())]];
    p.decided = true;
    append(p.node, {t.commits ? record::kind::commit_prepared : record::kind::rollback_prepared, {}, {}, p.gid, d, {}});
    if (t.commits) t.commits_at.emplace_back(p.node, nodes_[p.node].end);
    return open.size() == 1;
  }

  void send(std::size_t i) {
    auto& n = nodes_[i];
    if (!n.up) return;
    if (n.sent == n.log.size()) return machine_->progress(index(i), n.end);
    const auto& r = n.log[n.sent++];
    const std::int64_t time_us = static_cast<std::int64_t>(r.end.value);
    switch (r.what) {
      case record::kind::commit:
        machine_->begin(index(i), time_us, {});
        for (const auto& gid : r.participants) machine_->participant(index(i), gid);
        machine_->commit(index(i), r.end, time_us, false, now_);
        break;
      case record::kind::prepare:
        machine_->begin(index(i), time_us, r.gid);
        machine_->prepare(index(i), r.begin, r.end);
        break;
      default:
        REQUIRE(machine_->decide(index(i), r.gid, r.what == record::kind::commit_prepared, r.end, time_us, now_));
    }
  }

  void answer(std::size_t i) {
    auto& n = nodes_[i];
    if (n.asked && n.up) machine_->sampled(index(i), *std::exchange(n.asked, std::nullopt));
  }

  /// As a question that is put now: the node's end is taken at some moment after it.
  void ask() {
    if (machine_->wants_samples())
      for (std::size_t i = 0; i < nodes_.size(); ++i) question(i);
  }
  void question(std::size_t i) {
    if (nodes_[i].up && machine_->awaits_sample(index(i))) nodes_[i].asked = nodes_[i].end;
  }

  void down(std::size_t i) {
    nodes_[i].up = false;
    nodes_[i].asked.reset();
    machine_->node_down(index(i));
  }
  void up(std::size_t i) {
    nodes_[i].up = true;
    question(i);
  }

  void step() {
    now_ += std::chrono::microseconds(random_.below(2000));
    const auto i = random_.below(nodes_.size());
    const auto dice = random_.below(100);
    if (dice < 40)
      write();
    else if (dice < 75)
      send(i);
    else if (dice < 88)
      answer(i);
    else if (faults_ && dice == 88 && nodes_[i].up)
      down(i);
    else if (faults_ && dice == 89 && !nodes_[i].up)
      machine_->isolate(index(i));
    else if (dice == 90 && !nodes_[i].up)
      up(i);
    else
      close();
    ask();
  }

  bool close() {
    const auto c = machine_->close(now_);
    if (!c) return false;
    ++cuts_;
    for (const auto& p : c->frontier) nodes_[p.node.value].shown = p.position;
    bool degraded = false;
    for (std::size_t i = 0; i < nodes_.size(); ++i) degraded = degraded || c->frontier[i].isolated;
    if (degraded)
      ++degraded_cuts_;
    else
      check();
    machine_->durable(c->number);
    return true;
  }

  /// Each distributed transaction is shown whole, or not at all.
  void check() {
    for (std::size_t d = 0; d < all_.size(); ++d) {
      const auto& t = all_[d];
      const auto seen = static_cast<std::size_t>(std::count_if(
          t.commits_at.begin(), t.commits_at.end(), [&](const auto& c) { return c.second <= nodes_[c.first].shown; }));
      INFO("distributed transaction " << d << ", cut " << cuts_ << ": " << seen << " of " << t.commits_wanted());
      REQUIRE((seen == 0 || seen == t.commits_wanted()));
    }
  }

  void finish() {
    while (!running_.empty()) {
      for (std::size_t r = 0; r < running_.size(); ++r)
        while (!proceed(running_[r])) {
        }
      running_.clear();
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (!nodes_[i].up) up(i);
    for (int round = 0; round < 8; ++round) {
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (auto left = nodes_[i].log.size() - nodes_[i].sent + 1; left > 0; --left) send(i);
        question(i);
        answer(i);
      }
      now_ += std::chrono::seconds(20);
      while (close()) {
      }
      ask();
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      INFO("node " << i);
      REQUIRE(nodes_[i].shown == nodes_[i].end);
      REQUIRE_FALSE(machine_->degraded(index(i)));
    }
    REQUIRE(machine_->holds().empty());
    check();
  }

  seeded_random random_;
  bool faults_;
  initiator_link link_;
  bool fresh_ = false;
  watermark_options options_;
  std::vector<node> nodes_;
  std::unique_ptr<watermark> machine_;
  std::vector<distributed> all_;
  std::vector<std::size_t> running_;
  instant now_{};
  epoch last_;
  std::size_t cuts_ = 0;
  std::size_t cuts_under_way_ = 0;
  std::size_t degraded_cuts_ = 0;
};

void run_seeds(initiator_link link, bool faults) {
  std::size_t cuts = 0;
  std::size_t degraded = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const auto seed = test::seed() + i;
    INFO("replay with WEIR_SEED=" << seed);
    world w(seed, link, faults);
    w.run(600);
    cuts += w.cuts();
    degraded += w.degraded_cuts();
  }
  CHECK(cuts > 100);
  CHECK((degraded > 0) == faults);
}

TEST_CASE("no cut shows half of a distributed transaction", "[cut]") { run_seeds(initiator_link::none, false); }

TEST_CASE("no cut parts the initiator's own writes from the others, its stream naming them", "[cut]") {
  run_seeds(initiator_link::streamed, false);
}

TEST_CASE("no cut parts the initiator's own writes from the others, positions being all that is known", "[cut]") {
  run_seeds(initiator_link::sampled, false);
}

TEST_CASE("after an isolated node has returned, cuts are whole again", "[cut]") {
  run_seeds(initiator_link::none, true);
  run_seeds(initiator_link::streamed, true);
  run_seeds(initiator_link::sampled, true);
}

} // namespace
} // namespace weir::cut
