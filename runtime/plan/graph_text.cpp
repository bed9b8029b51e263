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

/// What is told of an operator; of one that the runtime has not, that too.
std::string label(const operator_vertex& o) { return o.name + "\n" + o.does + (o.runs ? "" : "\n(no operator yet)"); }

std::string dot_view(const view_operators& view, std::size_t number, bool runs) {
  auto out = fmt::format("  subgraph cluster_{} {{\n    label={};\n", number,
                         dot_string("view " + view.view + (runs ? "" : ": not running")));
  if (!runs) out += "    style=dashed;\n    node [fontcolor=gray40];\n";
  for (std::size_t i = 0; i < view.operators.size(); ++i) {
    const auto& o = view.operators[i];
    out += fmt::format("    o{}_{} [label={}{}];\n", number, i, dot_string(label(o)), o.runs ? "" : ", style=dashed");
  }
  for (std::size_t i = 0; i < view.operators.size(); ++i)
    for (const auto input : view.operators[i].inputs)
      out += fmt::format("    o{0}_{1} -> o{0}_{2};\n", number, input, i);
  return out + "  }\n";
}

std::string mermaid_view(const view_operators& view, std::size_t number, bool runs) {
  auto out =
      fmt::format("  subgraph v{}[{}]\n", number, mermaid_string("view " + view.view + (runs ? "" : ": not running")));
  for (std::size_t i = 0; i < view.operators.size(); ++i) {
    const auto& o = view.operators[i];
    out += fmt::format("    o{}_{}[{}]{}\n", number, i, mermaid_string(label(o)), o.runs ? "" : ":::missing");
  }
  for (std::size_t i = 0; i < view.operators.size(); ++i)
    for (const auto input : view.operators[i].inputs)
      out += fmt::format("    o{0}_{1} --> o{0}_{2}\n", number, input, i);
  out += "  end\n";
  return runs ? out : out + fmt::format("  class v{} unbuilt\n", number);
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
  std::size_t number = 0;
  for (const auto& view : graph.views) out += dot_view(view, number++, true);
  for (const auto& view : graph.unbuilt) out += dot_view(view, number++, false);
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
  std::size_t number = 0;
  for (const auto& view : graph.views) out += mermaid_view(view, number++, true);
  for (const auto& view : graph.unbuilt) out += mermaid_view(view, number++, false);
  if (!graph.unbuilt.empty())
    out += "  classDef unbuilt fill:none,stroke-dasharray:5\n  classDef missing stroke-dasharray:5\n";
  return out;
}

} // namespace weir
