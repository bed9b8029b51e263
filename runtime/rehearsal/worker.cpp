#include "runtime/rehearsal/worker.hpp"

#include <algorithm>
#include <utility>

namespace weir::rehearsal {
namespace {

constexpr std::uint32_t first_table_oid = 16'384;
constexpr std::uint64_t record_bytes = 100; ///< of WAL; any number is as good

table_oid oid_of(std::size_t table) { return table_oid{first_table_oid + static_cast<std::uint32_t>(table)}; }

char code_of(replica_identity identity) {
  switch (identity) {
    case replica_identity::full: return 'f';
    case replica_identity::index: return 'i';
    case replica_identity::nothing: return 'n';
    case replica_identity::primary_key: break;
  }
  return 'd';
}

wire_value wire(const std::optional<std::string>& value) { return value ? wire_value(*value) : wire_value(nullptr); }

/// The columns that are replicated; of an old row where it holds a key only, others are null.
wire_row wire(const table_row& values, const catalog_table& table, bool key_only) {
  wire_row out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& c = table.columns[i];
    if (!c.generated) out.push_back(key_only && !c.in_identity ? wire_value(nullptr) : wire(values[i]));
  }
  return out;
}

bool key_changed(const row_event& e, const catalog_table& table) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].in_identity && e.before[i] != e.after[i]) return true;
  return false;
}

} // namespace

worker::worker(std::string name, const std::vector<table_shape>& tables) : name_(std::move(name)), shapes_(&tables) {
  for (const auto& shape : tables) tables_.emplace_back(shape);
}

const table* worker::find(const std::string& schema, const std::string& table_name) const {
  const auto found = std::find_if(tables_.begin(), tables_.end(), [&](const table& t) {
    return t.shape().is.schema == schema && t.shape().is.name == table_name;
  });
  return found == tables_.end() ? nullptr : &*found;
}

void worker::append(wal_record r) {
  r.start = end_;
  r.end = end_ = lsn{end_.value + record_bytes};
  wal_.push_back(std::move(r));
}

void worker::commit(draft done, std::int64_t time_us) {
  tables_ = std::move(done.tables);
  append({wal_record::kind::commit, {}, {}, time_us, next_xid_++, {}, std::move(done.events), true});
}

void worker::prepare(const std::string& gid, draft done, std::int64_t time_us) {
  append({wal_record::kind::prepare, {}, {}, time_us, next_xid_, gid, done.events, true});
  prepared_.insert_or_assign(gid, std::pair(next_xid_++, std::move(done)));
}

void worker::commit_prepared(const std::string& gid, std::int64_t time_us) {
  auto part = std::move(prepared_.at(gid));
  prepared_.erase(gid);
  tables_ = std::move(part.second.tables);
  append({wal_record::kind::commit_prepared, {}, {}, time_us, part.first, gid, {}, true});
}

void worker::emit_message(std::int64_t time_us) { append({wal_record::kind::message, {}, {}, time_us, next_xid_++}); }

std::vector<std::uint32_t> worker::prepared() const {
  std::vector<std::uint32_t> out;
  for (const auto& [gid, part] : prepared_) out.push_back(part.first);
  return out;
}

std::size_t worker::shown_records() const {
  const auto from = wal_.begin() + static_cast<std::ptrdiff_t>(delivered_);
  const auto first = std::find_if(from, wal_.end(), [](const wal_record& r) { return r.waits; });
  return static_cast<std::size_t>(first - wal_.begin());
}

lsn worker::shown() const {
  const auto records = shown_records();
  return records < wal_.size() ? wal_[records].start : end_;
}

std::size_t worker::first_at(lsn from) const {
  const auto first = std::find_if(wal_.begin(), wal_.end(), [&](const wal_record& r) { return r.start >= from; });
  return static_cast<std::size_t>(first - wal_.begin());
}

void worker::write(const row_event& e, std::vector<bool>& told, wire_builder& out) const {
  const auto& table = (*shapes_)[e.table].is;
  const auto oid = oid_of(e.table);
  told.resize(shapes_->size());
  if (!told[e.table]) {
    pgoutput::relation r{oid, table.schema, table.name, code_of(table.identity), {}};
    for (const auto& c : table.columns)
      if (!c.generated) r.columns.push_back({c.in_identity, c.name, c.type_oid, c.typmod});
    out.relation(r);
    told[e.table] = true;
  }
  const bool full = table.identity == replica_identity::full;
  const auto old = full ? pgoutput::old_row::full : pgoutput::old_row::key;
  switch (e.kind) {
    case change_kind::insert: out.insert(oid, wire(e.after, table, false)); break;
    case change_kind::remove: out.remove(oid, old, wire(e.before, table, !full)); break;
    case change_kind::truncate: out.truncate({oid}); break;
    case change_kind::update:
      if (full || key_changed(e, table))
        out.update(oid, old, wire(e.before, table, !full), wire(e.after, table, false));
      else
        out.update(oid, wire(e.after, table, false));
      break;
  }
}

bytes worker::frames_of(std::size_t record, std::vector<bool>& told) const {
  using kind = wal_record::kind;
  const auto& r = wal_[record];
  wire_builder out;
  out.at(r.start);
  switch (r.what) {
    case kind::commit:
      out.begin(r.start, r.time_us, xid{r.id});
      for (const auto& e : r.events) write(e, told, out);
      out.commit(r.start, r.end, r.time_us);
      break;
    case kind::message:
      out.begin(r.start, r.time_us, xid{r.id});
      out.logical_message(true, r.start, "weir", name_).commit(r.start, r.end, r.time_us);
      break;
    case kind::prepare:
      out.begin_prepare(r.start, r.end, r.time_us, xid{r.id}, r.gid);
      for (const auto& e : r.events) write(e, told, out);
      out.prepare(r.start, r.end, r.time_us, xid{r.id}, r.gid);
      break;
    case kind::commit_prepared: out.commit_prepared(r.start, r.end, r.time_us, xid{r.id}, r.gid); break;
  }
  return out.take();
}

void worker::go_away() {
  up_ = false;
  ++life_;
  for (auto& [name, slot] : slots_) slot.reader = 0;
}

} // namespace weir::rehearsal
