#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cut/watermark.hpp"
#include "tests/support/catch.hpp"

/// Every order in which two nodes can do three transactions, and every order in which their streams can tell it.
namespace weir::cut {
namespace {

using namespace std::chrono_literals;

/// What a transaction does on a node. `own` is the initiator's, without a name, between the PREPAREs and the decisions.
enum class step { prepare, own, decide, plain };
struct event {
  step what;
  std::size_t transaction;
  friend auto operator<=>(const event&, const event&) = default;
};
using log = std::vector<event>;

struct scenario {
  std::array<log, 2> events;
  std::vector<bool> commits; ///< by transaction
};

lsn end_of(std::size_t place) { return lsn{100 + 10 * (place + 1)}; }
std::string name(std::size_t node, std::size_t transaction) {
  return "citus_0_7_" + std::to_string(transaction) + "_" + std::to_string(node);
}

std::size_t place_of(const log& l, event e) {
  return static_cast<std::size_t>(std::find(l.begin(), l.end(), e) - l.begin());
}
bool holds(const log& l, event e) { return place_of(l, e) < l.size(); }

/// Orders of one node's events in which each transaction is prepared before it is decided.
std::vector<log> orders(log events) {
  std::sort(events.begin(), events.end());
  std::vector<log> found;
  do {
    const bool possible = std::all_of(events.begin(), events.end(), [&](const event& e) {
      const event prepared{step::prepare, e.transaction};
      return e.what != step::decide || place_of(events, prepared) < place_of(events, e);
    });
    if (possible) found.push_back(events);
  } while (std::next_permutation(events.begin(), events.end()));
  return found;
}

/// Is there a history in which every PREPARE precedes the initiator's own commit, and that every decision?
bool feasible(const scenario& s) {
  std::array<std::size_t, 2> done{};
  const auto is_done = [&](event e) {
    for (std::size_t n = 0; n < 2; ++n)
      if (holds(s.events[n], e) && place_of(s.events[n], e) >= done[n]) return false;
    return true;
  };
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t n = 0; n < 2; ++n) {
      if (done[n] == s.events[n].size()) continue;
      const auto e = s.events[n][done[n]];
      const bool free =
          (e.what != step::own && e.what != step::decide) ||
          (is_done({step::prepare, e.transaction}) && (e.what == step::own || is_done({step::own, e.transaction})));
      if (!free) continue;
      ++done[n];
      moved = true;
    }
  }
  return done[0] == s.events[0].size() && done[1] == s.events[1].size();
}

/// One run: `turns[i]` says which node's stream tells its next event.
class run {
public:
  explicit run(const scenario& s)
      : scenario_(s), machine_(epoch{1}, {position(0), position(1)}, {.align = 0us, .idle_interval = 0us}) {
    for (std::uint16_t n = 0; n < 2; ++n) machine_.describe(node_index{n}, n, initiator_link::streamed);
  }

  /// What was wrong, "" if nothing.
  std::string fault(const std::vector<std::size_t>& turns) {
    for (const auto n : turns) {
      tell(n);
      if (!look()) return "a cut shows half of a transaction";
    }
    for (std::uint16_t n = 0; n < 2; ++n) machine_.progress(node_index{n}, end_of(scenario_.events[n].size()));
    if (!look()) return "a cut shows half of a transaction";
    for (std::size_t n = 0; n < 2; ++n)
      for (std::size_t place = 0; place < scenario_.events[n].size(); ++place)
        if (shows(scenario_.events[n][place]) && shown_[n] < end_of(place)) return "something is never shown";
    return "";
  }

private:
  static node_position position(std::uint16_t n) { return {node_index{n}, lsn{100}, lsn{100}}; }

  void tell(std::size_t n) {
    const node_index node{static_cast<std::uint16_t>(n)};
    const auto place = told_[n]++;
    const auto e = scenario_.events[n][place];
    if (e.what == step::decide) {
      seen_.push_back(e);
      (void)machine_.decide(node, name(n, e.transaction), scenario_.commits[e.transaction], end_of(place), 1, 0us);
      return;
    }
    machine_.begin(node, 1, e.what == step::prepare ? name(n, e.transaction) : "");
    if (e.what == step::prepare) {
      machine_.prepare(node, lsn{end_of(place).value - 5}, end_of(place));
      return;
    }
    if (e.what == step::own) {
      seen_.push_back(e);
      machine_.participant(node, name(1 - n, e.transaction));
    }
    machine_.commit(node, end_of(place), 1, false, 0us);
  }

  /// The least that a node may answer: what it did before something that was seen already.
  lsn sample(std::size_t n) const {
    lsn least{100};
    const auto include = [&](event e) {
      if (holds(scenario_.events[n], e)) least = std::max(least, end_of(place_of(scenario_.events[n], e)));
    };
    for (const auto& seen : seen_) {
      include({step::prepare, seen.transaction});
      if (seen.what == step::decide) include({step::own, seen.transaction});
    }
    return least;
  }

  /// Closes what can be closed. Is every transaction in the cuts whole or not at all?
  bool look() {
    for (bool more = true; more;) {
      if (machine_.wants_samples())
        for (std::uint16_t n = 0; n < 2; ++n) machine_.sampled(node_index{n}, sample(n));
      const auto c = machine_.close(1s);
      more = c.has_value();
      if (!c) continue;
      for (const auto& p : c->frontier) shown_[p.node.value] = p.position;
      machine_.durable(c->number);
      for (std::size_t t = 0; t < scenario_.commits.size(); ++t)
        if (!whole(t)) return false;
    }
    return true;
  }

  bool shows(event e) const { return e.what != step::prepare && scenario_.commits[e.transaction]; }

  bool whole(std::size_t t) const {
    if (!scenario_.commits[t]) return true;
    std::size_t parts = 0;
    std::size_t seen = 0;
    for (std::size_t n = 0; n < 2; ++n) {
      for (const auto what : {step::own, step::decide}) {
        const event e{what, t};
        if (!holds(scenario_.events[n], e)) continue;
        ++parts;
        if (end_of(place_of(scenario_.events[n], e)) <= shown_[n]) ++seen;
      }
    }
    return seen == 0 || seen == parts;
  }

  const scenario& scenario_;
  watermark machine_;
  std::array<std::size_t, 2> told_{};
  std::array<lsn, 2> shown_{};
  std::vector<event> seen_; ///< own commits and decisions
};

std::string text(const std::vector<std::size_t>& turns) {
  std::string out;
  for (const auto n : turns) out += " " + std::to_string(n);
  return out;
}
std::string text(const scenario& s) {
  std::string out;
  for (const auto& l : s.events) {
    for (const auto& e : l)
      out += std::string(1, "POCx"[static_cast<int>(e.what)]) + std::to_string(e.transaction) + " ";
    out += "| ";
  }
  return out;
}

/// Runs everything that can happen; returns the number of runs.
std::size_t run_all(const std::array<log, 2>& events, const std::vector<bool>& commits) {
  std::size_t runs = 0;
  for (const auto& first : orders(events[0])) {
    for (const auto& second : orders(events[1])) {
      const scenario s{{first, second}, commits};
      if (!feasible(s)) continue;
      std::vector<std::size_t> turns(first.size(), 0);
      turns.resize(first.size() + second.size(), 1);
      do {
        ++runs;
        if (const auto fault = run(s).fault(turns); !fault.empty())
          FAIL(text(s) << "told" << text(turns) << ": " << fault);
      } while (std::next_permutation(turns.begin(), turns.end()));
    }
  }
  return runs;
}

TEST_CASE("two distributed transactions and a plain one, in every order", "[cut]") {
  const log both{{step::prepare, 0}, {step::decide, 0}, {step::prepare, 1}, {step::decide, 1}};
  auto first = both;
  first.push_back({step::plain, 2});
  CHECK(run_all({first, both}, {true, true, true}) > 10'000);
  CHECK(run_all({first, both}, {true, false, true}) > 10'000);
}

TEST_CASE("the initiator's own writes without a name, in every order", "[cut]") {
  const log first{{step::prepare, 0}, {step::decide, 0}, {step::own, 1}, {step::plain, 2}};
  const log second{{step::prepare, 0}, {step::decide, 0}, {step::prepare, 1}, {step::decide, 1}};
  CHECK(run_all({first, second}, {true, true, true}) > 3'000);
  CHECK(run_all({first, second}, {false, true, true}) > 3'000);
}

} // namespace
} // namespace weir::cut
