#pragma once

#include <cstdint>
#include <string>

#include <tao/pegtl/contrib/parse_tree.hpp>

#include "dsl/diagnostic.hpp"
#include "dsl/syntax.hpp"

namespace weir::dsl {

/// The statements of one file from PEGTL's tree of it. Faults of single words (a unit, a name that is too long) are
/// found here, and passwords that stand in the file.
void build_syntax(const tao::pegtl::parse_tree::node& root, std::uint32_t file, const std::string& text, syntax& out,
                  diagnostics& found);

} // namespace weir::dsl
