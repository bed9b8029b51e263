#include <nlohmann/json.hpp>

#include "runtime/plan/explain.hpp"
#include "runtime/plan/graph.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/source_file.hpp"
#include "tests/support/xml_tags.hpp"

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

/// As dot, mermaid and SVG, each equal to its golden file; none holds a password.
struct drawn {
  std::string dot;
  std::string mermaid;
  std::string svg;
  weir::plan_graph graph;

  void check(const std::string& name) const {
    const std::string path = weir::test::source_file("tests/golden/plans/") + name;
    CHECK(dot == weir::test::golden(path + ".dot", dot));
    CHECK(mermaid == weir::test::golden(path + ".mermaid", mermaid));
    CHECK(svg == weir::test::golden(path + ".svg", svg));
    CHECK((dot + mermaid + svg).find("geheim") == std::string::npos);
  }
};

drawn draw(const weir::pipeline_plan& plan) {
  return {weir::to_dot(plan), weir::to_mermaid(plan), weir::to_svg(plan), weir::graph_of(plan)};
}

drawn draw(const std::string& name) {
  return draw(*compiled(weir::test::read_text(weir::test::source_file("tests/golden/plans/" + name + ".pipe"))).plan);
}

struct rectangle {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

bool contains(const rectangle& outer, const rectangle& inner) {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width &&
         inner.y + inner.height <= outer.y + outer.height;
}

bool overlap(const rectangle& a, const rectangle& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/// The rectangles of some class: "frame" and "box", with the places of their groups added.
std::vector<rectangle> rectangles_of(const std::vector<weir::test::xml_tag>& tags, const std::string& kind) {
  std::vector<rectangle> out;
  double x = 0, y = 0;
  for (const auto& tag : tags) {
    const auto number = [&](const char* name) {
      const auto at = tag.attributes.find(name);
      return at == tag.attributes.end() ? 0.0 : std::stod(at->second);
    };
    if (tag.attributes.contains("transform"))
      REQUIRE(std::sscanf(tag.attributes.at("transform").c_str(), "translate(%lf %lf)", &x, &y) == 2);
    if (tag.name == "rect" && tag.attributes.at("class").starts_with(kind))
      out.push_back({x + number("x"), y + number("y"), number("width"), number("height")});
  }
  return out;
}

/// Well-formed, all boxes within their frames, all frames within the picture, no two boxes over each other.
void check_svg(const std::string& svg, const weir::plan_graph& graph) {
  std::size_t boxes = graph.actors.size();
  for (const auto* views : {&graph.views, &graph.unbuilt})
    for (const auto& view : *views) boxes += view.operators.size();
  const auto tags = weir::test::xml_reader(svg).tags();
  REQUIRE(tags);
  const auto& root = tags->front();
  CHECK(root.name == "svg");
  CHECK(root.attributes.at("viewBox") == "0 0 " + root.attributes.at("width") + " " + root.attributes.at("height"));
  const rectangle picture{0, 0, std::stod(root.attributes.at("width")), std::stod(root.attributes.at("height"))};
  const auto all = rectangles_of(*tags, "box"), around = rectangles_of(*tags, "frame");
  CHECK(all.size() == boxes);
  CHECK(around.size() == 1 + graph.views.size() + graph.unbuilt.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(std::count_if(around.begin(), around.end(), [&](const auto& f) { return contains(f, all[i]); }) == 1);
    for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(overlap(all[i], all[j]));
  }
  for (std::size_t i = 0; i < around.size(); ++i) {
    CHECK(contains(picture, around[i]));
    for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(overlap(around[i], around[j]));
  }
  for (const auto& tag : *tags)
    for (const auto& [name, value] : tag.attributes) {
      CHECK(name.rfind("on", 0) != 0);
      CHECK(name.find("href") == std::string::npos);
    }
  CHECK(svg.find("<script") == std::string::npos);
}

} // namespace

TEST_CASE("a plan is drawn") {
  const auto done = draw("orders");
  done.check("orders");
  check_svg(done.svg, done.graph);
}

TEST_CASE("views that the runtime has no operators for are drawn, and marked as not running") {
  const auto done = draw("unbuilt");
  done.check("unbuilt");
  check_svg(done.svg, done.graph);
  for (const auto* text : {&done.dot, &done.mermaid, &done.svg}) {
    CHECK_THAT(*text, WEIR_CONTAINS("view named: not running") && !WEIR_CONTAINS("view revenue: not running"));
    CHECK_THAT(*text, WEIR_CONTAINS("no operator yet"));
  }
}

TEST_CASE("whatever names contain, a drawing is well formed") {
  const auto plan = odd_plan();
  const auto done = draw(plan);
  done.check("odd_names");
  check_svg(done.svg, done.graph);
  const auto unbuilt = draw("unbuilt");
  CHECK(well_quoted(done.dot + unbuilt.dot, " \n{}[];=,->_", true));
  CHECK(well_quoted(done.mermaid + unbuilt.mermaid, " \n[]->|._:,", false));
  CHECK_THAT(done.dot, WEIR_CONTAINS(R"(label="slot_reader.w\"1];\nreads)"));
  CHECK_THAT(done.mermaid, WEIR_CONTAINS(R"(["slot_reader.w#34;1#93;#59;<br/>reads)"));
  CHECK_THAT(done.svg, WEIR_CONTAINS("slot_reader.w&quot;1];</text>"));
}

TEST_CASE("a drawing is small where there is little, and survives what is no text") {
  auto plan = *compiled("pipeline p;\ncluster shop { nodes \"host=a\"; }\nsource orders from shop.public.orders;\n"
                        "view n as select count(*) from orders;\nsink n into shop.public.n;\n")
                   .plan;
  plan.name = std::string("\xff\x01 & \0", 6) + std::string(300, 'W');
  plan.views[0].name = std::string(2000, 'm');
  check_svg(weir::to_svg(plan), weir::graph_of(plan));
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
