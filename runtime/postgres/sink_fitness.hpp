#pragma once

#include <optional>
#include <string>

#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// A table that exists where a view is to be written.
struct existing_table {
  std::string oid;
  bool owned = false;      ///< by the current role
  bool writable = false;   ///< may the current role read and write its rows
  bool has_rows = false;   ///< known only if writable
  bool described = false;  ///< has a comment
  bool hides_rows = false; ///< row-level security keeps rows from the current role
};

result<std::optional<existing_table>> find_table(connection& target, const std::string& schema,
                                                 const std::string& table);

/// Has the database the types of the view's columns, which may be those of users and extensions?
///
/// Errors   `errc::sink_unfit` with the first that is missing
status check_types(connection& target, const view_plan& view);

/// Can the view be written into this table? It must be a plain table with exactly the view's columns, in order, and a
/// unique index over the keys.
///
/// Errors   `errc::sink_unfit` with every difference · `errc::permission_denied` with the GRANT
status check_fitness(connection& target, const view_plan& view, const existing_table& table);

} // namespace weir::postgres
