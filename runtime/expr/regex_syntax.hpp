#pragma once

#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace weir {

struct regex_options {
  bool fold_case = false; ///< `a` is `A`: the letters of ASCII
  /// Characters are what they are under collation "C"; without it, what depends on the locale of the database is
  /// refused.
  bool bytewise = false;
};

/// A pattern of PostgreSQL (an advanced regular expression) as one of RE2 that matches the same texts.
///
/// Errors   `errc::invalid_text_representation` PostgreSQL refuses the pattern, too · `errc::unsupported` it has what
/// RE2
///          has not, or means otherwise. Both with the place in the pattern, characters from 1
/// Source   PostgreSQL manual, functions-matching; src/backend/regex/regc_lex.c, regcomp.c
result<std::string> re2_pattern(std::string_view pattern, regex_options options);

/// The pattern of `similar to` as a regular expression, as PostgreSQL makes it; `escape` is a character, or empty.
///
/// Errors   `errc::unsupported` the separators of substring (x similar y escape z), and brackets that servers of
/// several
///          minor versions read otherwise
/// Source   PostgreSQL, src/backend/utils/adt/regexp.c
result<std::string> similar_as_regex(std::string_view pattern, std::string_view escape);

/// The pattern of `like` with the backslash as escape; `escape` is a character, or empty.
///
/// Source   PostgreSQL, src/backend/utils/adt/like_match.c
std::string like_with_backslash(std::string_view pattern, std::string_view escape);

} // namespace weir
