#include "runtime/base/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace weir {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = above;
    std::swap(above, row);
  }
  return above[b.size()];
}

std::string closest(std::string_view typed, const std::vector<std::string>& candidates) {
  // names have at most 63 bytes; longer words are no misspelling, and are not worth the time
  constexpr std::size_t max_length = 64;
  if (typed.empty() || typed.size() > max_length) return {};
  const std::size_t limit = std::max<std::size_t>(1, typed.size() / 3);
  std::size_t best = limit + 1;
  std::string found;
  for (const auto& candidate : candidates) {
    if (candidate.size() > max_length) continue;
    const std::size_t distance = edit_distance(typed, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& candidates) {
  const auto found = closest(typed, candidates);
  return found.empty() ? std::string() : fmt::format("did you mean \"{}\"?", found);
}

} // namespace weir
