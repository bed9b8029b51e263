#pragma once

#include <string>

#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// What a table has to be rid of that only another table in its place is rid of.
enum class remake_aim { dropped_columns, second_placements };

/// Statements that put a new table, with the same rows, in the place of one that Citus knows.
///
/// They keep the table's name, distribution, colocation and foreign keys, its indexes, rights, replica identity and
/// publications. Lost are comments, and where shards are: those that were split are so no more, unless a colocated
/// table says where. Between the first statement and the last the table may lack foreign keys, or be local.
///
/// Input    `table` is quoted; for a partition its root is made anew
/// Output   to be run one by one by the owner, with a comment that says so; "" where Citus has no way
/// Cost     a query or two of catalogs, on any node that has the metadata
/// Source   tried on Citus 13.2: alter_distributed_table(colocate_with => 'none') drops foreign keys to and from
///          distributed tables with a warning; cascade_to_colocated keeps them, but fails on a table's key to itself
result<std::string> remake_sql(connection& sql, const std::string& table, remake_aim aim);

} // namespace weir::postgres
