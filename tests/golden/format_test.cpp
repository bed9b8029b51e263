#include <filesystem>

#include "dsl/format.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/pipe_blocks.hpp"
#include "tests/support/source_file.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(weir::test::source_file("tests/golden/format"));

std::string formatted(const std::string& text) {
  auto done = weir::dsl::format(0, text);
  REQUIRE(done.text);
  return *done.text;
}

} // namespace

TEST_CASE("every shape is laid out as expected") {
  std::size_t shapes = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".pipe") continue;
    INFO(entry.path().string());
    const auto text = weir::test::read_text(entry.path().string());
    const auto actual = formatted(text);
    CHECK(actual == weir::test::golden(fs::path(entry.path()).replace_extension(".expected").string(), actual));
    CHECK(weir::dsl::same_tokens(text, actual));
    CHECK(formatted(actual) == actual);
    ++shapes;
  }
  CHECK(shapes >= 12);
}

TEST_CASE("shipped pipelines are in canonical form") {
  for (const auto& path : weir::test::files_below("pipelines", ".pipe")) {
    INFO(path);
    const auto text = weir::test::read_text(path);
    CHECK(formatted(text) == text);
  }
}

TEST_CASE("what is no text, or does not end, is not laid out") {
  const std::pair<std::string, weir::dsl::code> cases[] = {
      {std::string("a\0b", 3), weir::dsl::code::binary_file},
      {"b\xfc", weir::dsl::code::not_utf8},
      {std::string(weir::dsl::max_file_bytes + 1, ' '), weir::dsl::code::file_too_large},
      {"view a as select 'b", weir::dsl::code::unterminated},
      {"view \"a as", weir::dsl::code::unterminated},
      {"/* /* */", weir::dsl::code::unterminated},
  };
  for (const auto& [text, code] : cases) {
    const auto done = weir::dsl::format(0, text);
    CHECK(!done.text);
    REQUIRE(done.found.size() == 1);
    CHECK(done.found.front().code == code);
  }
}

TEST_CASE("large and hostile texts are laid out") {
  for (const std::string piece : {"(", "case ", "{", "a or (", "[", ")", "}", "-", "x,", "case when (", "f(a,", ";"}) {
    std::string text = "view v as select ";
    while (text.size() + piece.size() <= weir::dsl::max_file_bytes / 16) text += piece;
    INFO(piece);
    const auto once = formatted(text);
    CHECK(weir::dsl::same_tokens(text, once));
    CHECK(formatted(once) == once);
  }
}
