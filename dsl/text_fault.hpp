#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dsl/diagnostic.hpp"
#include "dsl/source_text.hpp"

namespace weir::dsl {

/// Why a file is no text, if it is none: too large, a zero byte, no UTF-8. Then it is not looked into any further.
std::optional<diagnostic> text_fault(std::uint32_t file, std::string_view text,
                                     std::size_t most_bytes = max_file_bytes);

} // namespace weir::dsl
