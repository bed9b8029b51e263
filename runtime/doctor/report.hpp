#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/doctor/finding.hpp"

namespace weir::doctor {

/// One place that was examined.
struct examined {
  std::string name;  ///< as in finding::place
  std::string about; ///< address and versions, or why nothing is known
};

/// What doctor has to say of a pipeline.
struct report {
  std::string pipeline;
  std::string capture;          ///< tables, raw, logical; "" where no node could be asked
  std::vector<examined> places; ///< in the order in which they are shown
  std::vector<finding> findings;

  std::size_t count(severity s) const {
    std::size_t n = 0;
    for (const auto& f : findings) n += f.severity == s ? 1 : 0;
    return n;
  }
};

/// For people: places in order, errors before warnings, what is well as a number (each of it if `verbose`).
std::string render(const report& r, bool verbose);

} // namespace weir::doctor
