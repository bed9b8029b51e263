#include "dsl/read_program.hpp"

#include <filesystem>

#include "dsl/parse.hpp"
#include "dsl/read_directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_directory.hpp"

using weir::dsl::code;
using weir::dsl::read_directory;
using weir::dsl::read_program;
using weir::test::scratch_directory;

namespace {

/// "W0110 message" of each finding.
std::vector<std::string> found_in(const weir::dsl::diagnostics& found) {
  std::vector<std::string> out;
  for (const auto& d : found) out.push_back(to_string(d.code) + " " + d.message);
  return out;
}

std::vector<std::string> names_of(const weir::dsl::source_text& text) {
  std::vector<std::string> out;
  for (const auto& file : text.files) out.push_back(file.name);
  return out;
}

} // namespace

TEST_CASE("a file includes others, relative to itself") {
  scratch_directory at;
  at.write("main.pipe", "pipeline p;\ninclude \"parts/sources.pipe\";\n");
  at.write("parts/sources.pipe", "include \"../cluster.pipe\";\nsource a from c.public.a;\n");
  at.write("cluster.pipe", "cluster c { nodes \"host=a\"; }\n");
  const auto read = read_program({"main.pipe"});
  CHECK(found_in(read.found).empty());
  CHECK(names_of(read.text) == std::vector<std::string>{"main.pipe", "parts/sources.pipe", "cluster.pipe"});
  CHECK(read.program.pipelines.size() == 1);
  CHECK(read.program.sources.size() == 1);
  CHECK(read.program.clusters.size() == 1);
  CHECK(read.program.clusters[0].cluster.where.file == 2);
}

TEST_CASE("a file counts once, however often and by whatever path it is named") {
  scratch_directory at;
  at.write("main.pipe", "pipeline p;\ninclude \"a.pipe\"; include \"b.pipe\"; include \"./x/../c.pipe\";\n");
  at.write("a.pipe", "include \"c.pipe\";\n");
  at.write("b.pipe", "include \"link.pipe\";\n");
  at.write("c.pipe", "cluster c { nodes \"host=a\"; }\n");
  at.write("x/y", "");
  std::filesystem::create_symlink("c.pipe", at.path() / "link.pipe");
  const auto read = read_program({"main.pipe", "./c.pipe", "main.pipe"});
  CHECK(found_in(read.found).empty());
  CHECK(read.program.clusters.size() == 1);
  CHECK(read.text.files.size() == 4);
}

TEST_CASE("an error in an included file has its own place") {
  scratch_directory at;
  at.write("main.pipe", "pipeline p;\ninclude \"in/broken.pipe\";\n");
  at.write("in/broken.pipe", "-- fine\nvew a as select 1;\n");
  const auto read = read_program({"main.pipe"});
  REQUIRE(read.found.size() == 1);
  CHECK_THAT(render(read.text, read.found[0]), WEIR_CONTAINS("in/broken.pipe:2:1: error[W0102]"));
  CHECK(read.program.broken);
}

TEST_CASE("what cannot be included is said where it is named") {
  scratch_directory at;
  at.write("main.pipe", "pipeline p;\ninclude \"nowhere.pipe\";\ninclude \"in\";\ninclude \"large.pipe\";\n");
  at.write("in/x.pipe", "");
  at.write("large.pipe", std::string(weir::dsl::max_file_bytes + 1, ' '));
  const auto read = read_program({"main.pipe"});
  CHECK(found_in(read.found) == std::vector<std::string>{"W0110 cannot include nowhere.pipe: No such file or directory",
                                                         "W0110 cannot include in: this is a directory",
                                                         "W0110 cannot include large.pipe: this file is too large"});
  CHECK_THAT(render(read.text, read.found[0]), WEIR_CONTAINS("main.pipe:2:9: error[W0110]") &&
                                                   WEIR_CONTAINS("  2 | include \"nowhere.pipe\";\n") &&
                                                   WEIR_CONTAINS("relative to the file that includes it"));
  CHECK(read.program.broken);
}

TEST_CASE("files do not include each other in a circle") {
  scratch_directory at;
  at.write("a.pipe", "pipeline p;\ninclude \"in/b.pipe\";\n");
  at.write("in/b.pipe", "include \"c.pipe\";\n");
  at.write("in/c.pipe", "include \"../a.pipe\";\ninclude \"c.pipe\";\n");
  const auto read = read_program({"a.pipe"});
  CHECK(found_in(read.found) ==
        std::vector<std::string>{
            "W0111 this closes a circle: a.pipe includes in/b.pipe includes in/c.pipe includes a.pipe",
            "W0111 this closes a circle: in/c.pipe includes in/c.pipe"});
  CHECK_THAT(render(read.text, read.found[0]), WEIR_CONTAINS("in/c.pipe:1:9: error[W0111]"));
}

TEST_CASE("a program has a bounded number of files") {
  scratch_directory at;
  for (std::size_t i = 0; i < weir::dsl::max_program_files + 20; ++i)
    at.write(std::to_string(i) + ".pipe", "include \"" + std::to_string(i + 1) + ".pipe\";\n");
  const auto read = read_program({"0.pipe"});
  CHECK(found_in(read.found) == std::vector<std::string>{"W0112 a program has at most 100 files"});
  CHECK(read.text.files.size() == weir::dsl::max_program_files);
}

TEST_CASE("nobody waits for a pipe that is included") {
  scratch_directory at;
  at.write("main.pipe", "pipeline p;\ninclude \"/dev/zero\";\n");
  CHECK(found_in(read_program({"main.pipe"}).found) ==
        std::vector<std::string>{"W0110 cannot include /dev/zero: this is no regular file"});
}

TEST_CASE("a large file is refused without being read") {
  scratch_directory at;
  at.write("large.pipe", "");
  std::filesystem::resize_file("large.pipe", std::uintmax_t{1} << 40); // of holes; no machine has the memory
  const auto read = read_program({"large.pipe"});
  CHECK(found_in(read.found) == std::vector<std::string>{"W0005 this file is too large"});
  CHECK(read.text.files[0].text.empty());
  CHECK(found_in(read_program({"/dev/zero"}).found) == std::vector<std::string>{"W0005 this file is too large"});
}

TEST_CASE("each file of a directory that has a pipeline is a program") {
  scratch_directory at;
  at.write("d/b.pipe", "pipeline b;\ninclude \"shared.pipe\";\n");
  at.write("d/a.pipe", "include \"shared.pipe\"; pipeline a;\n");
  at.write("d/shared.pipe", "cluster c { nodes \"host=a\"; }\n");
  at.write("d/readme.txt", "pipeline t;\n");
  at.write("d/inside/c.pipe", "pipeline c;\n");
  const auto read = read_directory("d");
  CHECK(read.programs == std::vector<std::string>{"d/a.pipe", "d/b.pipe"});
  CHECK(found_in(read.found).empty());
}

TEST_CASE("a directory's files that are no programs are told of") {
  scratch_directory at;
  at.write("d/a.pipe", "pipeline a;\ninclude \"used.pipe\";\n");
  at.write("d/used.pipe", "sorce s from c.public.s;\n");
  at.write("d/unused.pipe", "cluster c { nodes \"host=a\"; }\n");
  at.write("d/wrong.pipe", "pipelin b;\n");
  at.write("d/z.pipe", "pipeline a;\n");
  const auto read = read_directory("d");
  // wrong.pipe was perhaps meant to be one: checking it says what is wrong
  CHECK(read.programs == std::vector<std::string>{"d/a.pipe", "d/wrong.pipe"});
  CHECK(found_in(read.found) ==
        std::vector<std::string>{"W0211 this file has no pipeline statement, and none includes it",
                                 "W0212 pipeline \"a\" is that of d/a.pipe already"});
  CHECK_THAT(render(read.text, read.found[1]), WEIR_CONTAINS("d/z.pipe:1:10: error[W0212]"));
}

TEST_CASE("a directory without a program is an error") {
  scratch_directory at;
  at.write("d/notes.txt", "");
  CHECK(found_in(read_directory("d").found) ==
        std::vector<std::string>{"W0001 no .pipe file of this directory has a pipeline statement"});
  CHECK(found_in(read_directory("nowhere").found) ==
        std::vector<std::string>{"W0001 cannot look into this directory: No such file or directory"});
}
