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
    fs::remove(out); // a child appends
    fs::remove(err);
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

TEST_CASE("the tests of a directory's programs run one after the other, a suite each") {
  const place at;
  fs::create_directories(at.path("pipes"));
  fs::rename(at.path("two.pipe"), at.path("pipes/two.pipe"));
  const std::string clusters = "cluster shop { coordinator \"host=nowhere.invalid\"; }\n"
                               "source orders from shop.public.orders;\n";
  write_file(at.path("pipes/shared.pipe"), clusters);
  const auto one = [&](const std::string& view) {
    return "pipeline one;\ninclude \"shared.pipe\";\nview n as select " + view +
           " from orders;\nsink n into shop.public.n;\ntest \"counted\" { given orders (1, 'north'); expect n (1); }\n";
  };
  write_file(at.path("pipes/one.pipe"), one("count(*)"));
  write_file(at.path("pipes/untested.pipe"), "pipeline untested;\ninclude \"shared.pipe\";\n"
                                             "view n as select count(*) from orders;\nsink n into shop.public.u;\n");
  const auto all = at.run("test pipes --schema tables.sql --junit report.xml");
  INFO(all.out << all.err);
  CHECK(all.exit_code == 1);
  CHECK_THAT(all.out, WEIR_CONTAINS("pipeline one\nok      counted ") && WEIR_CONTAINS("\n\npipeline two\nok ") &&
                          !WEIR_CONTAINS("untested") && WEIR_CONTAINS("\n3 tests: 2 passed, 1 failed, in "));
  const auto report = read_file(at.path("report.xml"));
  CHECK_THAT(report, WEIR_CONTAINS("<testsuites tests=\"3\" failures=\"1\"") &&
                         WEIR_CONTAINS("<testsuite name=\"one\" tests=\"1\" failures=\"0\"") &&
                         WEIR_CONTAINS("<testsuite name=\"two\" tests=\"2\" failures=\"1\"") &&
                         WEIR_CONTAINS("file=\"pipes/one.pipe\" line=\"5\""));

  const auto some = at.run("test pipes --schema tables.sql --filter counted");
  CHECK(some.exit_code == 0);
  CHECK_THAT(some.out, WEIR_CONTAINS("\n1 test: 1 passed, 0 failed, in "));
  CHECK(at.run("test pipes --schema tables.sql --filter nothing").exit_code == 1);

  write_file(at.path("pipes/one.pipe"), one("summ(id)")); // it does not keep the others from running
  const auto broken = at.run("test pipes --schema tables.sql --filter right");
  CHECK(broken.exit_code == 3);
  CHECK_THAT(broken.err, WEIR_CONTAINS("pipes/one.pipe:3:18: error[W0205]"));
  CHECK_THAT(broken.out, WEIR_CONTAINS("\n1 test: 1 passed, 0 failed, in "));
}

TEST_CASE("one picture is of one pipeline") {
  const place at;
  const auto drawn = at.run("plan two.pipe --schema tables.sql --format svg");
  CHECK(drawn.exit_code == 0);
  CHECK(drawn.out.starts_with("<svg xmlns="));
  write_file(at.path("three.pipe"), std::string(definition).replace(9, 3, "three"));
  const auto both = at.run("plan . --schema tables.sql --format svg");
  CHECK(both.exit_code == 2);
  CHECK(both.out.empty());
  CHECK(at.run("plan . --schema tables.sql --format dot").exit_code == 0);
  CHECK(at.run("plan two.pipe --schema tables.sql --format svg --diff").exit_code == 2);
}
