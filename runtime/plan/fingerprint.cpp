#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "runtime/expr/time_zone.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/plan/zones.hpp"

namespace weir {
namespace {

/// FNV-1a over a description in which every string is preceded by its length, so that no two plans read alike.
class description {
public:
  /// `typed`: with the types that columns have, and their places; else a column is its name, and widening does not
  /// count.
  explicit description(bool typed) : typed_(typed) {}

  bool typed() const { return typed_; }
  void add(std::string_view text) {
    number(text.size());
    for (const char c : text) byte(static_cast<unsigned char>(c));
  }
  void number(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<unsigned char>(value >> shift));
  }
  void add(const data_type& type) {
    if (!typed_) return;
    if (!type.name.empty()) add(type.name);
    if (type.id == type_id::citext && type.cases) number(type.cases->digest());
    number(static_cast<std::uint64_t>(type.id));
    number(static_cast<std::uint32_t>(type.typmod));
  }
  void add(const expression& e, const std::vector<source_column>& columns) {
    if (!typed_ && is_widening(e)) return add(e.args.front(), columns);
    number(static_cast<std::uint64_t>(e.op));
    if (e.op == operation::call) number(static_cast<std::uint64_t>(e.function));
    add(e.type);
    if (typed_ && e.op == operation::call && makes_case(e.function) && e.args[0].type.cases)
      number(e.args[0].type.cases->digest());
    if (typed_ || e.op != operation::column)
      number(static_cast<std::uint32_t>(e.column_index));
    else
      add(columns[static_cast<std::size_t>(e.column_index)].name);
    number(e.literal_is_null ? 1 : 0);
    add(e.literal_text);
    number(e.args.size());
    for (const auto& arg : e.args) add(arg, columns);
  }
  std::uint64_t value() const { return hash_; }

private:
  void byte(unsigned char b) { hash_ = (hash_ ^ b) * 0x100000001b3ULL; }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  bool typed_;
};

/// The columns of a group, which have no names.
std::vector<source_column> group_columns(const view_plan& view) {
  std::vector<source_column> columns;
  for (std::size_t i = 0; i < view.keys.size() + view.aggregates.size(); ++i)
    columns.push_back({std::to_string(i), {}, false});
  return columns;
}

std::string describe(const pipeline_plan& plan, bool typed) {
  description d(typed);
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
    auto columns = source.columns;
    if (!d.typed())
      std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const auto& column : columns) {
      d.add(column.name);
      d.add(column.type);
    }
  }
  d.number(plan.views.size());
  for (const auto& view : plan.views) {
    d.add(view.name);
    d.number(view.source);
    const auto& columns = plan.sources[view.source].columns;
    d.number(view.filter.has_value() ? 1 : 0);
    if (view.filter) d.add(*view.filter, columns);
    d.number(view.keys.size());
    for (const auto& key : view.keys) d.add(key, columns);
    d.number(view.inputs.size());
    for (const auto& input : view.inputs) d.add(input, columns);
    d.number(view.aggregates.size());
    for (const auto& a : view.aggregates) {
      d.number(static_cast<std::uint64_t>(a.function));
      d.number(a.input);
    }
    d.number(view.outputs.size());
    for (const auto& output : view.outputs) {
      d.add(output.name);
      d.number(output.is_key ? 1 : output.is_computed ? 2 : 0);
      d.number(output.index);
    }
    // What plans of an earlier weir had not does not change their fingerprints.
    const auto group = group_columns(view);
    for (const auto& e : view.computed) d.add(e, group);
    if (view.having) {
      d.add("having");
      d.add(*view.having, group);
    }
    d.add(view.sink.schema);
    d.add(view.sink.table);
  }
  // Files that say otherwise than those that the views were computed by are as a column of another type.
  if (typed)
    for (const auto& name : zones_of(plan)) {
      const auto zone = time_zone::find(name);
      d.number(zone ? (*zone)->rules() : 0);
    }
  return fmt::format("{:016x}", d.value());
}

} // namespace

std::string fingerprint(const pipeline_plan& plan) { return describe(plan, true); }

std::string registered_fingerprint(const pipeline_plan& plan) {
  return fmt::format("{}-{}", describe(plan, true), describe(plan, false));
}

plan_likeness compare_fingerprint(std::string_view registered, const pipeline_plan& plan) {
  const auto typed = registered.substr(0, registered.find('-'));
  if (typed == describe(plan, true)) return plan_likeness::same;
  // Those that an earlier weir registered have no second part.
  const bool same_definition =
      typed.size() < registered.size() && registered.substr(typed.size() + 1) == describe(plan, false);
  return same_definition ? plan_likeness::other_types : plan_likeness::other;
}

} // namespace weir
