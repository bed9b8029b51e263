#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment).
/// Cost   O(|a| |b|)
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `typed` was probably meant to be; "" if none is near (a third of its length, at least one).
std::string closest(std::string_view typed, const std::vector<std::string>& candidates);

/// `did you mean "orders"?`, or "" if nothing is near.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& candidates);

} // namespace weir
