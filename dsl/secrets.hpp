#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::dsl {

/// The places [begin, end) of a text where a password stands: behind `password =`, and in the URI form
/// postgresql://user:password@host. Wherever it is, in a string, a comment or a broken statement: rather too much
/// than too little, since it decides what is never shown.
std::vector<std::pair<std::size_t, std::size_t>> secrets_in(std::string_view text);

bool holds_secret(std::string_view text);

} // namespace weir::dsl
