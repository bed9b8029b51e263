#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

enum class like_outcome : std::uint8_t { matches, differs, dangling_escape, too_deep };

/// PostgreSQL's LIKE over UTF-8 with the backslash as escape.
///
/// Output   `dangling_escape` where PostgreSQL reaches a backslash that ends the pattern.
/// Cost     bounded in stack: a pattern of more than 10'000 times % is `too_deep`.
/// Source   PostgreSQL, src/backend/utils/adt/like_match.c
like_outcome match_like(std::string_view text, std::string_view pattern);

} // namespace weir
