#include <string_view>

#include <fmt/format.h>

#include "runtime/plan/pipeline_plan.hpp"

namespace weir {
namespace {

/// FNV-1a over a description in which every string is preceded by its length, so that no two plans read alike.
class description {
public:
  void add(std::string_view text) {
    number(text.size());
    for (const char c : text) byte(static_cast<unsigned char>(c));
  }
  void number(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<unsigned char>(value >> shift));
  }
  void add(data_type type) {
    number(static_cast<std::uint64_t>(type.id));
    number(static_cast<std::uint32_t>(type.typmod));
  }
  void add(const expression& e) {
    number(static_cast<std::uint64_t>(e.op));
    add(e.type);
    number(static_cast<std::uint32_t>(e.column_index));
    number(e.literal_is_null ? 1 : 0);
    add(e.literal_text);
    number(e.args.size());
    for (const auto& arg : e.args) add(arg);
  }
  std::uint64_t value() const { return hash_; }

private:
  void byte(unsigned char b) { hash_ = (hash_ ^ b) * 0x100000001b3ULL; }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

} // namespace

std::string fingerprint(const pipeline_plan& plan) {
  description d;
  d.add(plan.name);
  // Nodes of a cluster that are looked for come and go; those of a fixed list are what the views are of.
  d.number(plan.coordinator ? 0 : plan.nodes.size());
  if (!plan.coordinator)
    for (const auto& node : plan.nodes) d.add(node.name);
  d.number(plan.sources.size());
  for (const auto& source : plan.sources) {
    d.add(source.schema);
    d.add(source.table);
    d.number(source.columns.size());
    for (const auto& column : source.columns) {
      d.add(column.name);
      d.add(column.type);
    }
  }
  d.number(plan.views.size());
  for (const auto& view : plan.views) {
    d.add(view.name);
    d.number(view.source);
    d.number(view.filter.has_value() ? 1 : 0);
    if (view.filter) d.add(*view.filter);
    d.number(view.keys.size());
    for (const auto& key : view.keys) d.add(key);
    d.number(view.inputs.size());
    for (const auto& input : view.inputs) d.add(input);
    d.number(view.aggregates.size());
    for (const auto& a : view.aggregates) {
      d.number(static_cast<std::uint64_t>(a.function));
      d.number(a.input);
    }
    d.number(view.outputs.size());
    for (const auto& output : view.outputs) {
      d.add(output.name);
      d.number(output.is_key ? 1 : 0);
      d.number(output.index);
    }
    d.add(view.sink.schema);
    d.add(view.sink.table);
  }
  return fmt::format("{:016x}", d.value());
}

} // namespace weir
