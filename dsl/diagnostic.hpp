#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "dsl/source_text.hpp"

namespace weir::dsl {

enum class severity : std::uint8_t { warning, error };

/// What a diagnostic is about; its number is its name for people: "W0203". docs/language.md lists them all.
enum class code : std::uint16_t {
  // the text
  unreadable_file = 1,
  empty_file = 2,
  binary_file = 3,
  not_utf8 = 4,
  file_too_large = 5,
  nested_too_deep = 6,
  too_many_errors = 7,
  // the form
  syntax = 101,
  unknown_statement = 102,
  unterminated = 103,
  not_supported_yet = 104,
  unknown_key = 105,
  bad_value = 106,
  name_too_long = 107,
  password_in_file = 108,
  // the files of a program
  unreadable_include = 110,
  include_circle = 111,
  too_many_files = 112,
  // the names
  unknown_cluster = 201,
  unknown_source = 202,
  unknown_column = 203,
  unknown_view = 204,
  unknown_function = 205,
  unknown_type = 206,
  declared_twice = 207,
  not_declared = 208,
  table_missing = 209,
  not_used = 210,
  // the programs of a directory
  not_included = 211,
  pipeline_taken = 212,
  // the types
  unsupported_type = 301,
  type_mismatch = 302,
  bad_literal = 303,
  session_dependent = 304,
  collation_dependent = 305,
  generated_column = 306,
  type_differs = 307,
  unknown_field = 310,
  time_zone = 311,
  unwritten_literal = 312,
  // the views
  no_aggregate = 401,
  key_not_selected = 402,
  neither_key_nor_aggregate = 403,
  aggregate_misplaced = 404,
  unfit_key = 405,
  duplicate_output = 406,
  bad_ordinal = 407,
  may_divide_by_zero = 408,
  no_operator = 409,
  // the servers
  cluster_without_servers = 501,
  no_sink = 502,
  sink_twice = 503,
  target_unclear = 504,
  several_clusters = 505,
  replica_identity = 506,
  not_a_table = 507,
  sink_is_source = 508,
  unfit_distribution = 509,
  // the schema files
  schema_statement = 520,
  schema_unknown_type = 521,
  schema_unknown_table = 522,
  schema_unknown_column = 523,
  schema_declared_twice = 524,
  schema_index_missing = 525,
  schema_columns_unknown = 526,
  // the tests
  test_step_unknown = 601,
  test_declared_twice = 602,
  unknown_worker = 603,
  table_not_read = 604,
  wrong_number_of_values = 605,
  view_not_written = 606,
  given_too_late = 607,
  worker_state = 608,
  unfit_value = 609,
  expects_nothing = 610,
};

/// Every code, in order.
std::span<const code> all_codes();
/// Is it about what the servers hold (a table that is missing, a replica identity), not about what the file says?
bool is_about_servers(code c);
/// "W0203".
std::string to_string(code c);

/// One finding about a program, for the person who wrote it. Never holds a secret.
struct diagnostic {
  dsl::severity severity = severity::error;
  dsl::code code = code::syntax;
  std::optional<span> where; ///< empty: about the program as a whole
  std::string message;
  std::string hint = {};
  bool asks_for_letters = false; ///< it would not be, if the databases were asked for theirs (give_letters)

  friend bool operator==(const diagnostic&, const diagnostic&) = default;
};

using diagnostics = std::vector<diagnostic>;

bool has_errors(const diagnostics& found);

/// For who would run the program: what there is no operator for is an error.
void demand_operators(diagnostics& found);
/// By file and place, what is about the whole program last; of several equal ones the first is kept.
void sort(diagnostics& found);

/// A diagnostic as compilers show it: place, severity, code and message; the line with the span underlined; the hint.
/// What looks like a password in the shown line is replaced by "…".
std::string render(const source_text& text, const diagnostic& d);
/// The first 100, an empty line behind each, and a last line that counts errors and warnings ("" if there is none).
std::string render(const source_text& text, const diagnostics& found);

/// {"severity", "code", "message", "hint"?}, and where it has a place: {"file", "begin", "end"} in bytes from 0,
/// {"line", "column", "end_line", "end_column"} in characters from 1; ends are behind the last one. docs/tools.md has
/// it for users.
nlohmann::json to_json(const source_text& text, const diagnostic& d);
/// The first 1000.
nlohmann::json to_json(const source_text& text, const diagnostics& found);

} // namespace weir::dsl
