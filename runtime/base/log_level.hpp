#pragma once

#include <cstdint>

namespace weir {

enum class log_level : std::uint8_t { debug, info, warning, error };
enum class log_format : std::uint8_t { text, json };

} // namespace weir
