#pragma once

#include <memory>

#include "dsl/build_words.hpp"
#include "dsl/syntax_test.hpp"

namespace weir::dsl {

/// A test from its tree.
std::shared_ptr<const test_declaration> build_test(const tree& node, word_builder& words);

} // namespace weir::dsl
