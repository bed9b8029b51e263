#include <set>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/source_file.hpp"

using weir::test::source_file;

namespace {

/// The fenced blocks of one kind.
std::vector<std::string> blocks_of(const std::string& markdown, const std::string& kind) {
  std::vector<std::string> blocks;
  std::istringstream lines(markdown);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (!inside && line == "```" + kind) {
      inside = true;
      blocks.emplace_back();
    } else if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

/// A block that shows one thing, with what it takes to be a program.
std::string completed(std::string block) {
  const auto program = weir::dsl::parse(weir::dsl::text_of("block", block)).program;
  if (program.pipelines.empty()) block += "pipeline docs;\n";
  if (program.clusters.empty()) block += "cluster shop { coordinator \"host=a\"; nodes w1 \"host=b\"; }\n";
  if (program.sources.empty()) block += "source orders from shop.public.orders;\n";
  std::set<std::string> read;
  for (const auto& view : program.views)
    for (const auto& table : tables_read(view.query)) read.insert(table.text);
  if (program.sinks.empty())
    for (const auto& view : program.views)
      if (!read.contains(view.view.text))
        block += "sink " + view.view.text + " into shop.analytics." + view.view.text + ";\n";
  return block;
}

} // namespace

TEST_CASE("every program of the language reference compiles") {
  const weir::test::schema_text schema(weir::test::read_text(source_file("tests/golden/schema.txt")));
  const auto blocks = blocks_of(weir::test::read_text(source_file("docs/language.md")), "pipe");
  REQUIRE(blocks.size() >= 3);
  for (const auto& block : blocks) {
    const auto done = weir::test::compile(completed(block), schema);
    INFO(block << done.rendered());
    CHECK(done.plan.has_value());
  }
}

TEST_CASE("the language reference has an entry for every code") {
  const auto text = weir::test::read_text(source_file("docs/language.md"));
  for (const auto c : weir::dsl::all_codes()) {
    INFO(to_string(c));
    CHECK(text.find("| " + to_string(c) + " |") != std::string::npos);
  }
}
