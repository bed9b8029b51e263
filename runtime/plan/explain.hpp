#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// A SQL text to show with a view; it is made where identifiers can be quoted (postgres/).
struct explain_statement {
  std::size_t view = 0;
  std::string title; ///< "first load on w1"
  std::string sql;
};

/// What explain shows beyond the plan.
struct explain_details {
  std::string publication;
  std::string publication_sql;    ///< "" if it is not to be shown
  std::string memory;             ///< "256 MiB (weir.yaml)"
  std::vector<std::string> slots; ///< one a node, in the plan's order; may be empty
  std::vector<explain_statement> statements;
};

/// The plan for people: servers (redacted), what is read of each source, and per view its operators from source to
/// sink, the state it keeps and its columns with their PostgreSQL types.
std::string explain(const pipeline_plan& plan, const explain_details& details);

/// The same as JSON.
nlohmann::json explain_json(const pipeline_plan& plan, const explain_details& details);

/// An expression as a person would write it: column names, no casts, parentheses only where they matter.
/// For reading: it is not quoted for a server.
std::string describe(const expression& e, const std::vector<source_column>& columns);

} // namespace weir
