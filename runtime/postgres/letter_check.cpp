#include "runtime/postgres/letter_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/base/utf8.hpp"
#include "runtime/plan/letters.hpp"

namespace weir::postgres {
namespace {

/// The letters that lower() changes, each before what it becomes, and those that upper() does; NULL if what one becomes
/// depends on more than it. Not asked for: ideographs, syllables of Hangul, planes in which no letter has a case. In
/// SQL_ASCII letters are those of ASCII, if all other bytes stay as they are.
constexpr const char* letters_sql = R"(
WITH e AS (SELECT pg_catalog.getdatabaseencoding() AS encoding),
p AS (SELECT c FROM (VALUES (1, 13311), (40960, 44031), (63744, 69631), (71680, 73727), (92160, 94207), (122880, 126975))
        AS ranges(first, last), e, generate_series(first, last) AS c WHERE e.encoding = 'UTF8'
      UNION ALL SELECT c FROM e, generate_series(1, 255) AS c WHERE e.encoding = 'SQL_ASCII'),
l AS (SELECT c, chr(c) AS letter, lower(chr(c)) AS small, upper(chr(c)) AS large, e.encoding = 'UTF8' OR c < 128 AS is_letter
      FROM p, e),
changed AS (SELECT * FROM l WHERE letter <> small OR letter <> large)
SELECT string_agg(letter || small, '' ORDER BY c) FILTER (WHERE letter <> small),
       string_agg(letter || large, '' ORDER BY c) FILTER (WHERE letter <> large),
       bool_and(is_letter AND char_length(small) = 1 AND char_length(large) = 1) AND
         lower(string_agg('a' || letter || ' ', '' ORDER BY c)) = string_agg('a' || small || ' ', '' ORDER BY c) AND
         upper(string_agg('a' || letter || ' ', '' ORDER BY c)) = string_agg('A' || large || ' ', '' ORDER BY c) AND
         (SELECT coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') <> 'i'
          FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
FROM changed)";

struct changed_letter {
  std::string_view letter;
  std::string_view becomes;
};

/// Takes the first letter off the pairs; without any it is behind all letters.
changed_letter first_of(std::string_view pairs) {
  if (pairs.empty()) return {"\xff", {}};
  const auto size = decode_utf8(pairs).size;
  return {pairs.substr(0, size), pairs.substr(size, decode_utf8(pairs.substr(size)).size)};
}

/// The first letter of which the two make something else. Both are in the order of letters, which is that of bytes.
std::string difference(const char* function, std::string_view theirs, std::string_view ours) {
  while (true) {
    const auto their = first_of(theirs);
    const auto our = first_of(ours);
    if (their.letter != our.letter || their.becomes != our.becomes) {
      const auto letter = std::min(their.letter, our.letter);
      return fmt::format("its {}('{}') is '{}', that of the databases whose tables were read is '{}'", function, letter,
                         their.letter == letter ? their.becomes : letter, our.letter == letter ? our.becomes : letter);
    }
    theirs.remove_prefix(their.letter.size() + their.becomes.size());
    ours.remove_prefix(our.letter.size() + our.becomes.size());
  }
}

} // namespace

result<std::shared_ptr<const letter_cases>> read_letter_cases(connection& sql) {
  WEIR_ASSIGN(const auto rows, sql.query(letters_sql));
  if (rows.is_null(0, 2) || rows.at(0, 2) != "t") return std::shared_ptr<const letter_cases>();
  return letter_cases::read(std::string{rows.at(0, 0)}, std::string{rows.at(0, 1)});
}

result<std::optional<std::string>> letter_difference(connection& sql, const pipeline_plan& plan) {
  using sentence = std::optional<std::string>;
  const auto wanted = cases_of(plan);
  if (!wanted) return sentence{};
  WEIR_ASSIGN(const auto cases, read_letter_cases(sql));
  if (!cases)
    return sentence{
        "what its lower() makes of a letter depends on those around it, or its encoding is neither UTF8 nor "
        "SQL_ASCII: weir cannot do as it does"};
  if (cases->lower_pairs() != wanted->lower_pairs())
    return sentence{difference("lower", cases->lower_pairs(), wanted->lower_pairs())};
  if (cases->upper_pairs() != wanted->upper_pairs())
    return sentence{difference("upper", cases->upper_pairs(), wanted->upper_pairs())};
  return sentence{};
}

status check_letters(connection& sql, const pipeline_plan& plan, const std::string& place) {
  WEIR_ASSIGN(const auto difference, letter_difference(sql, plan));
  if (!difference) return {};
  return error{errc::unsupported, fmt::format("{}: {}", place, *difference), letter_cure};
}

} // namespace weir::postgres
