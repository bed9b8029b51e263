#include "runtime/capture/gather.hpp"

namespace weir::capture {

namespace {

template <class T>
std::vector<T> pick(const std::vector<T>& from, std::span<const std::uint32_t> rows) {
  std::vector<T> out;
  out.reserve(rows.size());
  for (const auto row : rows) out.push_back(from[row]);
  return out;
}

void gather_bytes(const column& from, std::span<const std::uint32_t> rows, column& out) {
  std::size_t size = 0;
  for (const auto row : rows) size += from.offsets[row + 1] - from.offsets[row];
  out.arena.reserve(size);
  out.offsets.reserve(rows.size() + 1);
  for (const auto row : rows) {
    const auto value = from.bytes_at(row);
    out.arena.insert(out.arena.end(), value.begin(), value.end());
    out.offsets.push_back(static_cast<std::uint32_t>(out.arena.size()));
  }
}

} // namespace

std::vector<std::int64_t> gather(const std::vector<std::int64_t>& from, std::span<const std::uint32_t> rows) {
  return rows.size() == from.size() ? from : pick(from, rows);
}

column gather(const column& from, std::span<const std::uint32_t> rows) {
  if (rows.size() == from.rows()) return from;
  column out(from.type);
  const auto kind = storage_of(from.type.id);
  if (kind == storage::decimal && !from.bigs.empty()) {
    for (const auto row : rows) out.append_from(from, row); // renumbers the big ones
    return out;
  }
  out.nulls = pick(from.nulls, rows);
  switch (kind) {
    case storage::i64: out.i64 = pick(from.i64, rows); break;
    case storage::f64: out.f64 = pick(from.f64, rows); break;
    case storage::decimal: out.decimals = pick(from.decimals, rows); break;
    case storage::interval: out.intervals = pick(from.intervals, rows); break;
    case storage::bytes: gather_bytes(from, rows, out); break;
  }
  return out;
}

} // namespace weir::capture
