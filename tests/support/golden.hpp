#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace weir::test {

/// What a golden file holds; with WEIR_REWRITE_GOLDEN set it is first made to hold `actual`, to be read as a diff.
inline std::string golden(const std::string& path, const std::string& actual) {
  if (std::getenv("WEIR_REWRITE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << actual;
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace weir::test
