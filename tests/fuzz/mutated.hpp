#pragma once

#include <string>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir::test {

/// One change of a program's text: a piece taken out, doubled, or put in from another sample; a word, a mark or a
/// comment of the language put in; a blank made an end of line; a byte changed.
std::string mutated(std::string text, const std::vector<std::string>& all, seeded_random& random);

} // namespace weir::test
