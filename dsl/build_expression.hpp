#pragma once

#include "dsl/build_words.hpp"
#include "dsl/syntax.hpp"

namespace weir::dsl {

/// An expression from its tree. One that is too high becomes a null, with an error.
syntax_expression build_expression(const tree& node, word_builder& words);

} // namespace weir::dsl
