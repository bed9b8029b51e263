#pragma once

#include <string>
#include <string_view>

namespace weir::postgres {

/// A name that every kind of object of a server takes unquoted, replication slots included.
///
/// Output   `text` in lower case, all but a-z, 0-9 and _ replaced by _; one longer than 63 bytes is cut and ends in
///          a hash of the whole, so that two long names stay two.
std::string object_name(std::string_view text);

} // namespace weir::postgres
