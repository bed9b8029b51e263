#include "runtime/postgres/repeated_groups.hpp"

#include <algorithm>
#include <utility>

#include "runtime/rows/key_hash.hpp"

namespace weir::postgres {
namespace {

constexpr std::size_t initial_slots = 1024;

} // namespace

void repeated_groups::add(const batch& state, const std::vector<state_column>& layout,
                          std::span<const std::uint32_t> rows) {
  if (any_) return;
  const auto is_key = [](const state_column& c) { return c.role == state_role::key; };
  const auto first = std::find_if(layout.begin(), layout.end(), is_key) - layout.begin();
  const auto keys = std::count_if(layout.begin(), layout.end(), is_key);
  std::vector<const letter_cases*> cases;
  for (auto i = first; i < first + keys; ++i)
    cases.push_back(letters_of_keys(layout[static_cast<std::size_t>(i)].type));
  hash_keys(std::span(state.columns).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(keys)), cases, 0,
            state.rows(), hashes_);
  for (const auto row : rows) insert(hashes_[row]);
}

void repeated_groups::insert(std::uint64_t hash) {
  if (hash == 0) hash = 1;
  if (groups_ * 2 >= slots_.size()) grow();
  const auto mask = slots_.size() - 1;
  auto slot = hash & mask;
  while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & mask;
  if (slots_[slot] == hash || groups_ == most) any_ = true;
  if (any_) return;
  slots_[slot] = hash;
  ++groups_;
}

void repeated_groups::grow() {
  const auto before = std::exchange(slots_, std::vector<std::uint64_t>(std::max(initial_slots, slots_.size() * 2), 0));
  const auto mask = slots_.size() - 1;
  for (const auto hash : before) {
    if (hash == 0) continue;
    auto slot = hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = hash;
  }
}

/// A small cut behind a large one does not wipe what only that one needed.
void repeated_groups::clear() {
  const bool sparse = groups_ * 16 < slots_.size();
  slots_.assign(sparse ? std::min(slots_.size(), initial_slots) : slots_.size(), 0);
  groups_ = 0;
  any_ = false;
}

} // namespace weir::postgres
