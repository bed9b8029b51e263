#pragma once

#include <cstdint>

namespace weir {

/// What the streams of the nodes bring.
enum class capture_mode : std::uint8_t {
  tables,  ///< rows of the sources themselves: servers without Citus
  raw,     ///< rows of shards, and the changes of Citus' catalogs that tell who owns them
  logical, ///< rows of the sources, as Citus translates them (citus.enable_change_data_capture)
};

/// The word for it in a definition.
const char* to_string(capture_mode mode) noexcept;

} // namespace weir
