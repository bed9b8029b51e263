#include "tests/sim/world/wal.hpp"

#include <fmt/format.h>

namespace weir::sim {
namespace {

constexpr table_oid orders{16'384};
constexpr table_oid dist_transaction{16'700};

test::wire_row wire(std::int64_t id, const order_row& row) {
  return {std::to_string(id), row.region, std::to_string(row.amount)};
}

void write_changes(test::wire_builder& out, const order_changes& changes) {
  using kind = order_change::kind;
  for (const auto& c : changes) {
    switch (c.what) {
      case kind::insert: out.insert(orders, wire(c.id, c.after)); break;
      case kind::update: out.update(orders, pgoutput::old_row::full, wire(c.id, c.before), wire(c.id, c.after)); break;
      case kind::remove: out.remove(orders, pgoutput::old_row::full, wire(c.id, c.before)); break;
      case kind::truncate: out.truncate({orders}); break;
    }
  }
}

void write_prepare(test::wire_builder& out, const wal_record& r) {
  out.begin_prepare(r.start, r.end, r.time_us, xid{r.id}, r.gid);
  write_changes(out, r.changes);
  out.prepare(r.start, r.end, r.time_us, xid{r.id}, r.gid);
}

} // namespace

void apply(order_table& to, const order_changes& changes) {
  for (const auto& c : changes) {
    if (c.what == order_change::kind::truncate)
      to.clear();
    else if (c.what == order_change::kind::remove)
      to.erase(c.id);
    else
      to[c.id] = c.after;
  }
}

const order_changes& wal_record::effects() const {
  static const order_changes none;
  if (what == kind::commit) return changes;
  return what == kind::commit_prepared ? prepared->changes : none;
}

test::bytes relation_frames() {
  return test::wire_builder()
      .relation(
          {orders, "public", "orders", 'f', {{true, "id", 20, -1}, {true, "region", 25, -1}, {true, "amount", 20, -1}}})
      .relation({dist_transaction,
                 "pg_catalog",
                 "pg_dist_transaction",
                 'd',
                 {{false, "groupid", 23, -1}, {false, "gid", 25, -1}}})
      .take();
}

test::bytes frames_of(const wal_record& r, lsn two_phase_at) {
  using kind = wal_record::kind;
  test::wire_builder out;
  out.at(r.start);
  switch (r.what) {
    case kind::commit:
      out.begin(r.start, r.time_us, xid{r.id});
      write_changes(out, r.changes);
      for (const auto& gid : r.participants) out.insert(dist_transaction, {"1", gid});
      out.commit(r.start, r.end, r.time_us);
      break;
    case kind::message:
      out.begin(r.start, r.time_us, xid{r.id});
      out.logical_message(true, r.start, "weir", "orders").commit(r.start, r.end, r.time_us);
      break;
    case kind::prepare:
      if (r.start >= two_phase_at) write_prepare(out, r);
      break;
    case kind::commit_prepared:
      if (r.prepared->start < two_phase_at) write_prepare(out, *r.prepared);
      out.commit_prepared(r.start, r.end, r.time_us, xid{r.id}, r.gid);
      break;
    case kind::rollback_prepared: out.rollback_prepared(r.prepared->end, r.end, r.time_us, xid{r.id}, r.gid); break;
    case kind::shard: break;
  }
  return out.take();
}

std::string to_text(const wal_record& r) {
  constexpr const char* names[] = {"commits",    "prepares",        "commits prepared",
                                   "rolls back", "emits a message", "moves rows of a shard"};
  return fmt::format("{}{}{}, {} changes, {} to {}", names[static_cast<std::size_t>(r.what)], r.gid.empty() ? "" : " ",
                     r.gid, r.effects().size(), to_string(r.start), to_string(r.end));
}

} // namespace weir::sim
