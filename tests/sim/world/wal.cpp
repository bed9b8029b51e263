#include "tests/sim/world/wal.hpp"

#include <fmt/format.h>

namespace weir::sim {
namespace {

constexpr table_oid orders{16'384};
constexpr table_oid dist_transaction{16'700};
constexpr table_oid dist_shard{16'701};
constexpr table_oid dist_placement{16'702};

test::wire_row wire(std::int64_t id, const order_row& row) {
  return {std::to_string(id), row.region, std::to_string(row.amount)};
}

void write_relation(test::wire_builder& out, table_oid oid, std::string_view name) {
  out.relation({oid, "public", name, 'f', {{true, "id", 20, -1}, {true, "region", 25, -1}, {true, "amount", 20, -1}}});
}

/// The content of transactions, on one connection.
struct content_writer {
  test::wire_builder& out;
  std::set<std::uint32_t>& told;
  std::size_t buckets;

  table_oid table_of(shard_number shard, std::uint32_t table) {
    if (shard == 0) return orders;
    if (told.insert(table).second) write_relation(out, table_oid{table}, fmt::format("orders_{}", shard));
    return table_oid{table};
  }

  void write(const order_changes& changes) {
    using kind = order_change::kind;
    for (const auto& c : changes) {
      if (c.truncated) continue;
      const auto table = table_of(c.shard, c.table);
      switch (c.what) {
        case kind::insert: out.insert(table, wire(c.id, c.after)); break;
        case kind::update: out.update(table, pgoutput::old_row::full, wire(c.id, c.before), wire(c.id, c.after)); break;
        case kind::remove: out.remove(table, pgoutput::old_row::full, wire(c.id, c.before)); break;
        case kind::truncate: out.truncate({table}); break;
      }
    }
  }

  /// Of what goes, only the key comes: the catalogs have an index as replica identity.
  void write(const catalog_row& c) {
    using kind = catalog_row::kind;
    const auto id = std::to_string(c.id);
    const auto hashes = hashes_of(c.range, buckets);
    const test::wire_row place{id, std::to_string(c.shard), "1", "0", std::to_string(c.group)};
    switch (c.what) {
      case kind::shard:
        out.insert(dist_shard, {"public.orders", id, "t", std::to_string(hashes.first), std::to_string(hashes.last)});
        break;
      case kind::no_shard:
        out.remove(dist_shard, pgoutput::old_row::key, {nullptr, id, nullptr, nullptr, nullptr});
        break;
      case kind::placement: out.insert(dist_placement, place); break;
      case kind::moved_placement: out.update(dist_placement, place); break;
      case kind::no_placement:
        out.remove(dist_placement, pgoutput::old_row::key, {id, nullptr, nullptr, nullptr, nullptr});
        break;
    }
  }

  void write(const wal_record& r) {
    for (const auto& t : r.truncates) {
      const auto table = table_of(t.shard, t.table);
      out.truncate({table});
    }
    write(r.changes);
    write(r.copies);
    for (const auto& c : r.catalog) write(c);
    for (const auto& gid : r.participants) out.insert(dist_transaction, {"1", gid});
  }

  void write_prepare(const wal_record& r) {
    out.begin_prepare(r.start, r.end, r.time_us, xid{r.id}, r.gid);
    write(r);
    out.prepare(r.start, r.end, r.time_us, xid{r.id}, r.gid);
  }
};

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

hash_range hashes_of(bucket_range range, std::size_t buckets) {
  const auto width = (std::int64_t{1} << 32U) / static_cast<std::int64_t>(buckets);
  const auto begin_of = [&](std::size_t bucket) { return INT32_MIN + static_cast<std::int64_t>(bucket) * width; };
  const auto end = range.last + 1 == buckets ? std::int64_t{INT32_MAX} + 1 : begin_of(range.last + 1);
  return {static_cast<std::int32_t>(begin_of(range.first)), static_cast<std::int32_t>(end - 1)};
}

test::bytes relation_frames() {
  test::wire_builder out;
  write_relation(out, orders, "orders");
  return out
      .relation({dist_transaction,
                 "pg_catalog",
                 "pg_dist_transaction",
                 'd',
                 {{false, "groupid", 23, -1}, {false, "gid", 25, -1}}})
      .relation({dist_shard,
                 "pg_catalog",
                 "pg_dist_shard",
                 'i',
                 {{false, "logicalrelid", 2205, -1},
                  {true, "shardid", 20, -1},
                  {false, "shardstorage", 18, -1},
                  {false, "shardminvalue", 25, -1},
                  {false, "shardmaxvalue", 25, -1}}})
      .relation({dist_placement,
                 "pg_catalog",
                 "pg_dist_placement",
                 'i',
                 {{true, "placementid", 20, -1},
                  {false, "shardid", 20, -1},
                  {false, "shardstate", 23, -1},
                  {false, "shardlength", 20, -1},
                  {false, "groupid", 23, -1}}})
      .take();
}

test::bytes frames_of(const wal_record& r, lsn two_phase_at, std::set<std::uint32_t>& told, std::size_t buckets) {
  using kind = wal_record::kind;
  test::wire_builder out;
  content_writer content{out, told, buckets};
  out.at(r.start);
  switch (r.what) {
    case kind::commit:
      out.begin(r.start, r.time_us, xid{r.id});
      content.write(r);
      out.commit(r.start, r.end, r.time_us);
      break;
    case kind::message:
      out.begin(r.start, r.time_us, xid{r.id});
      out.logical_message(true, r.start, "weir", "orders").commit(r.start, r.end, r.time_us);
      break;
    case kind::prepare:
      if (r.start >= two_phase_at) content.write_prepare(r);
      break;
    case kind::commit_prepared:
      if (r.prepared->start < two_phase_at) content.write_prepare(*r.prepared);
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
