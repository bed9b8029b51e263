#include <nlohmann/json.hpp>

#include "dsl/diagnostic.hpp"
#include "dsl/parse.hpp"
#include "tests/support/catch.hpp"

namespace {

std::string rendered(const std::string& text) {
  const auto source = weir::dsl::text_of("t.pipe", text);
  const auto found = weir::dsl::parse(source).found;
  return render(source, found) + to_json(source, found).dump();
}

} // namespace

TEST_CASE("columns count characters") {
  const auto text = weir::dsl::text_of("t", "/* größe */ x;\n");
  const auto found = weir::dsl::parse(text).found;
  REQUIRE(found.size() == 1);
  CHECK(render(text, found[0]).starts_with("t:1:13: error[W0102]"));
  CHECK_THAT(render(text, found[0]), WEIR_CONTAINS("    1 | /* größe */ x;\n      |             ^\n"));
}

TEST_CASE("a finding in JSON has its place") {
  const auto text = weir::dsl::text_of("t", "pipeline a;\nvew b as;\n");
  const auto json = to_json(text, weir::dsl::parse(text).found);
  REQUIRE(json.size() == 1);
  CHECK(json[0]["code"] == "W0102");
  CHECK(json[0]["severity"] == "error");
  CHECK(json[0]["line"] == 2);
  CHECK(json[0]["column"] == 1);
  CHECK(json[0]["end_column"] == 4);
  CHECK(json[0]["hint"] == "did you mean \"view\"?");
}

TEST_CASE("a finding in JSON has its place in bytes and in characters") {
  const auto text = weir::dsl::text_of("größe.pipe", "pipeline a;\n/* größe */ vew b as;\n");
  const auto json = to_json(text, weir::dsl::parse(text).found);
  REQUIRE(json.size() == 1);
  CHECK(json[0]["file"] == "größe.pipe");
  CHECK(json[0]["begin"] == 26);
  CHECK(json[0]["end"] == 29);
  CHECK(text.files[0].text.substr(26, 3) == "vew");
  CHECK(json[0]["column"] == 13);
  CHECK(json[0]["end_line"] == 2);
  CHECK(json[0]["end_column"] == 16);
}

TEST_CASE("a finding about the whole program has no place") {
  const auto json =
      to_json(weir::dsl::text_of("t", ""), {weir::dsl::severity::error, weir::dsl::code::not_declared, {}, "m"});
  CHECK(json == nlohmann::json{{"severity", "error"}, {"code", "W0208"}, {"message", "m"}});
}

TEST_CASE("no way of writing a password shows it") {
  const std::string secrets[] = {
      "cluster c { coordinator \"host=a password=geheim\" x }",
      "cluster c { coordinator \"host=a password = geheim\" x }",
      "cluster c { coordinator \"PASSWORD='ge heim \\' geheim' host=a\" x }",
      "cluster c { coordinator \"postgres://u:geheim@h/d\" x }",
      "cluster c { coordinator \"postgresql://h/d?password=geheim\" x }",
      "cluster c { coordinator \"postgresql://h/d?passw%6Frd=geheim\" x }",
      "cluster c { nodes a \"password\n = \ngeheim\" x }",
      "cluster c { coordinator \"password=geheim",
      "cluster c { coordinator 'password=geheim'; }",
      "cluster \"password=geheim\" \"password=geheim\"",
      "x -- password=geheim",
      "cluster c { nodes \"host=a password=geheim\"; nodes \"host=b sslpassword=geheim\"; }",
  };
  for (const auto& text : secrets) {
    const auto shown = rendered(text);
    INFO(shown);
    CHECK(shown.size() > 4);
    CHECK(shown.find("geheim") == std::string::npos);
  }
}

TEST_CASE("a file full of passwords is no work") {
  std::string text = "source ";
  for (int i = 0; i < 50'000; ++i) text += "password=://";
  CHECK(rendered(text).size() < 2000);
}

TEST_CASE("a long line is cut around the finding") {
  const auto text = weir::dsl::text_of("t", std::string(100'000, ' ') + "x" + std::string(100'000, ' ') + ";");
  const auto found = weir::dsl::parse(text).found;
  REQUIRE(found.size() == 1);
  CHECK(render(text, found[0]).size() < 500);
}
