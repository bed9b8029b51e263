#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir::verify {

/// The values of one row, as text; NULL is empty.
using row_values = std::vector<std::optional<std::string>>;

/// A group whose row in the view table is not what the view's query gives.
struct row_difference {
  row_values key;                     ///< by key
  std::optional<row_values> shown;    ///< by output that is no key, in order; empty: the view has no such row
  std::optional<row_values> expected; ///< the same of the query
};

struct view_report {
  std::size_t view = 0;              ///< into pipeline_plan::views
  std::uint64_t compared = 0;        ///< rows that the view, the query, or both have
  std::uint64_t different = 0;       ///< of them
  std::vector<row_difference> first; ///< of those that differ, the first few in the order of their keys
};

/// What was found, and at which cut.
struct report {
  epoch cut;
  std::vector<lsn> positions; ///< of the cut, by node
  std::vector<view_report> views;

  bool equal() const noexcept {
    for (const auto& v : views)
      if (v.different > 0) return false;
    return true;
  }
};

} // namespace weir::verify
