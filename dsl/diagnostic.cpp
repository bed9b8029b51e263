#include "dsl/diagnostic.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weir::dsl {
namespace {

constexpr code codes[] = {
    code::unreadable_file,
    code::empty_file,
    code::binary_file,
    code::not_utf8,
    code::file_too_large,
    code::nested_too_deep,
    code::too_many_errors,
    code::syntax,
    code::unknown_statement,
    code::unterminated,
    code::not_supported_yet,
    code::unknown_key,
    code::bad_value,
    code::name_too_long,
    code::password_in_file,
    code::unreadable_include,
    code::include_circle,
    code::too_many_files,
    code::unknown_cluster,
    code::unknown_source,
    code::unknown_column,
    code::unknown_view,
    code::unknown_function,
    code::unknown_type,
    code::declared_twice,
    code::not_declared,
    code::table_missing,
    code::not_used,
    code::not_included,
    code::pipeline_taken,
    code::unsupported_type,
    code::type_mismatch,
    code::bad_literal,
    code::session_dependent,
    code::collation_dependent,
    code::generated_column,
    code::type_differs,
    code::unknown_field,
    code::time_zone,
    code::unwritten_literal,
    code::no_aggregate,
    code::key_not_selected,
    code::neither_key_nor_aggregate,
    code::aggregate_misplaced,
    code::unfit_key,
    code::duplicate_output,
    code::bad_ordinal,
    code::may_divide_by_zero,
    code::no_operator,
    code::cluster_without_servers,
    code::no_sink,
    code::sink_twice,
    code::target_unclear,
    code::several_clusters,
    code::replica_identity,
    code::not_a_table,
    code::sink_is_source,
    code::unfit_distribution,
    code::schema_statement,
    code::schema_unknown_type,
    code::schema_unknown_table,
    code::schema_unknown_column,
    code::schema_declared_twice,
    code::schema_index_missing,
    code::schema_columns_unknown,
    code::test_step_unknown,
    code::test_declared_twice,
    code::unknown_worker,
    code::table_not_read,
    code::wrong_number_of_values,
    code::view_not_written,
    code::given_too_late,
    code::worker_state,
    code::unfit_value,
    code::expects_nothing,
};

const char* severity_name(severity s) noexcept { return s == severity::error ? "error" : "warning"; }

auto order_of(const diagnostic& d) {
  const span where = d.where.value_or(span{});
  return std::tuple(!d.where.has_value(), where.file, where.begin, where.end, d.code, std::string_view(d.message));
}

} // namespace

std::span<const code> all_codes() { return codes; }

bool is_about_servers(code c) {
  return c == code::table_missing || c == code::type_differs || c == code::replica_identity || c == code::not_a_table;
}

std::string to_string(code c) { return fmt::format("W{:04}", static_cast<unsigned>(c)); }

void demand_operators(diagnostics& found) {
  for (auto& d : found)
    if (d.code == code::no_operator) d.severity = severity::error;
}

bool has_errors(const diagnostics& found) {
  return std::any_of(found.begin(), found.end(), [](const diagnostic& d) { return d.severity == severity::error; });
}

void sort(diagnostics& found) {
  std::stable_sort(found.begin(), found.end(),
                   [](const diagnostic& a, const diagnostic& b) { return order_of(a) < order_of(b); });
  found.erase(std::unique(found.begin(), found.end(),
                          [](const diagnostic& a, const diagnostic& b) { return order_of(a) == order_of(b); }),
              found.end());
}

nlohmann::json to_json(const source_text& text, const diagnostic& d) {
  nlohmann::json out{{"severity", severity_name(d.severity)}, {"code", to_string(d.code)}, {"message", d.message}};
  if (!d.hint.empty()) out["hint"] = d.hint;
  if (d.where && d.where->file < text.files.size()) {
    const auto begin = text.locate(d.where->file, d.where->begin);
    const auto end = text.locate(d.where->file, d.where->end);
    out["file"] = text.files[d.where->file].name;
    out["begin"] = d.where->begin;
    out["end"] = d.where->end;
    out["line"] = begin.line;
    out["column"] = begin.column;
    out["end_line"] = end.line;
    out["end_column"] = end.column;
  }
  return out;
}

nlohmann::json to_json(const source_text& text, const diagnostics& found) {
  auto out = nlohmann::json::array();
  constexpr std::size_t most = 1000; // a place costs a walk through its file
  for (std::size_t i = 0; i < std::min(found.size(), most); ++i) out.push_back(to_json(text, found[i]));
  return out;
}

} // namespace weir::dsl
