#include <algorithm>
#include <set>
#include <sstream>

#include "dsl/explanation.hpp"
#include "dsl/format.hpp"
#include "dsl/schema_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/pipe_blocks.hpp"
#include "tests/support/source_file.hpp"

namespace {

using weir::dsl::code;
using weir::dsl::explanation;

/// What no small file raises: files that are none, and limits.
const std::set<code> without_example{code::unreadable_file,    code::binary_file,     code::not_utf8,
                                     code::file_too_large,     code::nested_too_deep, code::too_many_errors,
                                     code::unreadable_include, code::include_circle,  code::too_many_files,
                                     code::not_included,       code::pipeline_taken};

weir::test::compiled compiled(const explanation& e, const char* program) {
  static const weir::test::schema_text schema(
      weir::test::read_text(weir::test::source_file("tests/golden/schema.txt")));
  return weir::test::compile(e.whole ? program : weir::test::completed(program), schema);
}

bool raises(const weir::test::compiled& done, code c) {
  return std::any_of(done.found.begin(), done.found.end(), [&](const auto& d) { return d.code == c; });
}

} // namespace

TEST_CASE("every code is explained, in order") {
  const auto all = weir::dsl::explanations();
  const auto codes = weir::dsl::all_codes();
  REQUIRE(std::equal(all.begin(), all.end(), codes.begin(), codes.end(),
                     [](const explanation& e, code c) { return e.code == c; }));
  for (const auto& e : all) {
    CHECK(std::string(e.title).size() > 5);
    CHECK(std::string(e.cause).size() > 20);
    CHECK((*e.wrong == '\0') == without_example.contains(e.code));
    CHECK((*e.mended == '\0') == without_example.contains(e.code));
  }
}

TEST_CASE("every example raises its code, and is mended") {
  for (const auto& e : weir::dsl::explanations()) {
    if (without_example.contains(e.code)) continue;
    INFO(to_string(e.code));
    if (e.sql) {
      const auto wrong = weir::dsl::read_schema(weir::dsl::text_of("schema.sql", e.wrong)).found;
      CHECK(std::any_of(wrong.begin(), wrong.end(), [&](const auto& d) { return d.code == e.code; }));
      CHECK(weir::dsl::read_schema(weir::dsl::text_of("schema.sql", e.mended)).found.empty());
      continue;
    }
    const auto wrong = compiled(e, e.wrong);
    INFO(wrong.rendered());
    CHECK(raises(wrong, e.code));
    const auto mended = compiled(e, e.mended);
    INFO(mended.rendered());
    CHECK(!raises(mended, e.code));
    if (e.code != code::empty_file) CHECK(mended.plan.has_value());
  }
}

TEST_CASE("the language reference has the titles of the codes") {
  std::istringstream lines(weir::test::read_text(weir::test::source_file("docs/language.md")));
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| W")) rows.push_back(line);
  std::vector<std::string> expected;
  for (const auto& e : weir::dsl::explanations()) expected.push_back("| " + to_string(e.code) + " | " + e.title + " |");
  CHECK(rows == expected);
}

TEST_CASE("a code is found however it is written") {
  REQUIRE(weir::dsl::find_explanation("W0203") != nullptr);
  CHECK(weir::dsl::find_explanation("w0203")->code == code::unknown_column);
  for (const char* unknown : {"", "W", "0203", "W203", "X0203", "W9999", "W02030"})
    CHECK(weir::dsl::find_explanation(unknown) == nullptr);
}

TEST_CASE("an explanation keeps to its lines") {
  for (const auto& e : weir::dsl::explanations()) {
    std::istringstream lines(text_of(e));
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 104);
  }
  CHECK_THAT(text_of(*weir::dsl::find_explanation("W0203")),
             WEIR_CONTAINS("W0203: a column that the table has not\n\n") &&
                 WEIR_CONTAINS("\nThis raises it:\n\n    view revenue as select region, sum(amout) ") &&
                 WEIR_CONTAINS("\nThis does not:\n\n    view revenue as select region, sum(amount) "));
}
