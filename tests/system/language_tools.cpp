// `weir fmt` and `weir explain`, as they are called; what they write is tested in tests/golden and tests/fuzz.

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/catch.hpp"
#include "tests/system/scenario.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

constexpr const char* untidy = "PIPELINE  orders;   -- mine\nview a as select count(*) from orders where paid;\n";
constexpr const char* tidy = "pipeline orders;  -- mine\nview a as\n  select count(*)\n  from orders\n  where paid;\n";
constexpr const char* broken = "pipeline orders;\nview a as select 'north from orders;\n";

std::string program_path() {
  const char* path = std::getenv("WEIR_PROGRAM");
  REQUIRE(path != nullptr); // run the tests with ctest or tools/test
  return fs::absolute(path).string();
}

/// A directory that goes with the test, and the program called from it.
class place {
public:
  place() : dir_(fs::temp_directory_path() / ("weir-fmt-" + std::to_string(::getpid()))) {
    fs::create_directories(dir_ / "in" / "side");
  }
  ~place() { fs::remove_all(dir_); }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  program_outcome run(const std::string& command) const {
    const auto out = path("out"), err = path("err");
    fs::remove(out);
    fs::remove(err);
    child_process child({"sh", "-c", "cd \"$1\" && \"$2\" " + command, "sh", dir_.string(), program_path()}, out, err);
    const auto code = child.wait(30s);
    return {code, read_file(out), read_file(err)};
  }

private:
  fs::path dir_;
};

} // namespace

TEST_CASE("fmt writes in place what is not in canonical form, and nothing else") {
  const place at;
  write_file(at.path("in/a.pipe"), untidy);
  write_file(at.path("in/side/b.pipe"), tidy);
  write_file(at.path("in/c.txt"), untidy);
  fs::create_symlink("a.pipe", at.path("in/link.pipe"));
  ::chmod(at.path("in/a.pipe").c_str(), 0640);

  const auto check = at.run("fmt --check in");
  CHECK(check.exit_code == 1);
  CHECK(check.out == "in/a.pipe\nin/link.pipe\n");
  CHECK(read_file(at.path("in/a.pipe")) == untidy);

  const auto written = at.run("fmt in/link.pipe in/side/b.pipe");
  INFO(written.err);
  CHECK(written.exit_code == 0);
  CHECK(written.out == "formatted in/link.pipe\n");
  CHECK(read_file(at.path("in/a.pipe")) == tidy);
  CHECK(fs::is_symlink(at.path("in/link.pipe")));
  struct stat about {};
  REQUIRE(::stat(at.path("in/a.pipe").c_str(), &about) == 0);
  CHECK((about.st_mode & 07777) == 0640);
  CHECK(read_file(at.path("in/c.txt")) == untidy);
  CHECK(std::distance(fs::directory_iterator(at.path("in")), fs::directory_iterator()) == 4); // nothing is left there

  const auto again = at.run("fmt --check in");
  CHECK(again.exit_code == 0);
  CHECK(again.out.empty());
}

TEST_CASE("fmt leaves alone what does not split into tokens") {
  const place at;
  write_file(at.path("in/a.pipe"), broken);
  write_file(at.path("in/b.pipe"), untidy);
  const auto outcome = at.run("fmt in nowhere.pipe");
  CHECK(outcome.exit_code == 3);
  CHECK_THAT(outcome.err, WEIR_CONTAINS("in/a.pipe:2:18: error[W0103]: this string does not end") &&
                              WEIR_CONTAINS("^^^^") && WEIR_CONTAINS("error[W0001]"));
  CHECK(read_file(at.path("in/a.pipe")) == broken);
  CHECK(read_file(at.path("in/b.pipe")) == tidy); // the others are written
  CHECK(at.run("fmt in/side").exit_code == 1);    // there is none
}

TEST_CASE("fmt reads standard input for -") {
  const place at;
  write_file(at.path("a.pipe"), untidy);
  const auto outcome = at.run("fmt - < a.pipe");
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == tidy);
  const auto check = at.run("fmt --check - < a.pipe");
  CHECK(check.exit_code == 1);
  CHECK(check.out == "<standard input>\n");
}

TEST_CASE("explain tells of a code, or of all, or what was meant") {
  const place at;
  CHECK_THAT(at.run("explain W0203").out, WEIR_CONTAINS("W0203: a column that the table has not\n"));
  const auto all = at.run("explain");
  CHECK(all.exit_code == 0);
  CHECK_THAT(all.out, WEIR_CONTAINS("W0001  ") && WEIR_CONTAINS("W0509  "));
  const auto unknown = at.run("explain W0293");
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, WEIR_CONTAINS("there is no code W0293") && WEIR_CONTAINS("did you mean \"W0"));
}
