#include "dsl/parse.hpp"
#include "dsl/recovery.hpp"
#include "tests/support/catch.hpp"

namespace {

using weir::dsl::form;
using weir::dsl::syntax_expression;

/// An expression with all its parentheses.
std::string shape(const syntax_expression& e) {
  const auto arg = [&](std::size_t i) { return shape(e.args[i]); };
  const std::string no = e.negated ? "not " : "";
  switch (e.form) {
    case form::column: return e.names.size() == 2 ? e.names[0].text + "." + e.names[1].text : e.names[0].text;
    case form::string: return "'" + e.text + "'";
    case form::null: return "null";
    case form::typed_string: return e.type + "'" + e.text + "'";
    case form::cast: return "(" + arg(0) + " :: " + e.type + ")";
    case form::negate: return "(- " + arg(0) + ")";
    case form::plus: return "(+ " + arg(0) + ")";
    case form::logical_not: return "(not " + arg(0) + ")";
    case form::is_null: return "(" + arg(0) + " is " + no + "null)";
    case form::binary: return "(" + arg(0) + " " + e.text + " " + arg(1) + ")";
    case form::between: return "(" + arg(0) + " " + no + "between " + arg(1) + " and " + arg(2) + ")";
    case form::like: return "(" + arg(0) + " " + no + "like " + arg(1) + ")";
    case form::is_truth: return "(" + arg(0) + " is " + no + e.text + ")";
    case form::is_distinct: return "(" + arg(0) + " is " + no + "distinct from " + arg(1) + ")";
    case form::searched_case:
    case form::simple_case: {
      std::string list;
      for (std::size_t i = 0; i < e.args.size(); ++i) list += (i > 0 ? ", " : "") + arg(i);
      return (e.form == form::searched_case ? "case[" : "switch[") + list + "]";
    }
    case form::in_list:
    case form::call: {
      std::string list;
      const std::size_t first = e.form == form::call ? 0 : 1;
      for (std::size_t i = first; i < e.args.size(); ++i) list += (i > first ? ", " : "") + arg(i);
      if (e.form == form::call) return e.names[0].text + "(" + (e.star ? "*" : list) + ")";
      return "(" + arg(0) + " " + no + "in [" + list + "])";
    }
    default: return e.text;
  }
}

std::string shape_of(const std::string& expression) {
  const auto done = weir::dsl::parse(weir::dsl::text_of("t", "view v as select a from b where " + expression + ";"));
  if (!done.found.empty()) return weir::dsl::to_string(done.found[0].code) + " " + done.found[0].message;
  return shape(*done.program.views.at(0).query.select->where);
}

} // namespace

TEST_CASE("words stand between arguments") {
  CHECK(shape_of("case when a then 1 when b then 2 else 3 end") == "case[a, 1, b, 2, 3]");
  CHECK(shape_of("case a + 1 when 2 then b end") == "switch[(a + 1), 2, b]");
  CHECK(shape_of("cast(a as numeric(10, 2))") == "(a :: numeric)");
  CHECK(shape_of("substring(a from 2 for 3)") == "substring(a, 2, 3)");
  CHECK(shape_of("substring(a for 3 from 2)") == "substring(a, 2, 3)");
  CHECK(shape_of("substring(a for 3)") == "substring(a, 1, 3)");
  CHECK(shape_of("trim(leading 'x' from a)") == "ltrim(a, 'x')");
  CHECK(shape_of("trim(a)") == "btrim(a)");
  CHECK(shape_of("position(a || 'x' in b)") == "position(b, (a || 'x'))");
  CHECK(shape_of("left(a, 1) = right(b, 1)") == "(left(a, 1) = right(b, 1))");
  CHECK(shape_of("substring(a from 2 from 3)") == "W0101 the arguments of substring are not put together so");
}

TEST_CASE("the grammar cannot loop") { CHECK(weir::dsl::grammar_problems() == 0); }

TEST_CASE("precedence is PostgreSQL's") {
  CHECK(shape_of("a || b + 1 like c || d") == "((a || (b + 1)) like (c || d))");
  CHECK(shape_of("a = b is distinct from c < d or e") == "(((a = b) is distinct from (c < d)) or e)");
  CHECK(shape_of("a not like b and c is not unknown") == "((a not like b) and (c is not unknown))");
  CHECK(shape_of("a isnull is true notnull") == "(((a is null) is true) is not null)");
  CHECK(shape_of("a or b and not c = d") == "(a or (b and (not (c = d))))");
  CHECK(shape_of("a + b * -c % 2 - d") == "((a + ((b * (- c)) % 2)) - d)");
  CHECK(shape_of("- 5::int2 + 1") == "((- (5 :: int2)) + 1)");
  CHECK(shape_of("a = b is not null") == "((a = b) is not null)");
  CHECK(shape_of("not a is null") == "(not (a is null))");
  CHECK(shape_of("a between b + 1 and c and d") == "((a between (b + 1) and c) and d)");
  CHECK(shape_of("a = b between c and d") == "(a = (b between c and d))");
  CHECK(shape_of("a not between 1 and 2 or a not in (1, b + 1)") ==
        "((a not between 1 and 2) or (a not in [1, (b + 1)]))");
  CHECK(shape_of("not not a") == "(not (not a))");
  CHECK(shape_of("a != b") == "(a <> b)");
  CHECK(shape_of("(a or b) and c") == "((a or b) and c)");
  CHECK(shape_of("a - b - c") == "((a - b) - c)");
}

TEST_CASE("names, strings and types are read as SQL reads them") {
  CHECK(shape_of("Region = O.\"Mixed \"\"Case\"") == "(region = o.Mixed \"Case)");
  CHECK(shape_of("a = 'it''s'") == "(a = 'it's')");
  CHECK(shape_of("a = date '2026-01-01'") == "(a = date'2026-01-01')");
  CHECK(shape_of("a = Double  /* x */ Precision '1'") == "(a = double precision'1')");
  CHECK(shape_of("a = '1'::timestamp(3) with time zone") == "(a = ('1' :: timestamp with time zone))");
  CHECK(shape_of("a = 1.5e-3 -- comment\n") == "(a = 1.5e-3)");
  CHECK(shape_of("count(*) > sum(a + 1)") == "(count(*) > sum((a + 1)))");
  CHECK(shape_of("date > 1") == "(date > 1)");
  CHECK(shape_of("größe > 1") == "(größe > 1)");
  CHECK(shape_of("/* a /* nested */ comment */ a") == "a");
  CHECK(shape_of("order = 1") == "W0101 expected an expression, found \"order\"");
}

TEST_CASE("one error does not hide the next") {
  const auto done = weir::dsl::parse(weir::dsl::text_of("t", "pipeline a\n"
                                                             "source b frm c.d.e;\n"
                                                             "cluster c { nodes \"x\" \"y\"; nodes \"z\"; }\n"
                                                             "view d as select 1 from;\n"
                                                             "sink d into c.e.f;\n"));
  CHECK(done.found.size() == 4);
  REQUIRE(done.program.clusters.size() == 1);
  CHECK(done.program.clusters[0].nodes.size() == 1);
  CHECK(done.program.sinks.size() == 1);
  CHECK(done.program.broken);
  CHECK(done.program.is_broken("b"));
  CHECK(done.program.is_broken("d"));
}

TEST_CASE("several files are one program") {
  weir::dsl::source_text text;
  text.files = {{"a.pipe", "pipeline a;\xEF\xBB\xBF"}, {"b.pipe", "\xEF\xBB\xBFsource s from c.d.e;"}};
  text.files[0].text = "pipeline a;";
  const auto done = weir::dsl::parse(text);
  CHECK(done.found.empty());
  CHECK(done.program.pipelines.size() == 1);
  REQUIRE(done.program.sources.size() == 1);
  CHECK(done.program.sources[0].source.where.file == 1);
}

TEST_CASE("parentheses nest to the limit and no deeper") {
  const auto nested = [](std::size_t depth) {
    return shape_of(std::string(depth, '(') + "a" + std::string(depth, ')'));
  };
  CHECK(nested(weir::dsl::max_nesting - 1) == "a");
  CHECK_THAT(nested(weir::dsl::max_nesting), WEIR_CONTAINS("W0006"));
  CHECK_THAT(nested(300'000), WEIR_CONTAINS("W0006"));
  CHECK_THAT(shape_of("a in " + std::string(300'000, '(')), WEIR_CONTAINS("W0006"));
}

TEST_CASE("no repetition makes a tree too high") {
  const auto repeated = [](const std::string& part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += part;
    return text;
  };
  CHECK_THAT(shape_of(repeated("not ", 100'000) + "a"), WEIR_CONTAINS("W0006"));
  CHECK_THAT(shape_of(repeated("- ", 100'000) + "a"), WEIR_CONTAINS("W0006"));
  CHECK_THAT(shape_of(repeated("a + ", 100'000) + "a"), WEIR_CONTAINS("W0006"));
  CHECK_THAT(shape_of(repeated("a or ", 100'000) + "a"), WEIR_CONTAINS("W0006"));
  CHECK_THAT(shape_of("a" + repeated("::int", 100'000)), WEIR_CONTAINS("W0006"));
  CHECK_THAT(shape_of("a" + repeated(" is null", 100'000)), WEIR_CONTAINS("W0006"));
  CHECK(shape_of("a in (1" + repeated(", 1", 1000) + ")").size() > 3000);
}

TEST_CASE("text that cannot be a program is refused as such") {
  const auto code_of = [](std::string text) {
    const auto found = weir::dsl::parse(weir::dsl::text_of("t", std::move(text))).found;
    return found.size() == 1 ? weir::dsl::to_string(found[0].code) : std::to_string(found.size()) + " findings";
  };
  CHECK(code_of("") == "W0002");
  CHECK(code_of(" \n\t-- only a comment") == "W0002");
  CHECK(code_of(std::string("\0\1\2", 3)) == "W0003");
  CHECK(code_of("pipeline \xff;") == "W0004");
  CHECK(code_of("pipeline \xed\xa0\x80;") == "W0004");
  CHECK(code_of(std::string(10'000'000, 'x')) == "W0005");
  CHECK(code_of(std::string(500'000, '{')) == "W0101");
  CHECK(code_of("/*" + std::string(500'000, '/')) == "W0103");
}

TEST_CASE("recovery ends where a statement may begin") {
  using weir::dsl::skip_length;
  CHECK(skip_length("abc; def", false) == 4);
  CHECK(skip_length("abc { x; { y } } def", false) == 16);
  CHECK(skip_length("abc \"a;\" ';' /* ; */ -- ;\n ; d", false) == 28);
  CHECK(skip_length("abc\n  view v as", false) == 6);
  CHECK(skip_length("abc\n  view, b; c", false) == 14);
  CHECK(skip_length("abc } d", true) == 4);
  CHECK(skip_length("} d", false) == 1);
  CHECK(skip_length("", false) == 0);
}
