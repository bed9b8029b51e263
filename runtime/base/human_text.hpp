#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

/// "512 B", "3.4 GB".
std::string human_bytes(std::int64_t bytes);
/// "40 s", "3 min", "2.5 h", "4 days".
std::string human_seconds(double seconds);
/// "a, b, c and 4 more".
std::string some_of(const std::vector<std::string>& names, std::size_t most = 8);

} // namespace weir
