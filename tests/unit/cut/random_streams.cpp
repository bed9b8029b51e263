#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/cut/watermark.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir::cut {
namespace {

/// What a server wrote: transactions as they ended. `partner` is the decision of a PREPARE and the PREPARE of a
/// decision.
struct record {
  enum class kind { commit, empty_commit, prepare, commit_prepared, rollback_prepared };
  kind what;
  lsn begin;
  lsn end;
  std::int64_t time_us;
  std::string gid;
  std::optional<std::size_t> partner;

  bool shows_something() const { return what == kind::commit || what == kind::commit_prepared; }
};

/// A server: its log, and its slot with two_phase, which sends a PREPARE that is older than itself with its COMMIT.
class server {
public:
  std::vector<record> log;
  lsn slot_made;

  lsn end() const { return log.empty() ? lsn{100} : log.back().end; }

  void write(seeded_random& random, std::int64_t time_us) {
    const lsn begin{end().value + random.below(3)};
    record r{record::kind::commit, begin, lsn{begin.value + 1 + random.below(9)}, time_us, {}, {}};
    const auto undecided = undecided_prepares();
    if (!undecided.empty() && random.chance(1, 3)) {
      const auto chosen = undecided[random.below(undecided.size())];
      r.what = random.chance(1, 4) ? record::kind::rollback_prepared : record::kind::commit_prepared;
      r.gid = log[chosen].gid;
      r.partner = chosen;
      log[chosen].partner = log.size();
    } else if (random.chance(1, 3)) {
      r.what = record::kind::prepare;
      r.gid = free_name();
    } else if (random.chance(1, 4)) {
      r.what = record::kind::empty_commit;
    }
    log.push_back(r);
  }

  /// What a stream from `from` sends: numbers of records.
  std::deque<std::size_t> stream(lsn from) const {
    std::deque<std::size_t> out;
    for (std::size_t i = 0; i < log.size(); ++i)
      if (log[i].begin >= from) append(i, out);
    return out;
  }
  void append(std::size_t i, std::deque<std::size_t>& out) const {
    const auto& r = log[i];
    if (r.what == record::kind::commit_prepared && log[*r.partner].begin < slot_made) out.push_back(*r.partner);
    out.push_back(i);
  }

  /// The slow obvious view: what the transactions up to a position show, in commit order.
  std::vector<std::size_t> shown_at(lsn position) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < log.size(); ++i)
      if (log[i].shows_something() && log[i].end <= position) out.push_back(i);
    return out;
  }

  /// A position that the slot must not pass while the views are at `position`.
  lsn needed_from(lsn position) const {
    for (const auto& r : log) {
      if (r.what != record::kind::prepare || r.begin < slot_made) continue;
      const bool undecided = !r.partner;
      if (undecided || (log[*r.partner].shows_something() && log[*r.partner].end > position)) return r.begin;
    }
    return position;
  }

private:
  std::vector<std::size_t> undecided_prepares() const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < log.size(); ++i)
      if (log[i].what == record::kind::prepare && !log[i].partner) out.push_back(i);
    return out;
  }
  /// Names are used again once they are decided.
  std::string free_name() const {
    std::set<std::string> used;
    for (const auto i : undecided_prepares()) used.insert(log[i].gid);
    for (int n = 1;; ++n)
      if (auto name = "g" + std::to_string(n); !used.contains(name)) return name;
  }
};

/// Servers and a target that outlive the machine, and everything that may happen between them, in random order.
class world {
public:
  explicit world(std::uint64_t seed) : random_(seed), servers_(1 + random_.below(4)) {
    options_.align = std::chrono::milliseconds(random_.below(2) * 5);
    options_.idle_interval = std::chrono::milliseconds(50);
    options_.idle_bytes = 1 + random_.below(100);
    options_.wait_for_all = random_.chance(1, 3);
    durable_.resize(servers_.size());
    shown_.resize(servers_.size());
    start();
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }

  /// Everything that was written is told and shown in the end.
  void finish() {
    for (int round = 0; round < 3; ++round) {
      for (std::size_t n = 0; n < servers_.size(); ++n) {
        if (!links_[n].up) connect(n);
        while (!links_[n].loaded) deliver(n);
        look_at_log(n);
        while (!links_[n].to_send.empty()) deliver(n);
        keepalive(n, servers_[n].end());
      }
      sample_all();
      now_ += std::chrono::seconds(1);
      while (close()) {
      }
      while (!pending_.empty()) make_durable();
    }
    for (std::size_t n = 0; n < servers_.size(); ++n) {
      INFO("node " << n);
      REQUIRE(shown_[n] == servers_[n].shown_at(servers_[n].end()));
      REQUIRE(machine_->durable_position(index(n))->confirmed >= servers_[n].needed_from(servers_[n].end()));
      for (const auto id : machine_->pinned(index(n))) live_.erase(id.value);
    }
    REQUIRE(live_.empty()); // each is in a cut, was dropped, or is prepared still
  }

  std::size_t cuts() const { return cuts_; }

private:
  struct link {
    bool up = false;
    bool loading = false;
    bool loaded = false;
    transaction_id load; ///< as the machine calls it
    std::deque<std::size_t> to_send;
    std::size_t seen = 0; ///< records of the log that were considered for to_send
    std::optional<transaction_id> open;
    lsn told; ///< the last position of the stream
  };
  /// What a transaction of the machine stands for: records of a node.
  struct content {
    std::size_t node = 0;
    std::vector<std::size_t> records;
  };
  struct pending_cut {
    closed_cut cut;
    std::vector<content> contents;
  };

  static node_index index(std::size_t n) { return node_index{static_cast<std::uint16_t>(n)}; }

  void start() {
    machine_.emplace(last_, durable_, options_);
    links_.assign(servers_.size(), {});
    live_.clear();
    prepared_.clear();
    pending_.clear();
    closed_ = durable_;
    next_number_ = epoch{last_.value + 1};
  }

  void step() {
    const auto n = random_.below(servers_.size());
    switch (random_.below(16)) {
      case 0:
      case 1:
      case 2:
        wall_us_ += 1 + static_cast<std::int64_t>(random_.below(3000));
        servers_[n].write(random_, wall_us_ + static_cast<std::int64_t>(random_.below(2000)));
        break;
      case 3: now_ += std::chrono::milliseconds(random_.below(4)); break;
      case 4:
        if (random_.chance(1, 8)) break_off(n);
        break;
      case 5:
        if (random_.chance(1, 25)) start(); // the program was killed
        break;
      case 6: sample_all(); break;
      case 7:
        if (!pending_.empty()) make_durable();
        break;
      case 8:
      case 9: close(); break;
      default:
        if (links_[n].up)
          deliver(n);
        else
          connect(n);
    }
    check_settled();
  }

  void connect(std::size_t n) {
    auto& l = links_[n];
    l = {};
    l.up = true;
    const auto from = machine_->resume(index(n));
    l.loaded = from.has_value();
    if (from) begin_stream(n, *from);
  }

  void begin_stream(std::size_t n, lsn from) {
    links_[n].told = from;
    links_[n].to_send = servers_[n].stream(from);
    links_[n].seen = servers_[n].log.size();
  }

  void break_off(std::size_t n) {
    for (const auto id : machine_->node_down(index(n))) dropped(id);
    links_[n] = {};
  }

  void look_at_log(std::size_t n) {
    auto& l = links_[n];
    for (; l.seen < servers_[n].log.size(); ++l.seen) servers_[n].append(l.seen, l.to_send);
  }

  void deliver(std::size_t n) {
    auto& l = links_[n];
    if (!l.loaded) return deliver_load(n);
    look_at_log(n);
    if (l.to_send.empty()) return keepalive(n, servers_[n].end());
    const auto& r = servers_[n].log[l.to_send.front()];
    const bool decision = r.what == record::kind::commit_prepared || r.what == record::kind::rollback_prepared;
    if (!l.open && !decision) {
      l.open = machine_->begin(index(n), r.time_us, r.gid);
      live_[l.open->value] = {n, {l.to_send.front()}};
      return;
    }
    const auto i = l.to_send.front();
    l.to_send.pop_front();
    l.told = std::max(l.told, r.end);
    if (decision) return deliver_decision(n, i);
    const auto id = *std::exchange(l.open, std::nullopt);
    if (r.what == record::kind::prepare) {
      prepared_[{n, r.gid}] = id;
      if (const auto replaced = machine_->prepare(index(n), r.begin, r.end)) dropped(*replaced);
      return;
    }
    const bool empty = r.what == record::kind::empty_commit;
    if (const auto id_dropped = machine_->commit(index(n), r.end, r.time_us, empty, now_))
      dropped(*id_dropped);
    else
      REQUIRE_FALSE(empty);
  }

  void deliver_load(std::size_t n) {
    auto& l = links_[n];
    if (!l.loading) {
      l.loading = true;
      l.load = machine_->begin_load(index(n));
      servers_[n].slot_made = servers_[n].end();
      live_[l.load.value] = {n, servers_[n].shown_at(servers_[n].end())};
      return;
    }
    machine_->end_load(index(n), servers_[n].slot_made, now_);
    l.loaded = true;
    begin_stream(n, servers_[n].slot_made);
  }

  void deliver_decision(std::size_t n, std::size_t i) {
    const auto& r = servers_[n].log[i];
    const auto known = prepared_.find({n, r.gid});
    if (known != prepared_.end() && live_.contains(known->second.value)) {
      live_[known->second.value] = {n, {i}}; // what it shows, it shows by its commit
      prepared_.erase(known);
    }
    const auto outcome =
        machine_->decide(index(n), r.gid, r.what == record::kind::commit_prepared, r.end, r.time_us, now_);
    REQUIRE(outcome);
    if (*outcome) dropped(**outcome);
  }

  void keepalive(std::size_t n, lsn position) {
    links_[n].told = std::max(links_[n].told, position);
    machine_->progress(index(n), position);
  }

  void sample_all() {
    machine_->wants_samples();
    for (std::size_t n = 0; n < servers_.size(); ++n)
      if (links_[n].up && machine_->awaits_sample(index(n))) machine_->sampled(index(n), servers_[n].end());
  }

  void dropped(transaction_id id) { REQUIRE(live_.erase(id.value) == 1); }

  bool close() {
    const bool all_up = std::all_of(links_.begin(), links_.end(), [](const link& l) { return l.up; });
    auto closed = machine_->close(now_);
    if (!closed) return false;
    REQUIRE((all_up || !options_.wait_for_all));
    REQUIRE(closed->number == next_number_);
    next_number_ = epoch{next_number_.value + 1};
    pending_cut cut{*closed, {}};
    for (const auto id : closed->transactions) {
      const auto found = live_.find(id.value);
      REQUIRE(found != live_.end()); // in no cut before, and not dropped
      cut.contents.push_back(found->second);
      live_.erase(found);
    }
    check_frontier(*closed);
    pending_.push_back(std::move(cut));
    ++cuts_;
    return true;
  }

  void check_frontier(const closed_cut& cut) {
    REQUIRE(cut.frontier.size() == servers_.size());
    for (std::size_t n = 0; n < servers_.size(); ++n) {
      const auto& p = cut.frontier[n];
      INFO("node " << n << ", position " << p.position.value << ", confirmed " << p.confirmed.value);
      REQUIRE(p.node == index(n));
      REQUIRE(p.confirmed <= p.position);
      REQUIRE(p.confirmed <= servers_[n].needed_from(p.position));
      if (links_[n].up) REQUIRE(p.confirmed <= links_[n].told);
      if (closed_[n]) {
        REQUIRE(closed_[n]->position <= p.position);
        REQUIRE(closed_[n]->confirmed <= p.confirmed);
      }
      closed_[n] = p;
    }
  }

  /// The target commits the oldest cut: the views equal what the servers did up to the frontier.
  void make_durable() {
    const auto cut = std::move(pending_.front());
    pending_.pop_front();
    for (const auto& c : cut.contents) {
      auto& view = shown_[c.node];
      view.insert(view.end(), c.records.begin(), c.records.end());
    }
    last_ = cut.cut.number;
    for (std::size_t n = 0; n < servers_.size(); ++n) {
      durable_[n] = cut.cut.frontier[n];
      REQUIRE(shown_[n] == servers_[n].shown_at(durable_[n]->position));
    }
    machine_->durable(last_);
    for (std::size_t n = 0; n < servers_.size(); ++n)
      REQUIRE(machine_->durable_position(index(n))->confirmed == durable_[n]->confirmed);
  }

  void check_settled() const {
    for (std::size_t n = 0; n < servers_.size(); ++n)
      if (durable_[n]) REQUIRE(shown_[n] == servers_[n].shown_at(machine_->settled(index(n))));
  }

  seeded_random random_;
  std::vector<server> servers_;
  watermark_options options_;
  instant now_{};
  std::int64_t wall_us_ = 1'000'000;

  // The target.
  epoch last_;
  std::vector<std::optional<node_position>> durable_;
  std::vector<std::vector<std::size_t>> shown_; ///< by node: records, as they came into the views

  // One life of the program.
  std::optional<watermark> machine_;
  std::vector<link> links_;
  std::map<std::uint64_t, content> live_; ///< in no cut, and not dropped
  std::map<std::pair<std::size_t, std::string>, transaction_id> prepared_;
  std::deque<pending_cut> pending_; ///< closed, not durable
  std::vector<std::optional<node_position>> closed_;
  epoch next_number_;
  std::size_t cuts_ = 0;
};

TEST_CASE("whatever happens, each transaction is in exactly one cut, in its node's order", "[cut]") {
  std::size_t cuts = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto seed = test::seed() + i;
    INFO("replay with WEIR_SEED=" << seed);
    world w(seed);
    w.run(600);
    w.finish();
    cuts += w.cuts();
  }
  REQUIRE(cuts > 300);
}

} // namespace
} // namespace weir::cut
