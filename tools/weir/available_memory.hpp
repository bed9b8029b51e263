#pragma once

#include <cstdint>

namespace weir::program {

/// The memory that this process may use, in bytes: the machine's, or the limit of its control group where that is less.
std::uint64_t available_memory();

} // namespace weir::program
