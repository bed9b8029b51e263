#include "dsl/bind_sink.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "runtime/base/suggest.hpp"

namespace weir::dsl {
namespace {

/// Does every row that passes have a value there?
bool rules_out_null(const expression& filter, const expression& key) {
  if (filter.op == operation::logical_and)
    return std::any_of(filter.args.begin(), filter.args.end(), [&](const auto& e) { return rules_out_null(e, key); });
  return filter.op == operation::is_not_null && filter.args.front() == key;
}

std::string list_of(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

/// Puts the column into the plan, or says why it cannot be the one.
void distribute(const name& column, bound_view& view, sink_plan& out, diagnostics& found) {
  const auto report = [&](std::string message, std::string hint) {
    found.push_back({severity::error, code::unfit_distribution, column.where, std::move(message), std::move(hint)});
  };
  std::vector<std::string> keys;
  for (const auto& output : view.outputs)
    if (output.is_key) keys.push_back(output.name);
  if (keys.empty())
    return report(fmt::format("view \"{}\" has no group key: its one row cannot be distributed", view.name),
                  "leave \"distributed by\" out, or write \"reference\"");
  const auto output =
      std::find_if(view.outputs.begin(), view.outputs.end(), [&](const auto& o) { return o.name == column.text; });
  if (output == view.outputs.end()) {
    auto hint = did_you_mean(column.text, keys);
    return report(fmt::format("view \"{}\" has no column \"{}\"", view.name, column.text),
                  hint.empty() ? fmt::format("it can be distributed by: {}", list_of(keys)) : hint);
  }
  if (!output->is_key)
    return report(
        fmt::format("column \"{}\" is no group key: only a part of the primary key can be distributed by", column.text),
        fmt::format("it can be distributed by: {}", list_of(keys)));
  if (!output->not_null && !(view.filter && rules_out_null(*view.filter, view.keys[output->index])))
    return report(
        fmt::format("column \"{}\" may be null, and Citus has no place for a row whose distribution column is",
                    column.text),
        fmt::format("add to the view: where {} is not null; or declare the column NOT NULL in the table", column.text));
  output->not_null = true;
  out.placement = sink_placement::distributed;
  out.distribution_column = column.text;
}

} // namespace

sink_plan bind_sink(const sink_declaration& sink, const std::vector<source_declaration>& sources, bound_view& view,
                    diagnostics& found) {
  sink_plan out{sink.table.schema.text, sink.table.table.text};
  if (sink.every) out.every = *sink.every;
  if (sink.reference) out.placement = sink_placement::reference;
  if (sink.reference && view.having)
    found.push_back({severity::error, code::unfit_distribution, sink.view.where,
                     fmt::format("not supported yet: a reference table of view \"{}\", which has a having", view.name),
                     "leave \"reference\" out, or distribute it by a group key"});
  if (!sink.distributed) return out;
  distribute(sink.distributed->column, view, out, found);
  const auto* with = sink.distributed->with_table ? &*sink.distributed->with_table : nullptr;
  if (sink.distributed->with_source)
    for (const auto& source : sources)
      if (source.source.text == sink.distributed->with_source->text && with == nullptr) with = &source.table;
  if (with != nullptr) {
    out.colocated_schema = with->schema.text;
    out.colocated_table = with->table.text;
  }
  return out;
}

} // namespace weir::dsl
