#include "tests/sim/simulated_node.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::test {
namespace {

constexpr std::array regions{"north", "south", "east", "west", "centre"};

wire_row wire(std::int64_t id, const sim_row& row) {
  return {std::to_string(id), row.region, std::to_string(row.amount)};
}

} // namespace

std::vector<simulated_node::change> simulated_node::random_changes(seeded_random& random) {
  std::vector<change> changes;
  auto rows = rows_;
  const auto count = random.below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    const sim_row row{regions[random.below(regions.size())], static_cast<std::int64_t>(random.below(2000)) - 200};
    const auto dice = random.below(100);
    auto old = rows.begin();
    if (!rows.empty()) std::advance(old, static_cast<std::ptrdiff_t>(random.below(rows.size())));
    const bool free = old != rows.end() && !locked_.contains(old->first);
    if (dice < 45 || !free)
      changes.push_back({change::kind::insert, next_id_++, {}, row});
    else if (dice < 75)
      changes.push_back({change::kind::update, old->first, old->second, row});
    else if (dice < 98 || !locked_.empty())
      changes.push_back({change::kind::remove, old->first, old->second, {}});
    else
      changes.push_back({change::kind::truncate, 0, {}, {}});
    apply(rows, {changes.back()});
  }
  return changes;
}

void simulated_node::apply(sim_table& to, const std::vector<change>& changes) {
  for (const auto& c : changes) {
    if (c.what == change::kind::truncate)
      to.clear();
    else if (c.what == change::kind::remove)
      to.erase(c.id);
    else
      to[c.id] = c.after;
  }
}

void simulated_node::append(record r, seeded_random& random) {
  r.start = end_ + random.below(100);
  r.end = r.start + 1 + random.below(200);
  end_ = r.end;
  wal_.push_back(std::move(r));
}

void simulated_node::do_something(seeded_random& random, std::int64_t time_us) {
  const auto dice = random.below(100);
  if (dice < 10 && !prepared_.empty()) {
    auto place = prepared_.begin();
    std::advance(place, static_cast<std::ptrdiff_t>(random.below(prepared_.size())));
    const bool commit = random.chance(2, 3);
    record r{
        commit ? record::kind::commit_prepared : record::kind::rollback_prepared, 0, 0, time_us, 0, place->first, {}};
    if (commit) apply(rows_, place->second);
    std::erase_if(locked_, [&](const auto& l) { return l.second == place->first; });
    prepared_.erase(place);
    append(std::move(r), random);
    return;
  }
  if (dice < 14) {
    append({record::kind::message, 0, 0, time_us, next_xid_++, {}, {}}, random);
    return;
  }
  record r{record::kind::commit, 0, 0, time_us, next_xid_++, {}, random_changes(random)};
  const bool truncates =
      std::any_of(r.changes.begin(), r.changes.end(), [](const change& c) { return c.what == change::kind::truncate; });
  if (dice < 30 && !truncates && confirmed_) {
    r.what = record::kind::prepare;
    r.gid = "citus_0_1_" + std::to_string(r.id) + "_0";
    for (const auto& c : r.changes) locked_[c.id] = r.gid;
    prepared_[r.gid] = r.changes;
  } else {
    apply(rows_, r.changes);
  }
  append(std::move(r), random);
}

void simulated_node::decide_all(seeded_random& random, std::int64_t time_us) {
  while (!prepared_.empty()) {
    const auto place = prepared_.begin();
    apply(rows_, place->second);
    append({record::kind::commit_prepared, 0, 0, time_us, 0, place->first, {}}, random);
    prepared_.erase(place);
  }
  locked_.clear();
}

sim_table simulated_node::after(lsn position) const {
  sim_table rows;
  std::map<std::string, const record*> pending;
  for (const auto& r : wal_) {
    if (r.end > position.value) break;
    if (r.what == record::kind::commit) apply(rows, r.changes);
    if (r.what == record::kind::prepare) pending[r.gid] = &r;
    if (r.what == record::kind::commit_prepared) apply(rows, pending.at(r.gid)->changes);
  }
  return rows;
}

std::size_t simulated_node::start_at(lsn asked) const {
  const auto from = std::max(asked, *confirmed_).value;
  const auto first = std::find_if(wal_.begin(), wal_.end(), [&](const record& r) { return r.start >= from; });
  return static_cast<std::size_t>(first - wal_.begin());
}

bytes simulated_node::relation_frame() {
  return wire_builder()
      .relation(
          {table, "public", "orders", 'f', {{true, "id", 20, -1}, {true, "region", 25, -1}, {true, "amount", 20, -1}}})
      .take();
}

void simulated_node::write_changes(wire_builder& out, const std::vector<change>& changes) {
  for (const auto& c : changes) {
    switch (c.what) {
      case change::kind::insert: out.insert(table, wire(c.id, c.after)); break;
      case change::kind::update:
        out.update(table, pgoutput::old_row::full, wire(c.id, c.before), wire(c.id, c.after));
        break;
      case change::kind::remove: out.remove(table, pgoutput::old_row::full, wire(c.id, c.before)); break;
      case change::kind::truncate: out.truncate({table}); break;
    }
  }
}

bytes simulated_node::frames(std::size_t i) const {
  const auto& r = wal_[i];
  const lsn start{r.start};
  const lsn end{r.end};
  const xid id{r.id};
  wire_builder out;
  out.at(start);
  switch (r.what) {
    case record::kind::commit:
      out.begin(start, r.time_us, id);
      write_changes(out, r.changes);
      out.commit(start, end, r.time_us);
      break;
    case record::kind::message:
      out.begin(start, r.time_us, id).logical_message(true, start, "weir", "orders").commit(start, end, r.time_us);
      break;
    case record::kind::prepare:
      out.begin_prepare(start, end, r.time_us, id, r.gid);
      write_changes(out, r.changes);
      out.prepare(start, end, r.time_us, id, r.gid);
      break;
    case record::kind::commit_prepared: out.commit_prepared(start, end, r.time_us, id, r.gid); break;
    case record::kind::rollback_prepared: out.rollback_prepared(start, end, r.time_us, id, r.gid); break;
  }
  return out.take();
}

} // namespace weir::test
