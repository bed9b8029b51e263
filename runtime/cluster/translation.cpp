#include "runtime/cluster/translation.hpp"

#include <algorithm>

namespace weir {

translation_change compare(const translation& before, const translation& now) {
  if (before.tables != now.tables) return translation_change::reshaped;
  const bool rewritten = std::any_of(now.files.begin(), now.files.end(), [&](const auto& f) {
    const auto was = before.files.find(f.first);
    return was != before.files.end() && was->second != f.second;
  });
  if (rewritten) return translation_change::reshaped;
  if (before.placements != now.placements) return translation_change::moved;
  // A shard's table is another one, and nothing has moved.
  return before.files == now.files ? translation_change::none : translation_change::reshaped;
}

} // namespace weir
