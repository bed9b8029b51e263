#pragma once

#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace weir {

/// The document as PostgreSQL writes it back as jsonb: keys by length, then by bytes, the last of equal ones kept;
/// numbers without exponent, and strings with no more escapes than needed.
///
/// Errors   `errc::invalid_text_representation` it is no JSON, or holds \u0000 · `errc::numeric_value_out_of_range`
///          · `errc::unsupported` it nests deeper than 200
result<std::string> canonical_jsonb(std::string_view text);

/// Errors   as canonical_jsonb, but for what only values of jsonb cannot hold.
status check_json(std::string_view text);

} // namespace weir
