// `weir test`, and `weir check` and `weir plan` against schema files: no server is there. What steps do is tested in
// tests/unit/rehearsal.

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/source_file.hpp"
#include "tests/system/scenario.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

const std::string orders =
    source_file("pipelines/orders/orders.pipe") + " --schema " + source_file("pipelines/orders/schema.sql");

constexpr const char* definition = R"(pipeline two;
cluster shop { coordinator "host=nowhere.invalid"; }
source orders from shop.public.orders;
view totals as select region, count(*) as n from orders group by region;
sink totals into shop.public.totals;
test "right" { given orders (1, 'north'); expect totals ('north', 1); }
test "wrong & <odd>" { given w2: orders (1, 'north'); expect totals ('south', 1); }
)";
constexpr const char* tables = "create table orders (id int primary key, region text not null);\n"
                               "alter table orders replica identity full;\n"
                               "select create_distributed_table('orders', 'id');\n";

/// A directory that goes with the test, and the program called from it.
class place {
public:
  place() : dir_(fs::temp_directory_path() / ("weir-rehearsal-" + std::to_string(::getpid()))) {
    fs::create_directories(dir_);
    write_file(path("two.pipe"), definition);
    write_file(path("tables.sql"), tables);
  }
  ~place() { fs::remove_all(dir_); }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  program_outcome run(const std::string& command) const {
    const char* program = std::getenv("WEIR_PROGRAM");
    REQUIRE(program != nullptr); // run the tests with ctest or tools/test
    const auto out = path("out"), err = path("err");
    child_process child(
        {"sh", "-c", "cd \"$1\" && \"$2\" " + command, "sh", dir_.string(), fs::absolute(program).string()}, out, err);
    const auto code = child.wait(60s);
    return {code, read_file(out), read_file(err)};
  }

private:
  fs::path dir_;
};

} // namespace

TEST_CASE("the tests of the shipped pipeline pass") {
  const place at;
  const auto all = at.run("test " + orders);
  INFO(all.out << all.err);
  CHECK(all.exit_code == 0);
  CHECK_THAT(all.out, WEIR_CONTAINS("5 tests: 5 passed, 0 failed, in "));
  const auto some = at.run("test --filter 'at once' " + orders);
  CHECK(some.exit_code == 0);
  CHECK_THAT(some.out, WEIR_CONTAINS("1 test: 1 passed, 0 failed"));
  const auto none = at.run("test --filter 'of another name' " + orders);
  CHECK(none.exit_code == 1);
  CHECK_THAT(none.err, WEIR_CONTAINS("no test has \"of another name\" in its name"));
}

TEST_CASE("a test that fails is told with its place and rows, and in JUnit's XML") {
  const place at;
  const auto done = at.run("test two.pipe --schema tables.sql --junit report.xml");
  INFO(done.out << done.err);
  CHECK(done.exit_code == 1);
  CHECK_THAT(done.out,
             WEIR_CONTAINS("ok      right ") && WEIR_CONTAINS("FAILED  wrong & <odd> ") &&
                 WEIR_CONTAINS("        two.pipe:7:62\n            test \"wrong & <odd>\" { given w2: orders (1, "
                               "'north'); expect totals ('south', 1); }\n"
                               "        view totals: expected 1 row (-), found 1 row (+)\n"
                               "            + ('north', 1)\n            - ('south', 1)\n") &&
                 WEIR_CONTAINS("\n2 tests: 1 passed, 1 failed, in "));
  const auto report = read_file(at.path("report.xml"));
  CHECK_THAT(report, WEIR_CONTAINS("<testsuite name=\"two\" tests=\"2\" failures=\"1\"") &&
                         WEIR_CONTAINS("<testcase classname=\"two\" name=\"wrong &amp; &lt;odd&gt;\" file=\"two.pipe\" "
                                       "line=\"7\"") &&
                         WEIR_CONTAINS("<failure message=\"view totals: expected 1 row (-), found 1 row (+)\">"));
}

TEST_CASE("check and plan need no server where a schema file is given") {
  const place at;
  const auto check = at.run("check two.pipe --offline --schema tables.sql");
  INFO(check.out << check.err);
  CHECK(check.exit_code == 0);
  CHECK_THAT(check.out, WEIR_CONTAINS("pipeline two: ok (1 nodes, 1 sources, 1 views)"));
  const auto plan = at.run("plan two.pipe --schema tables.sql");
  INFO(plan.err);
  CHECK(plan.exit_code == 0);
  CHECK_THAT(plan.out, WEIR_CONTAINS("CREATE TABLE") && WEIR_CONTAINS("\"totals\""));

  write_file(at.path("tables.sql"), "create table orders (id int primary key, regio text);\n");
  const auto unfit = at.run("check two.pipe --schema tables.sql");
  CHECK(unfit.exit_code == 3);
  CHECK_THAT(unfit.err, WEIR_CONTAINS("two.pipe:4:66: error[W0203]"));
  write_file(at.path("tables.sql"), "create table orders (id int primary key,\n  region texd);\n");
  const auto broken = at.run("check two.pipe --schema tables.sql");
  CHECK(broken.exit_code == 3);
  CHECK_THAT(broken.err, WEIR_CONTAINS("tables.sql:2:10: error[W0521]") && WEIR_CONTAINS("did you mean \"text\"?"));
  CHECK(at.run("check two.pipe --offline").exit_code == 2);
  CHECK(at.run("check two.pipe --schema missing.sql").exit_code == 2);
}
