#pragma once

#include <string>

#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// The statement by which ensure_publication makes the pipeline's publication on a node that has none: the sources'
/// tables, each with the columns that are published; never a row filter. Reads the node's catalogs, changes nothing.
///
/// Errors   `errc::table_missing` · `errc::column_missing`
result<std::string> create_publication_sql(connection& sql, const pipeline_plan& plan, const node_spec& node);

} // namespace weir::postgres
