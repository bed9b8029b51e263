#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/doctor/facts.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::doctor {

// The questions of reader.hpp, a function each.

template <class Number>
Number number_at(const postgres::query_result& rows, std::size_t row, std::size_t column) {
  Number value{};
  const auto text = rows.at(row, column);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

inline bool true_at(const postgres::query_result& rows, std::size_t row, std::size_t column) {
  return rows.at(row, column) == "t";
}

inline std::string text_at(const postgres::query_result& rows, std::size_t row, std::size_t column) {
  return std::string(rows.at(row, column));
}

/// One column of all rows.
inline std::vector<std::string> texts_of(const postgres::query_result& rows, std::size_t column = 0) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows.rows(); ++i) out.push_back(text_at(rows, i, column));
  return out;
}

status ask_server(postgres::connection& sql, server_facts& facts);
status ask_log(postgres::connection& sql, log_facts& facts);
status ask_slots(postgres::connection& sql, node_facts& facts);
status ask_waiting(postgres::connection& sql, node_facts& facts);
/// `group`: Citus' number of the node, if it is in a cluster.
status ask_sources(postgres::connection& sql, const pipeline_plan& plan, std::optional<std::int32_t> group,
                   node_facts& facts);
status ask_publication(postgres::connection& sql, const pipeline_plan& plan, const node_spec& node, node_facts& facts);
/// Nothing is asked of a server without Citus' catalogs. After ask_sources, whose facts it completes.
status ask_citus(postgres::connection& sql, const pipeline_plan& plan, const node_spec& node, node_facts& facts);

} // namespace weir::doctor
