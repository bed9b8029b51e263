#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "dsl/function_table.hpp"
#include "runtime/expr/evaluate.hpp"
#include "runtime/rows/text_form.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/doc_examples.hpp"
#include "tests/support/pipe_blocks.hpp"
#include "tests/support/source_file.hpp"

using weir::test::blocks_of;
using weir::test::completed;
using weir::test::expression_example;
using weir::test::fenced_blocks;
using weir::test::source_file;

namespace {

weir::test::compiled compile_block(const std::string& program) {
  static const weir::test::schema_text schema(weir::test::read_text(source_file("tests/golden/schema.txt")));
  return weir::test::compile(completed(program), schema);
}

std::string document(const char* name) { return weir::test::read_text(source_file(std::string("docs/") + name)); }

/// The codes of all that is found; of warnings only `wanted`.
std::set<std::string> codes_of(const weir::test::compiled& done, const std::string& wanted) {
  std::set<std::string> out;
  for (const auto& d : done.found)
    if (d.severity == weir::dsl::severity::error || to_string(d.code) == wanted) out.insert(to_string(d.code));
  return out;
}

bool tells(const weir::test::compiled& done, const std::string& message) {
  return std::any_of(done.found.begin(), done.found.end(),
                     [&](const auto& d) { return d.message.find(message) != std::string::npos; });
}

/// An example as the one thing that a view computes: of each row, or of all rows.
weir::test::compiled compile_example(const expression_example& e, bool of_groups) {
  return compile_block(of_groups
                           ? "view v as select " + e.text + " as x from orders;\n"
                           : "view v as select count(x) as n from (select " + e.text + " as x from orders) as t;\n");
}

weir::data_type type_of(const weir::view_plan& view, bool of_groups) {
  return of_groups ? view.outputs.front().type : view.inputs.front().type;
}

/// Of an expression without columns.
std::string value_of(const weir::expression& e) {
  const auto one_row = weir::parse_text("x:int4\n+ 1\n");
  const auto compute = weir::evaluator::make(e);
  REQUIRE(one_row);
  REQUIRE(compute);
  std::vector<weir::row_error> errors;
  const auto values = compute->evaluate(one_row->rows, errors);
  REQUIRE(errors.empty());
  std::string out;
  if (!values.is_null(0)) write_text(values, 0, out);
  return out;
}

void check_example(const expression_example& e, bool of_groups) {
  const auto done = compile_example(e, of_groups);
  INFO(e.text << "\n" << done.rendered());
  if (!e.holds) {
    CHECK(codes_of(done, e.code) == std::set<std::string>{e.code});
    CHECK(tells(done, e.message));
    return;
  }
  REQUIRE(done.plan);
  REQUIRE(done.plan->views.size() == 1);
  const auto& view = done.plan->views.front();
  CHECK(to_sql(type_of(view, of_groups)) == e.type);
  if (e.value) CHECK(value_of(view.inputs.front()) == *e.value);
}

/// What an expression is made of.
struct parts {
  std::set<weir::operation> operations;
  std::set<weir::function> functions;

  void add(const weir::expression& e) {
    operations.insert(e.op);
    functions.insert(e.function);
    for (const auto& arg : e.args) add(arg);
  }
};

std::vector<std::pair<expression_example, bool>> all_examples() {
  std::vector<std::pair<expression_example, bool>> out;
  for (const auto& block : fenced_blocks(document("expressions.md"))) {
    if (block.kind != "diff" && block.kind != "diff groups") continue;
    std::istringstream lines(block.text);
    for (std::string line; std::getline(lines, line);) {
      const auto example = weir::test::example_of(line);
      INFO(line);
      REQUIRE(example);
      out.emplace_back(*example, block.kind == "diff groups");
    }
  }
  return out;
}

} // namespace

TEST_CASE("every program of the documents compiles") {
  auto blocks = blocks_of(document("language.md"), "pipe");
  REQUIRE(blocks.size() >= 3);
  for (const auto* other : {"expressions.md", "tools.md"})
    for (auto& block : blocks_of(document(other), "pipe")) blocks.push_back(std::move(block));
  for (const auto& block : blocks) {
    const auto done = compile_block(block);
    INFO(block << done.rendered());
    CHECK(done.plan.has_value());
  }
}

TEST_CASE("every program that the documents call refused is, with the code that they tell") {
  std::size_t refused = 0;
  for (const auto* name : {"language.md", "expressions.md", "tools.md"})
    for (const auto& block : fenced_blocks(document(name))) {
      const auto code = weir::test::refusal_of(block);
      if (!code) continue;
      ++refused;
      const auto done = compile_block(block.text);
      INFO(block.text << done.rendered());
      CHECK(codes_of(done, *code) == std::set<std::string>{*code});
      const auto told = weir::test::told_of(block);
      REQUIRE_FALSE(told.empty());
      CHECK(tells(done, told));
    }
  CHECK(refused >= 10);
}

TEST_CASE("every expression of the reference is what it says, or is refused with the code that it tells") {
  const auto all = all_examples();
  CHECK(all.size() >= 150);
  for (const auto& [example, of_groups] : all) check_example(example, of_groups);
}

TEST_CASE("the reference misses no function and no operator") {
  std::string holding;
  parts used;
  for (const auto& [example, of_groups] : all_examples()) {
    if (!example.holds) continue;
    holding += "\n" + example.text;
    const auto done = compile_example(example, of_groups);
    if (!done.plan) continue; // told by another test
    for (const auto& view : done.plan->views)
      for (const auto* some : {&view.inputs, &view.computed})
        for (const auto& e : *some) used.add(e);
  }
  for (const auto& name : weir::dsl::function_names()) {
    INFO(name);
    CHECK(holding.find(name + "(") != std::string::npos);
  }
  for (int i = 0; i <= static_cast<int>(weir::operation::call); ++i) {
    INFO("operation " << i);
    CHECK(used.operations.contains(static_cast<weir::operation>(i)));
  }
  for (int i = 1; i <= static_cast<int>(weir::function::label_place); ++i) {
    INFO(i << " " << sql_name(static_cast<weir::function>(i)));
    CHECK(used.functions.contains(static_cast<weir::function>(i)));
  }
}

TEST_CASE("every statement of the reference has an example and a counter-example") {
  // The statements are the headings below "Statements" that are code.
  std::istringstream lines(document("language.md"));
  std::map<std::string, std::pair<int, int>> found; // of each heading: examples, counter-examples
  std::string heading;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("### `")) found[heading = line];
    if (line.starts_with("## ")) heading.clear();
    if (heading.empty()) continue;
    found[heading].first += line == "```pipe" ? 1 : 0;
    found[heading].second += line.starts_with("```pipe refused ") ? 1 : 0;
  }
  CHECK(found.size() >= 9);
  for (const auto& [name, examples] : found) {
    INFO(name);
    CHECK(examples.first >= 1);
    CHECK(examples.second >= 1);
  }
}
