// What editors are given: tools/editor.

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "dsl/function_table.hpp"
#include "dsl/types.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pipe_blocks.hpp"

namespace {

using nlohmann::json;

json read_json(const std::string& path) {
  return json::parse(weir::test::read_text(weir::test::source_file("tools/editor/" + path)));
}

/// One rule that colours: its scope, "" where only its captures have one, and its expression.
struct rule {
  std::string scope;
  std::string expression;
};

/// All expressions of a grammar, however deep they stand.
void collect(const json& node, std::vector<rule>& rules) {
  if (node.is_object())
    for (const char* kind : {"match", "begin", "end"})
      if (node.contains(kind)) rules.push_back({node.value("name", ""), node[kind]});
  if (node.is_structured())
    for (const auto& child : node) collect(child, rules);
}

std::vector<rule> rules_of_grammar() {
  std::vector<rule> rules;
  collect(read_json("pipe.tmLanguage.json"), rules);
  return rules;
}

/// The expressions are kept to what editors (Oniguruma) and ECMAScript read alike; (?i) at the beginning is the one
/// thing of the former that the latter says otherwise.
std::regex compiled(std::string expression) {
  auto flags = std::regex::ECMAScript;
  if (expression.starts_with("(?i)")) {
    flags |= std::regex::icase;
    expression.erase(0, 4);
  }
  return std::regex(expression, flags);
}

/// Every word that the grammar of the language names, as its sources have it.
std::set<std::string> words_of_language() {
  std::set<std::string> words;
  const std::regex keyword("\nWEIR_(?:TEST_)?KEYWORD\\(([a-z_]+) ?\\)|TAO_PEGTL_ISTRING\\(\"([a-z_]+)\"\\)");
  for (const auto& path : weir::test::files_below("dsl", ".hpp")) {
    const auto text = weir::test::read_text(path);
    for (std::sregex_iterator at(text.begin(), text.end(), keyword), end; at != end; ++at)
      words.insert((*at)[1].matched ? (*at)[1] : (*at)[2]);
  }
  return words;
}

/// The scope that a word on its own gets, "" for none: that of the first rule that matches all of it.
std::string scope_of(const std::string& word, const std::vector<rule>& rules) {
  for (const auto& r : rules)
    if (!r.scope.empty() && std::regex_match(word, compiled(r.expression))) return r.scope;
  return {};
}

/// The words that a rule lists between (?: and ).
std::vector<std::string> listed(const std::string& expression) {
  std::vector<std::string> words;
  const auto begin = expression.find("\\b(?:");
  if (begin == std::string::npos || !expression.ends_with(")\\b")) return words;
  const auto list = expression.substr(begin + 5, expression.size() - begin - 8);
  if (list.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789|") != std::string::npos) return words;
  for (std::size_t at = 0; at <= list.size();) {
    const auto bar = std::min(list.find('|', at), list.size());
    words.push_back(list.substr(at, bar - at));
    at = bar + 1;
  }
  return words;
}

} // namespace

TEST_CASE("the expressions of the editors' grammar compile") {
  const auto rules = rules_of_grammar();
  REQUIRE(rules.size() > 20);
  for (const auto& r : rules) {
    INFO(r.expression);
    CHECK_NOTHROW(compiled(r.expression));
  }
}

TEST_CASE("every word of the language has a colour") {
  const auto rules = rules_of_grammar();
  const auto words = words_of_language();
  REQUIRE(words.size() > 100);
  for (const auto& word : words) {
    INFO("tools/editor/pipe.tmLanguage.json lacks " << word);
    CHECK(!scope_of(word, rules).empty());
    auto upper = word;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c >= 'a' ? c - ('a' - 'A') : c; });
    CHECK(scope_of(upper, rules) == scope_of(word, rules));
  }
  CHECK(scope_of("revenue", rules).empty());
}

TEST_CASE("every word that has a colour is one of the language") {
  const auto words = words_of_language();
  std::size_t seen = 0;
  for (const auto& r : rules_of_grammar())
    for (const auto& word : listed(r.expression)) {
      INFO("tools/editor/pipe.tmLanguage.json: " << word);
      const bool grammatical = words.contains(word) || word == "memory" || word == "include";
      CHECK((grammatical || weir::dsl::type_named(word).has_value()));
      ++seen;
    }
  CHECK(seen > words.size());
}

TEST_CASE("quantities, comments and strings are told from the rest") {
  const auto rules = rules_of_grammar();
  const auto matched = [&](const std::string& text) {
    return std::any_of(rules.begin(), rules.end(),
                       [&](const rule& r) { return std::regex_match(text, compiled(r.expression)); });
  };
  for (const char* text : {"200 ms", "1.5 min", "4 GiB", "256MiB", "1000 kB", "1", "1.50", ".5", "1e3", "-- a", "''",
                           "${HOME}", "||", "<>", "::"}) {
    INFO(text);
    CHECK(matched(text));
  }
  CHECK(!matched("12ab"));
}

TEST_CASE("the manifest names what is there") {
  const auto manifest = read_json("package.json");
  const auto& grammar = manifest.at("contributes").at("grammars").at(0);
  const auto& language = manifest.at("contributes").at("languages").at(0);
  CHECK(grammar.at("scopeName") == read_json("pipe.tmLanguage.json").at("scopeName"));
  CHECK(grammar.at("language") == language.at("id"));
  for (const auto& path : {grammar.at("path"), language.at("configuration")})
    CHECK(std::filesystem::exists(weir::test::source_file("tools/editor/" + path.get<std::string>())));
  const auto& pattern = manifest.at("contributes").at("problemMatchers").at(0).at("pattern");
  const std::regex matcher(pattern.at("regexp").get<std::string>());
  const auto text = weir::dsl::text_of("a.pipe", "vew b;\n");
  const auto shown = render(text, weir::dsl::parse(text).found);
  std::smatch found;
  const auto first = shown.substr(0, shown.find('\n'));
  REQUIRE(std::regex_match(first, found, matcher));
  CHECK(found[pattern.at("code").get<std::size_t>()] == "W0102");
  CHECK(found[pattern.at("severity").get<std::size_t>()] == "error");
}
