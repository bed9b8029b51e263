#include "runtime/capture/binding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace weir::capture {

namespace {

std::string in_quotes(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

error schema_changed(const source_plan& plan, std::string what) {
  return {errc::schema_changed, fmt::format("table {}: {}", quoted_table(plan), what),
          "change the column back, or weir drop the pipeline and run it again: it is then loaded anew"};
}

} // namespace

std::string quoted_table(const source_plan& plan) { return in_quotes(plan.schema) + '.' + in_quotes(plan.table); }

result<binding> bind(std::size_t source, const source_plan& plan, const pgoutput::relation& wire,
                     const wire_types& types) {
  binding bound;
  bound.source = source;
  bound.wire_columns = wire.columns.size();
  bound.always_old = wire.replica_identity == 'f';
  for (const auto& column : plan.columns) {
    const auto at = std::find_if(wire.columns.begin(), wire.columns.end(),
                                 [&](const pgoutput::relation_column& c) { return c.name == column.name; });
    if (at == wire.columns.end()) {
      return schema_changed(plan,
                            fmt::format("column {} is gone, or left out of the publication", in_quotes(column.name)));
    }
    if (!types.fits(column.type, at->type_oid, at->typmod)) {
      return schema_changed(plan, fmt::format("column {} is now {}, was {}", in_quotes(column.name),
                                              types.text_of(at->type_oid, at->typmod), to_sql(column.type)));
    }
    bound.wire_of.push_back(static_cast<std::uint16_t>(at - wire.columns.begin()));
    bound.in_identity.push_back(at->in_identity);
  }
  if (plan.partitioned)
    for (std::size_t i = 0; i < wire.columns.size(); ++i)
      if (!wire.columns[i].in_identity) bound.beside_key.push_back(static_cast<std::uint16_t>(i));
  bound.key_suffices = std::all_of(bound.in_identity.begin(), bound.in_identity.end(), [](bool in) { return in; });
  // A shard of a partitioned table that had FULL comes out of a move with the default identity (Citus 13.2). Its rows
  // are those of its partitions, which keep theirs: whole old rows, under the mark of a key.
  const bool is_shard = wire.table != plan.table;
  if (plan.partitioned && is_shard && wire.replica_identity == 'd' && !bound.key_suffices)
    bound.always_old = bound.key_suffices = true;
  return bound;
}

old_tuple what_is(const binding& bound, const source_plan& plan, const pgoutput::tuple& old) {
  const auto is_null = [&](std::size_t wire) { return old[wire].kind == pgoutput::value_kind::null; };
  if (!plan.partitioned) return old_tuple::key;
  for (std::size_t i = 0; i < plan.columns.size(); ++i)
    if (plan.columns[i].not_null && is_null(bound.wire_of[i])) return old_tuple::key;
  const bool has_more = !std::all_of(bound.beside_key.begin(), bound.beside_key.end(), is_null);
  return has_more ? old_tuple::whole : old_tuple::unclear;
}

error old_row_unclear(const source_plan& plan) {
  return {errc::source_reshaped,
          fmt::format("table {}: an old row of a partition came with nothing but its key; whether it had more depends "
                      "on the partition's replica identity",
                      quoted_table(plan)),
          "nothing is lost: the table is read anew"};
}

error old_row_lacks_columns(const source_plan& plan, const binding& bound, const char* what) {
  std::string missing;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (bound.in_identity[i] && !bound.always_old) continue;
    missing += (missing.empty() ? "" : ", ") + in_quotes(plan.columns[i].name);
  }
  return {errc::replica_identity,
          fmt::format("table {}: {} came without the old values of {}, which its views need", quoted_table(plan), what,
                      missing),
          fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL; changes made before that cannot be followed: weir drop "
                      "the pipeline and run it again",
                      quoted_table(plan))};
}

} // namespace weir::capture
