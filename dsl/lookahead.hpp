#pragma once

#include <string_view>

namespace weir::dsl {

/// Does the parenthesis that `text` begins with enclose a query, as in FROM (select …) or ((select …) union …)? Else it
/// is one of tables, as in ((select …) as t join u …), or none at all.
///
/// Output   true also where a query begins and the text ends before the parenthesis does: the parser says what is wrong
/// Cost     O(length of what is in the parenthesis)
bool encloses_query(std::string_view text);

} // namespace weir::dsl
