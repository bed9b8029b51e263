#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::dsl {

/// A character of an unquoted name behind the first.
bool is_word_character(char c) noexcept;

/// ASCII letters to lower case, as PostgreSQL folds names.
std::string fold(std::string_view word);

/// Is this a word that SQL reserves (or that joins tables), so that it must be quoted to be a name?
bool is_reserved(std::string_view word);

/// The length of the reserved word that `text` begins with, 0 if it begins with none.
std::size_t reserved_length(std::string_view text);

/// The name that `written` (a word, or one between double quotes) means.
std::string name_of(std::string_view written);

/// A name as one would write it: quoted only where it must be. For reading, and for the text of cures; what is sent
/// to a server is quoted by libpq.
std::string display_name(std::string_view name);

} // namespace weir::dsl
