#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace weir::test {

/// What a golden file holds; with WEIR_GOLDEN=rewrite it is first made to hold `actual`, to be read as a diff.
inline std::string golden(const std::string& path, const std::string& actual) {
  const char* mode = std::getenv("WEIR_GOLDEN");
  if (mode != nullptr && std::string(mode) == "rewrite") std::ofstream(path, std::ios::binary) << actual;
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace weir::test
