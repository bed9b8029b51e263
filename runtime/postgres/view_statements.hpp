#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/changed_groups.hpp"
#include "runtime/postgres/staged_view.hpp"
#include "runtime/postgres/statement_pipe.hpp"
#include "runtime/postgres/view_sql.hpp"

namespace weir::postgres {

/// One view: its statements, each prepared when first used.
struct view_statements {
  view_statements(const pipeline_plan& plan, std::size_t index, const sql_quoter& quote)
      : view(plan.views[index]), layout(state_layout(view)), sql(plan, index, quote),
        doing(fmt::format("writing view {}", view.name)), add{sql.add_to_state(), doing} {
    if (sql.is_distributed()) staged.emplace(sql, plan.name, quote, doing);
  }
  view_statements(const view_statements&) = delete; // what is staged refers to sql
  view_statements& operator=(const view_statements&) = delete;

  struct for_pattern {
    pipe_statement refresh;
    pipe_statement hide;
    pipe_statement prune_state;
    pipe_statement check;
    pipe_statement prune_view;
  };
  for_pattern& of(null_pattern nulls) {
    auto at = patterns.find(nulls);
    if (at == patterns.end())
      at = patterns
               .emplace(nulls, for_pattern{{sql.refresh(nulls), doing},
                                           {sql.hides() ? sql.hide(nulls) : std::string(), doing},
                                           {sql.prune_state(nulls, moment_of_cut::within), doing},
                                           {sql.prune_state(nulls, moment_of_cut::end), doing},
                                           {sql.prune_view(nulls), doing}})
               .first;
    return at->second;
  }

  const view_plan& view;
  std::vector<state_column> layout;
  view_sql sql;
  std::string doing;
  pipe_statement add;
  std::map<null_pattern, for_pattern> patterns;
  std::optional<staged_view> staged; ///< where the view is distributed: used instead of the statements above
  bool settled = false;              ///< did this cut do more than what is staged now?
  bool lost_a_share = false;         ///< in this cut
  bool has_its_row = false;          ///< a view without keys: was its one row written since the writer was opened?
};

/// Some groups of a view, as parameters of its statements.
struct some_groups {
  view_statements* view;
  null_pattern nulls = 0;
  std::vector<parameter> keys;
};

} // namespace weir::postgres
