#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "dsl/bind.hpp"
#include "dsl/bind_test.hpp"
#include "dsl/lower.hpp"
#include "dsl/outline.hpp"
#include "dsl/parse.hpp"
#include "tests/support/schema_text.hpp"

namespace weir::test {

inline std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct compiled {
  dsl::source_text text;
  dsl::syntax program;
  dsl::outline about;
  dsl::diagnostics found;
  std::optional<pipeline_plan> plan;
  std::vector<dsl::bound_test> tests;

  std::string rendered() const { return dsl::render(text, found); }
};

/// The whole way from text to plan, as `weir check` goes it; a cluster with a coordinator only has the nodes g1 and g2.
inline compiled compile(dsl::source_text text, const schema_text& schema,
                        const std::vector<cluster_spec>& configured = {}) {
  compiled out;
  out.text = std::move(text);
  auto parsed = dsl::parse(out.text);
  out.program = std::move(parsed.program);
  auto outlined = dsl::outline_of(out.program, configured);
  out.about = std::move(outlined.outline);
  std::vector<std::string> nodes;
  if (out.about.source_cluster) {
    auto& cluster = out.about.clusters[*out.about.source_cluster];
    if (cluster.nodes.empty() && cluster.coordinator) cluster.nodes = {{"g1", "port=1"}, {"g2", "port=2"}};
    for (const auto& node : cluster.nodes) nodes.push_back(node.name);
  }
  const auto catalogs = schema.catalog_of("shop", nodes);
  auto bound = dsl::bind(out.program, out.about, catalogs);
  if (bound.pipeline) {
    auto tests = dsl::bind_tests(out.program, catalogs, *bound.pipeline);
    out.tests = std::move(tests.tests);
    out.found = std::move(tests.found);
  }
  for (auto* some : {&parsed.found, &outlined.found, &bound.found})
    out.found.insert(out.found.end(), some->begin(), some->end());
  dsl::sort(out.found);
  if (bound.pipeline) out.plan = dsl::lower(*bound.pipeline);
  return out;
}

inline compiled compile(const std::string& text, const schema_text& schema) {
  return compile(dsl::text_of("test.pipe", text), schema);
}

} // namespace weir::test
