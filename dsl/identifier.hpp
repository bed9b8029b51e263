#pragma once

#include <string>
#include <string_view>

namespace weir::dsl {

/// A character of an unquoted name behind the first.
bool is_word_character(char c) noexcept;

/// ASCII letters to lower case, as PostgreSQL folds names.
std::string fold(std::string_view word);

/// The name that `written` (a word, or one between double quotes) means.
std::string name_of(std::string_view written);

/// A name as one would write it: quoted only where it must be. For reading, and for the text of cures; what is sent
/// to a server is quoted by libpq.
std::string display_name(std::string_view name);

} // namespace weir::dsl
