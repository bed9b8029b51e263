#pragma once

#include "dsl/build_words.hpp"

namespace weir::dsl {

/// The query of a grammar::query.
query build_query(const tree& node, word_builder& words);

} // namespace weir::dsl
