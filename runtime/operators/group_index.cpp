#include "runtime/operators/group_index.hpp"

#include <span>

#include "runtime/rows/key_hash.hpp"
#include "runtime/rows/key_value.hpp"

namespace weir {
namespace {

constexpr std::size_t initial_slots = 64;

} // namespace

group_index::group_index(const std::vector<data_type>& key_types) : slots_(initial_slots, 0) {
  for (const auto& type : key_types) {
    keys_.emplace_back(type);
    cases_.push_back(letters_of_keys(type));
  }
}

bool group_index::equal(std::uint32_t group, const batch& rows, std::size_t row) const {
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    const column& mine = keys_[k];
    const column& theirs = rows.columns[k];
    if (mine.is_null(group) != theirs.is_null(row)) return false;
    if (mine.is_null(group)) continue;
    switch (storage_of(mine.type.id)) {
      case storage::i64:
        if (mine.i64[group] != theirs.i64[row]) return false;
        break;
      case storage::f64:
        if (float_key_bits(mine.f64[group]) != float_key_bits(theirs.f64[row])) return false;
        break;
      case storage::bytes:
        if (mine.bytes_at(group) == theirs.bytes_at(row)) break;
        if (cases_[k] == nullptr || !cases_[k]->same(mine.bytes_at(group), theirs.bytes_at(row))) return false;
        break;
      case storage::decimal:
        if (!(canonical(mine, group) == canonical(theirs, row))) return false;
        break;
      case storage::interval:
        if (span_of(mine.intervals[group]) != span_of(theirs.intervals[row])) return false;
        break;
    }
  }
  return true;
}

std::uint32_t group_index::add(const batch& rows, std::size_t row, std::uint64_t hash) {
  for (std::size_t k = 0; k < keys_.size(); ++k) keys_[k].append_from(rows.columns[k], row);
  group_hashes_.push_back(hash);
  return static_cast<std::uint32_t>(size_++);
}

void group_index::grow() {
  slots_.assign(slots_.size() * 2, 0);
  const auto mask = slots_.size() - 1;
  for (std::size_t g = 0; g < size_; ++g) {
    auto slot = group_hashes_[g] & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<std::uint32_t>(g + 1);
  }
}

void group_index::find_or_add(const batch& rows, std::size_t first, std::size_t last,
                              std::vector<std::uint32_t>& groups) {
  hash_keys(std::span(rows.columns).first(keys_.size()), cases_, first, last, row_hashes_);
  groups.resize(last - first);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (size_ * 2 >= slots_.size()) grow();
    const auto mask = slots_.size() - 1;
    auto slot = row_hashes_[i] & mask;
    for (;;) {
      const auto found = slots_[slot];
      if (found == 0) {
        groups[i] = add(rows, first + i, row_hashes_[i]);
        slots_[slot] = groups[i] + 1;
        break;
      }
      if (group_hashes_[found - 1] == row_hashes_[i] && equal(found - 1, rows, first + i)) {
        groups[i] = found - 1;
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
}

std::size_t group_index::size_bytes() const noexcept {
  std::size_t bytes = slots_.size() * sizeof(std::uint32_t) + group_hashes_.size() * sizeof(std::uint64_t);
  for (const auto& k : keys_) bytes += k.size_bytes();
  return bytes;
}

void group_index::clear() {
  for (auto& k : keys_) k.clear();
  group_hashes_.clear();
  slots_.assign(initial_slots, 0);
  size_ = 0;
}

} // namespace weir
