#include "runtime/cluster/ownership_tracker.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

/// The tracker against random histories of Citus' catalogs, as one node's stream tells them.
namespace weir {
namespace {

constexpr group_id self = 2;
constexpr group_id groups = 4; ///< 0 is the coordinator
constexpr std::size_t sources = 4;
constexpr std::size_t reference = 3; ///< the source that is a reference table

/// What the catalogs hold, written down another way: by source, every shard with all its placements.
struct table_shard {
  hash_range range;
  std::map<std::int64_t, group_id> placements;
  std::optional<group_id> owner() const {
    std::set<group_id> all;
    for (const auto& [id, group] : placements) all.insert(group);
    return all.empty() ? std::nullopt : std::optional(*all.begin());
  }
  bool is_own() const { return owner() == self; }
};
using table = std::map<shard_id, table_shard>;
using catalogs = std::vector<table>;

/// A transaction on one source, and what it has to be told as.
struct catalog_transaction {
  std::string gid; ///< "": a plain one
  std::size_t source = 0;
  table after;
  std::vector<catalog_change> changes;
  std::set<group_id> gone_to; ///< rows that were this node's
  bool reshaped = false;
};

class history {
public:
  explicit history(std::uint64_t seed) : random_(seed), committed_(sources) {
    ownership o(self);
    for (std::size_t s = 0; s < sources; ++s) {
      committed_[s] = fresh_table(s);
      for (const auto& [id, shard] : committed_[s]) {
        o.put(weir::shard{id, s, shard.range, 0, {}});
        for (const auto& [number, group] : shard.placements) o.put(number, {id, group});
      }
    }
    tracker_.emplace(std::move(o));
  }

  void run(int steps) {
    check();
    for (int i = 0; i < steps; ++i) {
      step();
      check();
      if (random_.chance(1, 2)) write_down_and_read();
    }
  }

private:
  // ---- what happens to a table

  table fresh_table(std::size_t source) {
    table t;
    if (source == reference) {
      auto& only = t[++last_shard_];
      for (group_id g = 0; g < groups; ++g)
        if (g == 0 || random_.chance(2, 3)) only.placements[++last_placement_] = g;
      return t;
    }
    const auto count = 1 + random_.below(4);
    const auto width = (std::int64_t{1} << 32) / static_cast<std::int64_t>(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto first = INT32_MIN + static_cast<std::int64_t>(i) * width;
      const auto last = i + 1 == count ? INT32_MAX : first + width - 1;
      t[++last_shard_] = {{static_cast<std::int32_t>(first), static_cast<std::int32_t>(last)},
                          {{++last_placement_, some_group()}}};
    }
    return t;
  }

  group_id some_group() { return static_cast<group_id>(random_.below(groups)); }

  table_shard& some_shard(table& t, shard_id& id) {
    auto at = t.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_.below(t.size())));
    id = at->first;
    return at->second;
  }

  void note(catalog_transaction& t, const table_shard& before, std::optional<group_id> now) {
    if (before.is_own() && now && *now != self) t.gone_to.insert(*now);
  }

  void put(catalog_transaction& t, std::int64_t number, shard_id id, group_id group) {
    t.changes.emplace_back(placement_put{number, {id, group}});
  }

  void move(catalog_transaction& t) {
    shard_id id = 0;
    auto& shard = some_shard(t.after, id);
    const auto before = shard;
    const auto to = some_group();
    const auto number = shard.placements.begin()->first;
    shard.placements.clear();
    if (random_.chance(1, 2)) { // a worker sees an UPDATE, the coordinator an INSERT and a DELETE
      shard.placements[number] = to;
      put(t, number, id, to);
    } else {
      shard.placements[++last_placement_] = to;
      put(t, last_placement_, id, to);
      t.changes.emplace_back(placement_removed{number});
    }
    note(t, before, to);
  }

  void split(catalog_transaction& t) {
    shard_id id = 0;
    const auto parent = some_shard(t.after, id);
    if (parent.range.first >= parent.range.last - 2) return;
    const auto middle = static_cast<std::int32_t>((std::int64_t{parent.range.first} + parent.range.last) / 2);
    for (const hash_range range : {hash_range{parent.range.first, middle}, hash_range{middle + 1, parent.range.last}}) {
      const auto to = some_group();
      t.after[++last_shard_] = {range, {{++last_placement_, to}}};
      t.changes.emplace_back(shard_put{{last_shard_, t.source, range, 0, {}}});
      put(t, last_placement_, last_shard_, to);
      note(t, parent, to);
    }
    remove(t, id, parent);
  }

  void remove(catalog_transaction& t, shard_id id, const table_shard& shard) {
    for (const auto& [number, group] : shard.placements) t.changes.emplace_back(placement_removed{number});
    t.changes.emplace_back(shard_removed{id});
    t.after.erase(id);
  }

  /// A node gets the reference table, or gives it up.
  void place_reference(catalog_transaction& t) {
    auto& [id, shard] = *t.after.begin();
    const auto before = shard;
    const auto group = some_group();
    const auto there = std::find_if(shard.placements.begin(), shard.placements.end(),
                                    [&](const auto& p) { return p.second == group; });
    if (there == shard.placements.end()) {
      shard.placements[++last_placement_] = group;
      put(t, last_placement_, id, group);
    } else if (shard.placements.size() > 1) {
      t.changes.emplace_back(placement_removed{there->first});
      shard.placements.erase(there);
    }
    note(t, before, shard.owner());
  }

  void drop(catalog_transaction& t) {
    const auto before = t.after;
    for (const auto& [id, shard] : before) remove(t, id, shard);
    t.reshaped = true;
  }

  void create(catalog_transaction& t) {
    t.after = fresh_table(t.source);
    for (const auto& [id, shard] : t.after) {
      t.changes.emplace_back(shard_put{{id, t.source, shard.range, 0, {}}});
      for (const auto& [number, group] : shard.placements) put(t, number, id, group);
    }
    t.reshaped = true;
  }

  catalog_transaction write(std::size_t source) {
    catalog_transaction t{{}, source, committed_[source], {}, {}, false};
    if (t.after.empty())
      create(t);
    else if (random_.chance(1, 20))
      drop(t);
    else if (source == reference)
      place_reference(t);
    else if (random_.chance(1, 3))
      split(t);
    else
      move(t);
    if (random_.chance(1, 4))
      t.changes.emplace_back(placement_put{++last_placement_, {900'000, self}}); // another table's
    for (auto i = t.changes.size(); i > 1; --i) std::swap(t.changes[i - 1], t.changes[random_.below(i)]);
    return t;
  }

  // ---- the stream

  void step() {
    const auto dice = random_.below(10);
    if (dice < 2 && !prepared_.empty()) return send_again();
    if (dice < 6 && !prepared_.empty()) return decide();
    std::vector<std::size_t> free; // Citus locks a table whose shards change
    for (std::size_t s = 0; s < sources; ++s)
      if (std::none_of(prepared_.begin(), prepared_.end(), [&](const auto& p) { return p.source == s; }))
        free.push_back(s);
    if (free.empty()) return decide();
    auto t = write(free[random_.below(free.size())]);
    if (random_.chance(1, 3)) return told(t, tracker_->commit(t.changes));
    t.gid = fmt::format("citus_0_11_{}_0", ++last_gid_);
    tracker_->prepare(t.gid, t.changes);
    prepared_.push_back(std::move(t));
  }

  void send_again() {
    const auto& t = prepared_[random_.below(prepared_.size())];
    tracker_->prepare(t.gid, t.changes);
  }

  void decide() {
    const auto at = prepared_.begin() + static_cast<std::ptrdiff_t>(random_.below(prepared_.size()));
    const auto t = std::move(*at);
    prepared_.erase(at);
    if (random_.chance(1, 3)) {
      tracker_->rollback_prepared(t.gid);
      return;
    }
    told(t, tracker_->commit_prepared(t.gid));
  }

  /// It is committed, and told rightly.
  void told(const catalog_transaction& t, const ownership_change& change) {
    const auto owns_any = [&] {
      const auto& all = committed_[t.source];
      return std::any_of(all.begin(), all.end(), [](const auto& s) { return s.second.is_own(); });
    };
    const bool owned = owns_any();
    committed_[t.source] = t.after;
    std::vector<handover> expected;
    for (const auto to : t.gone_to) expected.push_back({to, t.source});
    CHECK(change.handovers == expected);
    CHECK(change.emptied == (owned && !owns_any() ? std::vector{t.source} : std::vector<std::size_t>{}));
    CHECK(change.reshaped == (t.reshaped ? std::vector{t.source} : std::vector<std::size_t>{}));
    const auto known = [&](const catalog_change& c) {
      const auto* p = std::get_if<placement_put>(&c);
      return p == nullptr || p->what.shard != 900'000;
    };
    CHECK(change.any == std::any_of(t.changes.begin(), t.changes.end(), known));
  }

  void write_down_and_read() {
    auto read = ownership_tracker::parse(tracker_->text());
    REQUIRE(read);
    REQUIRE(read->now() == tracker_->now());
    REQUIRE(read->committed() == tracker_->committed());
    REQUIRE(read->text() == tracker_->text());
    tracker_ = *std::move(read);
  }

  void check() {
    auto effective = committed_;
    std::map<shard_id, std::string> came_with;
    for (const auto& t : prepared_) {
      REQUIRE(tracker_->has_prepared(t.gid) == !t.changes.empty());
      for (const auto& [id, shard] : t.after) {
        const auto before = effective[t.source].find(id);
        if (shard.is_own() && (before == effective[t.source].end() || !before->second.is_own())) came_with[id] = t.gid;
      }
      effective[t.source] = t.after;
    }
    compare(tracker_->committed(), committed_);
    compare(tracker_->now(), effective);
    for (shard_id id = 1; id <= last_shard_; ++id) {
      INFO("shard " << id);
      REQUIRE(tracker_->pending(id) == came_with[id]);
    }
  }

  static void compare(const ownership& told, const catalogs& expected) {
    std::size_t count = 0;
    for (std::size_t source = 0; source < sources; ++source) {
      std::vector<shard_id> own;
      for (const auto& [id, shard] : expected[source]) {
        INFO("shard " << id << " of source " << source);
        ++count;
        REQUIRE(told.find(id) != nullptr);
        REQUIRE(told.find(id)->source == source);
        REQUIRE(told.find(id)->range == shard.range);
        REQUIRE(told.owner(id) == shard.owner());
        if (shard.is_own()) own.push_back(id);
      }
      std::vector<shard_id> found;
      for (const auto* s : told.owned(source)) found.push_back(s->id);
      REQUIRE(found == own);
    }
    REQUIRE(told.shards().size() == count);
  }

  seeded_random random_;
  catalogs committed_;
  std::vector<catalog_transaction> prepared_;
  std::optional<ownership_tracker> tracker_;
  shard_id last_shard_ = 0;
  std::int64_t last_placement_ = 0;
  std::uint64_t last_gid_ = 0;
};

TEST_CASE("ownership follows random histories of the catalogs, however often it is written down", "[cluster]") {
  for (std::uint64_t i = 0; i < 300; ++i) {
    INFO("replay with WEIR_SEED=" << test::seed() + i);
    history(test::seed() + i).run(60);
  }
}

TEST_CASE("a decision of a transaction that changed nothing changes nothing", "[cluster]") {
  ownership_tracker tracker{ownership(self)};
  const auto change = tracker.commit_prepared("citus_0_1_1_0");
  CHECK_FALSE(change.any);
  CHECK(change.handovers.empty());
  tracker.rollback_prepared("citus_0_1_1_0");
  CHECK(tracker.now() == tracker.committed());
}

TEST_CASE("a table that was seen is known after it was written down, whatever letters it has", "[cluster]") {
  ownership o(self);
  o.put(shard{7, 0, {}, 0, {}});
  ownership_tracker tracker{std::move(o)};
  tracker.remember_table(7, "\"Bestellungen äöü\"_7", 4711);
  const auto read = ownership_tracker::parse(tracker.text());
  REQUIRE(read);
  CHECK(read->now().find(7)->relation == "\"Bestellungen äöü\"_7");
  CHECK(read->now().find(7)->oid == 4711);
}

TEST_CASE("a recorded ownership that cannot be read says so", "[cluster]") {
  for (const auto* text :
       {"", "{", "[]", R"({"owned":{}})", R"({"owned":{"group":"x","shards":[],"placements":[]},"prepared":[]})",
        R"({"owned":{"group":1,"shards":[[1]],"placements":[]},"prepared":[]})"}) {
    const auto read = ownership_tracker::parse(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::invalid_value);
  }
}

} // namespace
} // namespace weir
