#include "runtime/rows/column.hpp"

#include "runtime/rows/batch.hpp"

namespace weir {
namespace {

template <class T>
std::size_t bytes_of(const std::vector<T>& elements) noexcept {
  return elements.size() * sizeof(T);
}

} // namespace

void column::append_null() {
  switch (storage_of(type.id)) {
    case storage::i64: i64.push_back(0); break;
    case storage::f64: f64.push_back(0); break;
    case storage::decimal: decimals.push_back({}); break;
    case storage::interval: intervals.push_back({}); break;
    case storage::bytes: offsets.push_back(static_cast<std::uint32_t>(arena.size())); break;
  }
  nulls.push_back(1);
}

void column::append_i64(std::int64_t value) {
  i64.push_back(value);
  nulls.push_back(0);
}

void column::append_f64(double value) {
  f64.push_back(value);
  nulls.push_back(0);
}

void column::append_bytes(std::string_view value) {
  arena.insert(arena.end(), value.begin(), value.end());
  offsets.push_back(static_cast<std::uint32_t>(arena.size()));
  nulls.push_back(0);
}

void column::append_interval(interval value) {
  intervals.push_back(value);
  nulls.push_back(0);
}

void column::append_decimal(decimal value, std::string_view big_text) {
  if (value.form == decimal::kind::big) {
    value.coefficient = static_cast<int128>(bigs.size());
    bigs.emplace_back(big_text);
  }
  decimals.push_back(value);
  nulls.push_back(0);
}

void column::append_from(const column& from, std::size_t row) {
  if (from.is_null(row)) return append_null();
  switch (storage_of(type.id)) {
    case storage::i64: return append_i64(from.i64[row]);
    case storage::f64: return append_f64(from.f64[row]);
    case storage::bytes: return append_bytes(from.bytes_at(row));
    case storage::interval: return append_interval(from.intervals[row]);
    case storage::decimal: break;
  }
  const decimal& value = from.decimals[row];
  if (value.form != decimal::kind::big) return append_decimal(value);
  append_decimal(value, from.bigs[static_cast<std::size_t>(value.coefficient)]);
}

void column::reserve(std::size_t rows) {
  nulls.reserve(rows);
  switch (storage_of(type.id)) {
    case storage::i64: i64.reserve(rows); break;
    case storage::f64: f64.reserve(rows); break;
    case storage::decimal: decimals.reserve(rows); break;
    case storage::interval: intervals.reserve(rows); break;
    case storage::bytes: offsets.reserve(rows + 1); break;
  }
}

void column::clear() noexcept {
  nulls.clear();
  i64.clear();
  f64.clear();
  decimals.clear();
  bigs.clear();
  intervals.clear();
  offsets.resize(1); // shrinks: there is always the leading 0
  arena.clear();
}

std::size_t column::size_bytes() const noexcept {
  auto total = bytes_of(nulls) + bytes_of(i64) + bytes_of(f64) + bytes_of(decimals) + bytes_of(intervals) +
               bytes_of(offsets) + arena.size();
  for (const auto& text : bigs) total += sizeof(std::string) + text.size();
  return total;
}

std::size_t batch::size_bytes() const noexcept {
  auto total = weights.size() * sizeof(std::int64_t);
  for (const auto& c : columns) total += c.size_bytes();
  return total;
}

} // namespace weir
