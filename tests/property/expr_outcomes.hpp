#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/expr/evaluate.hpp"
#include "tests/property/expr_samples.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sql_session.hpp"

namespace weir::test {

/// What became of one row: "null", "= text" or "! message".
using outcomes = std::vector<std::string>;

inline outcomes outcomes_in_weir(const evaluator& compute, const batch& rows) {
  std::vector<row_error> errors;
  const auto values = compute.evaluate(rows, errors);
  REQUIRE(values.rows() == rows.rows());
  outcomes out;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto failed = std::find_if(errors.begin(), errors.end(), [&](const auto& e) { return e.row == r; });
    if (failed != errors.end()) {
      out.push_back("! " + failed->message);
    } else if (values.is_null(r)) {
      out.emplace_back("null");
    } else {
      out.emplace_back("= ");
      write_text(values, r, out.back());
    }
  }
  return out;
}

/// An error quotes the first 100 bytes of a text that is no value; PostgreSQL quotes all of it.
inline std::string with_short_quote(std::string outcome) {
  const auto open = outcome.find('"');
  const auto close = outcome.rfind('"');
  if (!outcome.starts_with('!') || close - open <= 101) return outcome;
  return outcome.erase(open + 101, close - open - 101);
}

/// One statement for all rows; where some row fails, a statement for each.
inline outcomes outcomes_in_postgres(sql_session& session, const std::string& sql) {
  outcomes out;
  try {
    for (const auto& row : session.rows("select " + sql + " from t order by id")) {
      out.push_back(row[0] ? "= " + *row[0] : "null");
    }
    return out;
  } catch (const sql_error&) {
    const auto each = "select outcome(" + plain_quoter().literal(sql) + ", id) from t order by id";
    for (const auto& row : session.rows(each)) out.push_back(*row[0]);
    return out;
  }
}

inline constexpr const char* outcome_function = R"(
  create function outcome(sql text, row_id int) returns text language plpgsql as $$
  declare
    answer text;
  begin
    -- The array keeps the type's own text form: a boolean cast to text reads otherwise.
    execute 'select array_to_string(array[' || sql || '], ''|'', ''<null>'') from t where id = '
      || row_id into answer;
    if answer = '<null>' then return 'null'; end if;
    return '= ' || answer;
  exception when others then
    return '! ' || sqlerrm;
  end $$)";

} // namespace weir::test
