#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/sink_placement.hpp"
#include "runtime/postgres/target_schema.hpp"

namespace weir::postgres {
namespace {

/// How Citus holds a table: its distribution column, colocation group and number of shards. No row: it does not.
constexpr const char* find_place =
    "SELECT coalesce(column_to_column_name(p.logicalrelid, p.partkey), ''), p.colocationid, (SELECT count(*) FROM "
    "pg_dist_shard AS s WHERE s.logicalrelid = p.logicalrelid) FROM pg_dist_partition AS p "
    "WHERE p.logicalrelid = to_regclass($1)";

struct place {
  bool managed = false;
  std::string column;
  std::string colocation;
  bool one_shard = false;
};

result<place> place_of(connection& target, const std::string& table) {
  const std::vector<parameter> name{table};
  WEIR_ASSIGN(const query_result row, target.query(find_place, name));
  if (row.rows() == 0) return place{};
  return place{true, std::string(row.at(0, 0)), std::string(row.at(0, 1)), row.at(0, 2) == "1"};
}

/// The state of one view, and its staged table.
class state_place {
public:
  state_place(connection& target, const pipeline_plan& plan, std::size_t view)
      : target_(target), plan_(plan), index_(view), view_(plan.views[view]),
        state_(target.qualified("weir", state_table_name(plan.name, view_.name))),
        staged_(target.qualified("weir", staged_table_name(state_table_name(plan.name, view_.name)))),
        sink_(target.qualified(view_.sink.schema, view_.sink.table)) {}

  status run() {
    WEIR_ASSIGN(const query_result citus, target_.query("SELECT FROM pg_extension WHERE extname = 'citus'"));
    if (citus.rows() == 0) return {}; // where nothing can be distributed, nothing is
    WEIR_ASSIGN(const place found, place_of(target_, state_));
    if (view_.sink.placement != sink_placement::distributed) {
      WEIR_TRY(target_.execute("DROP TABLE IF EXISTS " + staged_));
      return found.managed ? take_back() : status{};
    }
    WEIR_ASSIGN(const place sink, place_of(target_, sink_));
    if (sink.one_shard) return one_shard();
    const auto key = distribution_key(view_);
    if (!found.managed || found.column != key || found.colocation != sink.colocation) {
      if (found.managed) WEIR_TRY(take_back());
      WEIR_TRY(spread_state(key));
    }
    WEIR_ASSIGN(const place staged, place_of(target_, staged_));
    if (staged.managed && staged.column == key && staged.colocation == sink.colocation) return {};
    WEIR_TRY(target_.execute("DROP TABLE IF EXISTS " + staged_));
    WEIR_TRY(target_.execute(create_staged_table_sql(plan_, index_, target_)));
    return spread(staged_);
  }

private:
  status take_back() { return target_.execute(fmt::format("SELECT undistribute_table({})", target_.literal(state_))); }

  status spread(const std::string& table) {
    return target_.execute(distribute_beside_sql(view_, table, sink_, target_));
  }

  /// A state that was local until now has a collation of its own in its keys, and no identity of its rows.
  status spread_state(const std::string& key) {
    for (const auto& column : state_layout(view_))
      if (column.name == key && is_string(column.type.id))
        WEIR_TRY(target_.execute(fmt::format("ALTER TABLE {} ALTER COLUMN {} TYPE {} COLLATE pg_catalog.\"default\"",
                                             state_, key, to_sql(column.type))));
    WEIR_ASSIGN(const query_result identity, target_.query(fmt::format("SELECT FROM pg_index WHERE indrelid = {}"
                                                                       "::regclass AND indisprimary",
                                                                       target_.literal(state_))));
    if (identity.rows() == 0) WEIR_TRY(target_.execute(fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL", state_)));
    WEIR_TRY(spread(state_));
    return target_.execute(
        fmt::format("SELECT truncate_local_data_after_distributing_table({})", target_.literal(state_)));
  }

  error one_shard() const {
    return {errc::sink_unfit, fmt::format("table {} of view {} has one shard", sink_, view_.name),
            fmt::format("a view in one shard is better a local table: leave the clause out of the sink; or SELECT "
                        "alter_distributed_table({}, shard_count => 32)",
                        target_.literal(sink_))};
  }

  connection& target_;
  const pipeline_plan& plan_;
  std::size_t index_;
  const view_plan& view_;
  std::string state_;
  std::string staged_;
  std::string sink_;
};

} // namespace

status place_state(connection& target, const pipeline_plan& plan, std::size_t view) {
  return state_place(target, plan, view).run();
}

} // namespace weir::postgres
