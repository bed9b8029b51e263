#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir {

/// "256 MiB", "4GiB", "1000 kB", "65536": bytes; binary units are powers of 1024, kB, MB, GB of 1000.
/// Empty if it is no such text, or too large.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

} // namespace weir
