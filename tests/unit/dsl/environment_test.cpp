#include "dsl/environment.hpp"
#include "dsl/outline.hpp"
#include "dsl/parse.hpp"
#include "tests/support/catch.hpp"

namespace {

std::optional<std::string> variables(const std::string& name) {
  if (name == "HOST") return "10.0.0.1";
  if (name == "PASSWORD_1") return "ge}h$eim";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

std::string expanded(const std::string& conninfo) {
  const auto value = weir::dsl::with_variables(conninfo, variables);
  return value ? *value : "! " + value.error().message;
}

} // namespace

TEST_CASE("variables of the environment stand in connection strings") {
  CHECK(expanded("host=${HOST} dbname=shop") == "host=10.0.0.1 dbname=shop");
  CHECK(expanded("${HOST}${EMPTY}${HOST}") == "10.0.0.110.0.0.1");
  CHECK(expanded("password=${PASSWORD_1}") == "password=ge}h$eim"); // values are not looked into
  CHECK(expanded("user=a$b $ $$ $HOST {HOST}") == "user=a$b $ $$ $HOST {HOST}");
  CHECK(expanded("host=${PORT}") == "! the environment has no variable PORT");
  for (const char* wrong : {"${", "${}", "${HOST", "${1}", "${A B}", "${A-B}", "${${HOST}}"})
    CHECK(expanded(wrong) == "! a variable is written ${NAME}");
}

TEST_CASE("a variable that is not set is an error at its place, of the file or of weir.yaml") {
  const std::string text = "pipeline p; cluster c { coordinator \"host=${HOST}\"; nodes w1 \"host=${NOWHERE}\"; }\n"
                           "source t from c.public.t; view v as select count(*) from t; sink v into c.public.v;";
  const auto program = weir::dsl::parse(weir::dsl::text_of("t", text)).program;
  auto done = weir::dsl::outline_of(program, {}, variables);
  REQUIRE(done.outline.clusters.size() == 1);
  CHECK(done.outline.clusters[0].coordinator == "host=10.0.0.1");
  REQUIRE(done.found.size() == 1);
  CHECK(done.found[0].message == "the environment has no variable NOWHERE");
  CHECK(text.substr(done.found[0].where->begin, 16) == "\"host=${NOWHERE}");

  weir::cluster_spec configured;
  configured.name = "c";
  configured.nodes = {{"w1", "host=${HOST} port=1"}};
  done = weir::dsl::outline_of(program, {configured}, variables);
  CHECK(done.found.empty());
  CHECK(done.outline.clusters[0].nodes.at(0).conninfo == "host=10.0.0.1 port=1");
  configured.nodes = {{"w1", "host=${NOWHERE}"}};
  CHECK(weir::dsl::outline_of(program, {configured}, variables).found.size() == 1);
}
