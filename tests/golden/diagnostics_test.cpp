#include <algorithm>
#include <filesystem>
#include <set>

#include "dsl/read_directory.hpp"
#include "dsl/read_program.hpp"
#include "dsl/schema_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/pipe_blocks.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/source_file.hpp"

namespace {

namespace fs = std::filesystem;
using weir::dsl::code;

const fs::path folder = fs::path(weir::test::source_file("tests/golden/diagnostics"));

void check_golden(const fs::path& expected, const std::string& actual) {
  INFO(expected.string());
  CHECK(actual == weir::test::golden(expected.string(), actual));
}

weir::test::schema_text schema() {
  return weir::test::schema_text(weir::test::read_text((folder / "../schema.txt").string()));
}

weir::test::compiled compile_file(const fs::path& path) {
  return weir::test::compile(weir::dsl::text_of(path.filename().string(), weir::test::read_text(path.string())),
                             schema());
}

/// What no small file shows: its text is made here, only the last finding counts.
struct made_case {
  code about;
  weir::dsl::source_text text;
  weir::dsl::diagnostics found;
};

/// Those of programs and directories of several files.
void add_programs(std::vector<made_case>& cases) {
  weir::test::scratch_directory at;
  at.write("shop.pipe", "pipeline shop;\ninclude \"servers.pipe\";\n");
  at.write("around.pipe", "pipeline around;\ninclude \"circle.pipe\";\n");
  at.write("circle.pipe", "include \"around.pipe\";\n");
  at.write("many.pipe", "include \"many/0.pipe\";\n");
  for (std::size_t i = 0; i < weir::dsl::max_program_files; ++i)
    at.write("many/" + std::to_string(i) + ".pipe", "include \"" + std::to_string(i + 1) + ".pipe\";\n");
  for (const auto& [about, path] :
       {std::pair{code::unreadable_include, "shop.pipe"}, std::pair{code::include_circle, "around.pipe"},
        std::pair{code::too_many_files, "many.pipe"}}) {
    auto program = weir::dsl::read_program({path});
    cases.push_back({about, program.text, program.found});
  }
  at.write("unused/orders.pipe", "pipeline orders;\n");
  at.write("unused/servers.pipe", "cluster shop { nodes \"host=db1\"; }\n");
  at.write("twice/a.pipe", "pipeline orders;\n");
  at.write("twice/b.pipe", "-- a copy\npipeline orders;\n");
  for (const auto& [about, path] :
       {std::pair{code::not_included, "unused"}, std::pair{code::pipeline_taken, "twice"}}) {
    auto directory = weir::dsl::read_directory(path);
    cases.push_back({about, directory.text, directory.found});
  }
}

std::vector<made_case> made_cases() {
  std::vector<made_case> cases;
  auto missing = weir::dsl::read_files({"no_such_file.pipe"});
  cases.push_back({code::unreadable_file, missing.text, missing.found});
  auto large = weir::dsl::text_of("large.pipe", std::string(weir::dsl::max_file_bytes + 1, ' '));
  cases.push_back({code::file_too_large, large, weir::dsl::parse(large).found});
  std::string many;
  for (int i = 0; i < 200; ++i) many += "nonsense;\n";
  auto wrong = weir::dsl::text_of("many.pipe", many);
  auto found = weir::dsl::parse(wrong).found;
  cases.push_back({code::too_many_errors, wrong, {found.back()}});
  add_programs(cases);
  return cases;
}

} // namespace

TEST_CASE("every diagnostic looks as expected") {
  std::set<code> shown;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".pipe") continue;
    const auto done = compile_file(entry.path());
    for (const auto& d : done.found) shown.insert(d.code);
    const auto number = entry.path().filename().string().substr(0, 5);
    INFO(entry.path().string());
    CHECK(
        std::any_of(done.found.begin(), done.found.end(), [&](const auto& d) { return to_string(d.code) == number; }));
    check_golden(fs::path(entry.path()).replace_extension(".expected"), done.rendered());
  }
  for (const auto& path : weir::test::files_below("tests/golden/diagnostics", ".sql")) {
    const auto text = weir::dsl::text_of(fs::path(path).filename().string(), weir::test::read_text(path));
    const auto found = weir::dsl::read_schema(text).found;
    for (const auto& d : found) shown.insert(d.code);
    INFO(path);
    CHECK(std::any_of(found.begin(), found.end(), [&](const auto& d) {
      return to_string(d.code) == fs::path(path).filename().string().substr(0, 5);
    }));
    check_golden(fs::path(path).replace_extension(".expected"), render(text, found));
  }
  for (const auto& made : made_cases()) {
    REQUIRE(!made.found.empty());
    CHECK(to_string(made.found.back().code) == to_string(made.about));
    shown.insert(made.about);
    check_golden(folder / (to_string(made.about) + "_made.expected"), render(made.text, made.found));
  }
  for (const auto c : weir::dsl::all_codes()) {
    INFO(to_string(c));
    CHECK(shown.contains(c));
  }
}

TEST_CASE("no expected text shows a password") {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".expected")
      CHECK(weir::test::read_text(entry.path().string()).find("geheim") == std::string::npos);
}
