#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/pipe_blocks.hpp"
#include "tests/support/source_file.hpp"

using weir::test::blocks_of;
using weir::test::completed;
using weir::test::source_file;

TEST_CASE("every program of the documents compiles") {
  const weir::test::schema_text schema(weir::test::read_text(source_file("tests/golden/schema.txt")));
  auto blocks = blocks_of(weir::test::read_text(source_file("docs/language.md")), "pipe");
  REQUIRE(blocks.size() >= 3);
  for (auto& block : blocks_of(weir::test::read_text(source_file("docs/tools.md")), "pipe"))
    blocks.push_back(std::move(block));
  for (const auto& block : blocks) {
    const auto done = weir::test::compile(completed(block), schema);
    INFO(block << done.rendered());
    CHECK(done.plan.has_value());
  }
}
