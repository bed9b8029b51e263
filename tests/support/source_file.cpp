#include "tests/support/source_file.hpp"

namespace weir::test {

std::string source_file(const std::string& path) { return WEIR_SOURCE_DIR "/" + path; }

} // namespace weir::test
