#pragma once

#include <string>

#include "dsl/syntax.hpp"

namespace weir::dsl {

/// A program as text: its statements by kind, each on a line of its own, in an order that `syntax` keeps. Comments and
/// layout are not in a tree, so that this is no formatter: dsl/format.hpp works on tokens.
///
/// Input    a tree that parse could have made: names are not empty, clusters' nodes have plain ones
/// Law      parse(print(x)) is x, but for places (tests/property holds random trees to it)
std::string print(const syntax& program);

/// With no more parentheses than precedence asks for.
std::string print(const syntax_expression& e);
std::string print(const query& q);

} // namespace weir::dsl
