#include <cstdint>

#include <fmt/format.h>

#include "runtime/plan/graph.hpp"

namespace weir {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// Between double quotes, as Graphviz reads it: it knows escapes of its own (\N, \l) and entities of HTML.
std::string dot_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += std::string("\\") + c;
    else if (c == '&')
      out += "&amp;";
    else if (c == '\n')
      out += "\\n";
    else
      out += is_control(c) ? ' ' : c;
  }
  return out + '"';
}

/// Between double quotes, as Mermaid reads it: what could end the string, or be taken for markup, as its number.
std::string mermaid_string(const std::string& text) {
  constexpr std::string_view meant = "\"#&<>`\\;[]{}()|";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n')
      out += "<br/>";
    else if (meant.find(c) != std::string_view::npos)
      out += fmt::format("#{};", static_cast<int>(c));
    else
      out += is_control(c) ? ' ' : c;
  }
  return out + '"';
}

} // namespace

std::string to_dot(const pipeline_plan& plan) {
  const auto graph = graph_of(plan);
  auto out = fmt::format("digraph {} {{\n  rankdir=LR;\n  node [shape=box];\n", dot_string(plan.name));
  for (std::size_t i = 0; i < graph.actors.size(); ++i) {
    const auto& actor = graph.actors[i];
    out += fmt::format("  a{} [label={}{}];\n", i, dot_string(actor.name + "\n" + actor.does),
                       actor.own_thread ? ", style=bold" : "");
  }
  for (const auto& edge : graph.edges)
    out += fmt::format("  a{} -> a{} [label={}{}];\n", edge.from, edge.to, dot_string(edge.carries),
                       edge.backward ? ", style=dashed, constraint=false" : "");
  for (std::size_t v = 0; v < graph.views.size(); ++v) {
    const auto& operators = graph.views[v].operators;
    out += fmt::format("  subgraph cluster_{} {{\n    label={};\n", v, dot_string("view " + graph.views[v].view));
    for (std::size_t i = 0; i < operators.size(); ++i)
      out += fmt::format("    o{}_{} [label={}];\n", v, i, dot_string(operators[i].name + "\n" + operators[i].does));
    for (std::size_t i = 1; i < operators.size(); ++i) out += fmt::format("    o{0}_{1} -> o{0}_{2};\n", v, i - 1, i);
    out += "  }\n";
  }
  return out + "}\n";
}

std::string to_mermaid(const pipeline_plan& plan) {
  const auto graph = graph_of(plan);
  std::string out = "flowchart LR\n";
  for (std::size_t i = 0; i < graph.actors.size(); ++i)
    out += fmt::format("  a{}[{}]\n", i, mermaid_string(graph.actors[i].name + "\n" + graph.actors[i].does));
  for (const auto& edge : graph.edges)
    out += fmt::format("  a{} {}|{}| a{}\n", edge.from, edge.backward ? "-.->" : "-->", mermaid_string(edge.carries),
                       edge.to);
  for (std::size_t v = 0; v < graph.views.size(); ++v) {
    const auto& operators = graph.views[v].operators;
    out += fmt::format("  subgraph v{}[{}]\n", v, mermaid_string("view " + graph.views[v].view));
    for (std::size_t i = 0; i < operators.size(); ++i)
      out += fmt::format("    o{}_{}[{}]\n", v, i, mermaid_string(operators[i].name + "\n" + operators[i].does));
    for (std::size_t i = 1; i < operators.size(); ++i) out += fmt::format("    o{0}_{1} --> o{0}_{2}\n", v, i - 1, i);
    out += "  end\n";
  }
  return out;
}

} // namespace weir
