#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "runtime/pgoutput/message.hpp"
#include "runtime/rows/data_type.hpp"

namespace weir::capture {

/// The types that a server made itself, as its stream names them before the relations whose columns have them: their
/// oids are others on every node. A domain comes under its own oid with its base type's name.
class wire_types {
public:
  void add(const pgoutput::type_name& message);

  /// Is every value of the type on the wire a value of `planned`, with the same text? Which of the server's own types
  /// one is that weir passes through, no message says: it is taken for the planned one.
  bool fits(const data_type& planned, std::uint32_t oid, std::int32_t typmod) const;

  /// For messages.
  std::string text_of(std::uint32_t oid, std::int32_t typmod) const;

private:
  struct name {
    std::string schema; ///< "" for pg_catalog
    std::string type;
  };
  std::unordered_map<std::uint32_t, name> named_;
};

} // namespace weir::capture
