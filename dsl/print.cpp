#include "dsl/print.hpp"

#include <fmt/format.h>

#include "dsl/identifier.hpp"
#include "dsl/print_words.hpp"

namespace weir::dsl {
namespace {

using print_words::quoted;

std::string table_text(const table_name& t) { return print_words::path({t.cluster, t.schema, t.table}); }

std::string cluster_text(const cluster_declaration& c) {
  std::string items;
  if (c.coordinator) items += fmt::format("  coordinator {};\n", quoted(c.coordinator->text));
  std::string nodes;
  for (const auto& n : c.nodes)
    nodes += (nodes.empty() ? "" : ", ") + (n.node ? n.node->text + " " : "") + quoted(n.conninfo.text);
  if (!nodes.empty()) items += fmt::format("  nodes {};\n", nodes);
  if (c.consistency) items += fmt::format("  consistency {};\n", to_string(c.consistency->choice));
  if (c.capture) items += fmt::format("  capture {};\n", to_string(c.capture->choice));
  if (c.transaction_name)
    items += fmt::format("  transaction name {};\n", print_words::string(c.transaction_name->text));
  return fmt::format("cluster {} {{\n{}}}\n", display_name(c.cluster.text), items);
}

std::string sink_text(const sink_declaration& s) {
  auto out = fmt::format("sink {} into {}", display_name(s.view.text), table_text(s.table));
  if (s.distributed) {
    out += fmt::format(" distributed by ({})", display_name(s.distributed->column.text));
    if (s.distributed->with_source) out += " colocate with " + display_name(s.distributed->with_source->text);
    if (s.distributed->with_table) out += " colocate with " + table_text(*s.distributed->with_table);
  }
  if (s.reference) out += " reference";
  if (s.every) out += fmt::format(" every {} ms", s.every->count());
  return out + ";\n";
}

std::string supervise_text(const supervise_declaration& s) {
  std::string out = "supervise {\n";
  if (s.retry) {
    out += fmt::format("  retry {}", *s.retry);
    if (s.backoff_min && s.backoff_max)
      out += fmt::format(", backoff {} ms to {} ms", s.backoff_min->count(), s.backoff_max->count());
    out += ";\n";
  }
  if (s.on_worker_failure)
    out += fmt::format("  on worker failure {};\n", *s.on_worker_failure == failure_policy::wait ? "wait" : "isolate");
  if (s.on_slot_lost)
    out += fmt::format("  on slot lost {};\n", *s.on_slot_lost == on_slot_lost::stop ? "stop" : "reload");
  if (s.on_error) out += fmt::format("  on error {};\n", *s.on_error == on_error::stop ? "stop" : "skip");
  if (s.on_schema_change)
    out += fmt::format("  on schema change {};\n", *s.on_schema_change == on_schema_change::stop ? "stop" : "evolve");
  return out + "}\n";
}

} // namespace

std::string print(const syntax& program) {
  std::string out;
  for (const auto& p : program.pipelines) out += fmt::format("pipeline {};\n", display_name(p.pipeline.text));
  for (const auto& i : program.includes) out += fmt::format("include {};\n", quoted(i.file));
  for (const auto& m : program.memories) out += fmt::format("memory {};\n", to_string(m.size));
  for (const auto& c : program.clusters) out += cluster_text(c);
  for (const auto& s : program.sources)
    out += fmt::format("source {} from {};\n", display_name(s.source.text), table_text(s.table));
  for (const auto& v : program.views) out += fmt::format("view {} as {};\n", display_name(v.view.text), print(v.query));
  for (const auto& s : program.sinks) out += sink_text(s);
  for (const auto& s : program.supervises) out += supervise_text(s);
  return out;
}

} // namespace weir::dsl
