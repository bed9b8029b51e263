#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/result.hpp"

namespace weir {

/// What a cut holds together.
enum class consistency : std::uint8_t {
  transaction, ///< every part of a distributed transaction, or none
  node,        ///< each node's transactions as they come
};

/// The word for it in a definition.
const char* to_string(consistency c) noexcept;

/// Can `pattern` tell which prepared transactions are parts of one distributed transaction? It has to be a regular
/// expression as std::regex takes it (ECMAScript), of at most 1000 bytes (its depth is the writer's choice, the stack
/// is ours), that does not give all transactions one name.
///
/// Errors   `errc::config_invalid` with what is wrong; the pattern itself is not repeated
status check_transaction_name(const std::string& pattern);

} // namespace weir
