#include <nlohmann/json.hpp>

#include "runtime/plan/explain.hpp"
#include "runtime/plan/graph.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/source_file.hpp"

namespace {

weir::test::compiled compiled(const std::string& text) {
  const weir::test::schema_text schema(weir::test::read_text(weir::test::source_file("tests/golden/schema.txt")));
  auto done = weir::test::compile(text, schema);
  INFO(done.rendered());
  REQUIRE(done.plan);
  return done;
}

/// Is everything outside of double quotes made of the characters of the format itself, and does every quote end?
bool well_quoted(const std::string& text, const std::string& allowed, bool escapes) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (escapes && quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == '\n' && quoted) {
      return false;
    } else if (!quoted && !std::isalnum(static_cast<unsigned char>(c)) && allowed.find(c) == std::string::npos) {
      return false;
    }
  }
  return !quoted;
}

const char* const odd = R"pipe(
pipeline "o""dd ] <b>ü";
cluster shop {
  coordinator "host=10.0.0.1 dbname=shop password=geheim";
  nodes w1 "host=10.0.0.2 dbname=shop", w2 "host=10.0.0.3 password=geheim";
}
source orders from shop.public.orders;
view "re""venue] --> `x` #35; {}" as
  select region as "r\l""", count(*) as n from orders where region <> 'a"b\n]' and status <> 'c
d' group by region;
sink "re""venue] --> `x` #35; {}" into shop.analytics."t""[x]|y";
)pipe";

/// With names that no definition can give a node, too.
weir::pipeline_plan odd_plan() {
  auto plan = *compiled(odd).plan;
  plan.nodes[0].name = "w\"1];";
  plan.nodes[1].name = "w\\N&amp;\n2";
  return plan;
}

} // namespace

TEST_CASE("a plan is drawn") {
  const std::string folder = weir::test::source_file("tests/golden/plans/");
  const auto done = compiled(weir::test::read_text(folder + "orders.pipe"));
  const auto dot = weir::to_dot(*done.plan);
  const auto mermaid = weir::to_mermaid(*done.plan);
  CHECK(dot == weir::test::golden(folder + "orders.dot", dot));
  CHECK(mermaid == weir::test::golden(folder + "orders.mermaid", mermaid));
  CHECK((dot + mermaid).find("geheim") == std::string::npos);
}

TEST_CASE("whatever names contain, a drawing is well formed") {
  const auto plan = odd_plan();
  const std::string folder = weir::test::source_file("tests/golden/plans/");
  const auto dot = weir::to_dot(plan);
  const auto mermaid = weir::to_mermaid(plan);
  CHECK(dot == weir::test::golden(folder + "odd_names.dot", dot));
  CHECK(mermaid == weir::test::golden(folder + "odd_names.mermaid", mermaid));
  CHECK(well_quoted(dot, " \n{}[];=,->_", true));
  CHECK(well_quoted(mermaid, " \n[]->|._", false));
  CHECK_THAT(dot, WEIR_CONTAINS(R"(label="slot_reader.w\"1];\nreads)"));
  CHECK_THAT(mermaid, WEIR_CONTAINS(R"(["slot_reader.w#34;1#93;#59;<br/>reads)"));
  CHECK((dot + mermaid).find("geheim") == std::string::npos);
}

TEST_CASE("the graph is that of the actors and the operators") {
  const auto done = compiled(weir::test::read_text(weir::test::source_file("tests/golden/plans/orders.pipe")));
  auto plan = *done.plan;
  const auto graph = weir::graph_of(plan);
  std::vector<std::string> names;
  for (const auto& a : graph.actors) names.push_back(a.name);
  CHECK(names == std::vector<std::string>{"supervisor", "registrar", "slot_reader.w1", "normalizer.w1",
                                          "slot_reader.w2", "normalizer.w2", "watermark", "revenue.aggregate_stage",
                                          "everything.aggregate_stage", "view_writer"});
  for (const auto& e : graph.edges) {
    REQUIRE(e.from < graph.actors.size());
    REQUIRE(e.to < graph.actors.size());
    if (e.carries == "sums of a cut") CHECK(graph.actors[e.to].name == "view_writer");
  }
  names.clear();
  for (const auto& o : graph.views.front().operators) names.push_back(o.name);
  CHECK(names == std::vector<std::string>{"revenue.source", "revenue.filter", "revenue.project", "revenue.aggregate",
                                          "revenue.sink"});
  plan.coordinator = weir::node_spec{"coordinator", "host=c", {}};
  CHECK(weir::graph_of(plan).actors[2].name == "topology_watcher");
}

TEST_CASE("the JSON of a plan has the graph, and names it as the graph does") {
  const auto plan = odd_plan();
  const auto json = weir::explain_json(plan, {});
  const auto graph = weir::graph_of(plan);
  REQUIRE(json["actors"].size() == graph.actors.size());
  REQUIRE(json["edges"].size() == graph.edges.size());
  CHECK(json["views"][0]["operators"][1]["name"] == graph.views[0].operators[1].name);
  CHECK(json["actors"][2]["name"] == "slot_reader.w\"1];");
  CHECK(json == nlohmann::json::parse(json.dump()));
  CHECK(json.dump().find("geheim") == std::string::npos);
}
