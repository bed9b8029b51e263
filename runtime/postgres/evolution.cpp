#include "runtime/postgres/evolution.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/target_schema.hpp"

namespace weir::postgres {

namespace {

using kind = view_evolution::kind;

struct found_column {
  std::string name;
  std::uint32_t oid = 0;
  std::int32_t typmod = -1;
  std::string type;
  bool not_null = false;
};

/// What a column has to be.
struct wanted_column {
  std::string name;
  data_type type;
  std::string sql;   ///< as ALTER COLUMN … TYPE takes it
  bool list = false; ///< of bigint
};

constexpr const char* columns_sql =
    "SELECT a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod), a.attnotnull FROM pg_attribute "
    "AS a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// The state of a view knows two nulls for one, or takes none in its keys.
constexpr const char* takes_no_nulls =
    "SELECT to_regclass($1) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = to_regclass($1) "
    "AND i.indisunique AND i.indnullsnotdistinct)";

constexpr const char* keys_sql =
    "SELECT quote_ident(conname) FROM pg_constraint WHERE conrelid = to_regclass($1) AND contype = 'p'";

result<std::vector<found_column>> read_columns(connection& target, const std::string& table) {
  const std::vector<parameter> name{table};
  WEIR_ASSIGN(const query_result rows, target.query(columns_sql, name));
  std::vector<found_column> columns;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    columns.push_back({std::string(rows.at(i, 0)), static_cast<std::uint32_t>(std::stoul(std::string(rows.at(i, 1)))),
                       std::stoi(std::string(rows.at(i, 2))), std::string(rows.at(i, 3)), rows.at(i, 4) == "t"});
  return columns;
}

int precision_of(std::int32_t typmod) { return ((typmod - 4) >> 16) & 0xffff; }

/// Is every value of the column, as it is, one of the wanted type, and shown alike?
bool widens(const found_column& from, const data_type& to) {
  const auto id = type_from_oid(from.oid);
  if (!id) return false;
  if (is_string(*id) && is_string(to.id)) return to.typmod == -1 || (from.typmod != -1 && from.typmod <= to.typmod);
  if (*id != to.id || *id != type_id::numeric || from.typmod == -1 || to.typmod == -1) return false;
  return declared_scale(data_type{*id, from.typmod}) == declared_scale(to) &&
         precision_of(from.typmod) <= precision_of(to.typmod);
}

kind difference(const found_column& from, const wanted_column& to) {
  if (to.list) return from.type == "bigint[]" ? kind::none : kind::remake;
  if (is_passed_through(to.type.id)) return from.type == to.type.name ? kind::none : kind::remake;
  if (from.oid == oid_of(to.type.id) && from.typmod == to.type.typmod) return kind::none;
  return widens(from, to.type) ? kind::widen : kind::remake;
}

bool same_names(const std::vector<found_column>& found, const std::vector<wanted_column>& wanted) {
  return std::equal(found.begin(), found.end(), wanted.begin(), wanted.end(),
                    [](const auto& a, const auto& b) { return a.name == b.name; });
}

kind difference(const std::vector<found_column>& found, const std::vector<wanted_column>& wanted) {
  if (!same_names(found, wanted)) return kind::remake;
  auto all = kind::none;
  for (std::size_t i = 0; i < found.size(); ++i) all = std::max(all, difference(found[i], wanted[i]));
  return all;
}

/// `empty`: no row has to keep its value, and types that have no cast between them become each other.
void alter_types(const std::string& table, const std::vector<found_column>& found,
                 const std::vector<wanted_column>& wanted, bool empty, const sql_quoter& quote,
                 std::vector<std::string>& out) {
  std::string actions;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (difference(found[i], wanted[i]) == kind::none) continue;
    const auto name = quote.identifier(wanted[i].name);
    actions += fmt::format("{}ALTER COLUMN {} TYPE {}", actions.empty() ? "" : ", ", name, wanted[i].sql);
    if (empty) actions += fmt::format(" USING {}::text::{}", name, to_sql(wanted[i].type));
  }
  if (!actions.empty()) out.push_back(fmt::format("ALTER TABLE {} {}", table, actions));
}

/// Keys of the hidden table compare by bytes.
std::vector<wanted_column> wanted_state(const view_plan& view) {
  std::vector<wanted_column> wanted;
  for (const auto& c : state_layout(view))
    wanted.push_back({c.name, c.type, to_sql(c.type) + (is_string(c.type.id) ? " COLLATE \"C\"" : ""),
                      c.role == state_role::scales});
  return wanted;
}

std::vector<wanted_column> wanted_outputs(const view_plan& view) {
  std::vector<wanted_column> wanted;
  for (const auto& o : view.outputs) wanted.push_back({o.name, o.type, to_sql(o.type)});
  return wanted;
}

bool some_key_is_nullable(const view_plan& view) {
  return std::any_of(view.outputs.begin(), view.outputs.end(), [](const auto& o) { return o.is_key && !o.not_null; });
}

/// The state, empty: made anew, as its columns may be others. Beside a distributed view it is distributed as well.
void remake_state(const pipeline_plan& plan, std::size_t index, const connection& target,
                  std::vector<std::string>& out) {
  const auto& view = plan.views[index];
  const auto name = state_table_name(plan.name, view.name);
  const auto state = target.qualified("weir", name);
  const auto staged = target.qualified("weir", staged_table_name(name));
  const auto view_table = target.qualified(view.sink.schema, view.sink.table);
  const auto add = [&](std::vector<std::string> statements) {
    for (auto& s : statements) out.push_back(std::move(s));
  };
  out.push_back(fmt::format("DROP TABLE {}", state));
  add(state_table_statements(plan, index, target));
  if (view.sink.placement != sink_placement::distributed) return;
  out.push_back(distribute_beside_sql(view, state, view_table, target));
  out.push_back(fmt::format("DROP TABLE IF EXISTS {}", staged));
  add(staged_table_statements(plan, index, target));
  out.push_back(distribute_beside_sql(view, staged, view_table, target));
}

/// Citus gives the column that a table is distributed by no other type, and takes no null in it.
status check_distribution(const view_plan& view, const std::vector<found_column>& found,
                          const std::vector<wanted_column>& wanted, const std::string& table, bool null_is_new) {
  if (view.sink.placement != sink_placement::distributed) return {};
  const auto key = std::find_if(view.outputs.begin(), view.outputs.end(),
                                [&](const auto& o) { return o.name == view.sink.distribution_column; });
  const auto at = static_cast<std::size_t>(key - view.outputs.begin());
  const bool may_be_null = null_is_new && !key->not_null;
  if (!may_be_null && difference(found[at], wanted[at]) == kind::none) return {};
  return error{errc::sink_unfit,
               fmt::format("column {} of view {} {} now, and table {} is distributed by it", key->name, view.name,
                           may_be_null ? "may be null" : "has another type", table),
               "run `weir drop --views` on the definition and start it again, which makes its tables anew"};
}

/// A key that could not be null made the table's primary key.
result<std::vector<std::string>> without_primary_key(connection& target, const view_plan& view,
                                                     const std::string& table) {
  std::vector<std::string> statements;
  const std::vector<parameter> name{table};
  WEIR_ASSIGN(const query_result key, target.query(keys_sql, name));
  if (key.rows() == 0) return statements;
  statements.push_back(fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", table, key.at(0, 0)));
  std::string keys;
  for (const auto& o : view.outputs) {
    if (!o.is_key) continue;
    const auto column = target.identifier(o.name);
    keys += (keys.empty() ? "" : ", ") + column;
    if (!o.not_null) statements.push_back(fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", table, column));
  }
  statements.push_back(fmt::format("ALTER TABLE {} ADD UNIQUE NULLS NOT DISTINCT ({})", table, keys));
  return statements;
}

} // namespace

result<bool> refuses_nulls(connection& target, const pipeline_plan& plan, std::size_t index) {
  const auto& view = plan.views[index];
  if (!some_key_is_nullable(view)) return false;
  const std::vector<parameter> state{target.qualified("weir", state_table_name(plan.name, view.name))};
  WEIR_ASSIGN(const query_result row, target.query(takes_no_nulls, state));
  return row.at(0, 0) == "t";
}

result<view_evolution> read_evolution(connection& target, const pipeline_plan& plan, std::size_t index) {
  const auto& view = plan.views[index];
  const auto state = target.qualified("weir", state_table_name(plan.name, view.name));
  const auto table = target.qualified(view.sink.schema, view.sink.table);
  WEIR_ASSIGN(const auto state_has, read_columns(target, state));
  WEIR_ASSIGN(const auto table_has, read_columns(target, table));
  const auto state_wants = wanted_state(view);
  const auto table_wants = wanted_outputs(view);
  if (!same_names(table_has, table_wants))
    return error{errc::sink_unfit, fmt::format("table {} has other columns than view {}", table, view.name),
                 fmt::format("DROP TABLE {} (weir makes it anew), or name another table in the sink", table)};
  auto what = std::max(difference(state_has, state_wants), difference(table_has, table_wants));
  WEIR_ASSIGN(const bool null_is_new, refuses_nulls(target, plan, index));
  if (null_is_new) what = kind::remake;

  view_evolution out{what, {}};
  if (what == kind::none) return out;
  WEIR_TRY(check_distribution(view, table_has, table_wants, table, null_is_new));
  // Citus alters a table beside other statements of a transaction only if these go from shard to shard.
  if (view.sink.placement != sink_placement::local)
    out.statements.push_back("SELECT set_config('citus.multi_shard_modify_mode', 'sequential', true)");
  if (what == kind::widen) {
    alter_types(state, state_has, state_wants, false, target, out.statements);
    if (view.sink.placement == sink_placement::distributed)
      alter_types(target.qualified("weir", staged_table_name(state_table_name(plan.name, view.name))), state_has,
                  state_wants, false, target, out.statements);
    alter_types(table, table_has, table_wants, false, target, out.statements);
    return out;
  }
  remake_state(plan, index, target, out.statements);
  out.statements.push_back(fmt::format("DELETE FROM {}", table));
  alter_types(table, table_has, table_wants, true, target, out.statements);
  if (null_is_new) {
    WEIR_ASSIGN(auto more, without_primary_key(target, view, table));
    out.statements.insert(out.statements.end(), more.begin(), more.end());
    // Citus moves a shard under writes only if its rows have an identity.
    if (view.sink.placement == sink_placement::distributed)
      out.statements.push_back(fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL", table));
  }
  return out;
}

result<std::vector<std::string>> evolution_of(connection& target, const pipeline_plan& plan) {
  std::vector<std::string> statements;
  const std::vector<parameter> name{plan.name};
  WEIR_ASSIGN(const query_result known,
              target.query("SELECT fingerprint FROM weir.pipelines WHERE pipeline = $1", name));
  if (known.rows() == 0 || compare_fingerprint(known.at(0, 0), plan) != plan_likeness::other_types) return statements;
  for (std::size_t i = 0; i < plan.views.size(); ++i) {
    WEIR_ASSIGN(auto step, read_evolution(target, plan, i));
    for (auto& s : step.statements) statements.push_back(std::move(s));
  }
  statements.push_back(fmt::format("UPDATE weir.pipelines SET fingerprint = {} WHERE pipeline = {}",
                                   target.literal(registered_fingerprint(plan)), target.literal(plan.name)));
  return statements;
}

} // namespace weir::postgres
