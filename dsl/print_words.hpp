#pragma once

#include <string>
#include <vector>

#include "dsl/syntax.hpp"

/// Words and lists as print writes them.
namespace weir::dsl::print_words {

/// Between single quotes.
std::string string(const std::string& content);
/// Between double quotes, whatever it holds: a connection string, the name of a file.
std::string quoted(const std::string& content);
/// "a.b": each quoted where it has to be.
std::string path(const std::vector<name>& names);
/// "a, b".
std::string names(const std::vector<name>& all);
std::string expressions(const std::vector<syntax_expression>& all);

} // namespace weir::dsl::print_words
