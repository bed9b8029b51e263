#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/expr/evaluate.hpp"
#include "runtime/rows/text_form.hpp"
#include "tests/support/catch.hpp"

namespace weir::test {

inline batch rows_of(std::string_view text) {
  auto parsed = parse_text(text);
  REQUIRE(parsed);
  return std::move(parsed->rows);
}

/// The values, one word a row: "5 null !division by zero".
inline std::string values_of(const expression& e, const batch& rows) {
  const auto compute = evaluator::make(e);
  REQUIRE(compute);
  std::vector<row_error> errors;
  const auto values = compute->evaluate(rows, errors);
  REQUIRE(values.rows() == rows.rows());
  CHECK(values.type == e.type);
  std::string out;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    if (r > 0) out += ' ';
    bool failed = false;
    for (const auto& failure : errors) {
      if (failure.row != r) continue;
      CHECK_FALSE(failed); // one error a row
      failed = true;
      CHECK(values.is_null(r));
      out += "!" + failure.message;
    }
    if (failed) continue;
    if (values.is_null(r)) {
      out += "null";
    } else {
      write_text(values, r, out);
    }
  }
  return out;
}

} // namespace weir::test
