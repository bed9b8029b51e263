#pragma once

#include <string>

namespace weir::test {

/// The path of a file of the checkout that this was built from; `path` begins at its top: "tests/golden/schema.txt".
std::string source_file(const std::string& path);

} // namespace weir::test
