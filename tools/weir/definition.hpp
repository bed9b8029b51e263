#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/bind_test.hpp"
#include "dsl/bound.hpp"
#include "dsl/diagnostic.hpp"
#include "dsl/outline.hpp"
#include "dsl/source_text.hpp"
#include "dsl/syntax.hpp"
#include "runtime/cluster/catalog.hpp"
#include "runtime/config/config.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::program {

/// What a run of the program ends with; documented in `weir --help`.
enum exit_code : int {
  success = 0,
  failed = 1, ///< while running
  bad_command_line = 2,
  bad_definition = 3,  ///< the .pipe files or weir.yaml have errors
  server_unfit = 4,    ///< a server is out of reach, or its catalogs cannot serve the pipeline
  held_by_another = 5, ///< the pipeline is run by another runtime
  timed_out = 6,       ///< wait, verify: the views did not get there in time
  views_differ = 7,    ///< verify: some view is not what its query gives
  only_warnings = 8,   ///< doctor --strict: no errors, but warnings
};

/// A pipeline's budget, and who has the word: weir.yaml before the definition before what is usual.
struct chosen_memory {
  memory_size size;
  const char* from = ""; ///< "weir.yaml", "the definition", "default"
};

/// The .pipe files and weir.yaml, as far as they can be understood without a server.
struct definition {
  configuration config;
  dsl::source_text text;
  dsl::syntax program;
  dsl::outline outline;
  dsl::diagnostics found;
  bool offline = false; ///< its tables are those of schema files

  /// The files' text, one after the other: what weir.pipelines keeps. What is included is in it.
  std::string whole_text() const;
  chosen_memory memory() const;
};

/// Errors   of weir.yaml; those of the .pipe files are in `found`
result<definition> read_definition(const std::vector<std::string>& files, const std::string& config_path);

/// A definition that is in memory, as weir.pipelines keeps it: all that it includes is in `text`.
definition definition_of(std::string name, std::string text, const configuration& config);

/// What the servers add to a definition: a plan, or more findings.
struct bound_definition {
  cluster_catalog catalogs;
  std::optional<dsl::bound_pipeline> bound; ///< what the plan was made from
  std::optional<pipeline_plan> plan;
  bool nodes_differ = false;            ///< some table is not the same on all nodes
  std::vector<std::string> unreachable; ///< nodes whose catalogs were not read, with the cause
};

/// Asks the coordinator for its nodes if they are not listed, reads the catalogs of all nodes, binds.
///
/// Input    `tolerate_unreachable`: a node that cannot be reached now is taken to be like the others, as long as one
///          can be reached.
/// Errors   of the servers; findings about the definition go to `d.found`
result<bound_definition> bind_definition(definition& d, bool tolerate_unreachable);

/// Binds a definition to `b.catalogs`; a plan if nothing is wrong.
void bind_catalogs(definition& d, bound_definition& b);

/// The tests of a definition that was bound. Findings go to `d.found`.
std::vector<dsl::bound_test> bind_tests(definition& d, const bound_definition& b);

/// success; bad_definition if some error is about what is written; server_unfit if all are about what the servers hold.
/// Offline the tables are written, too.
int exit_code_of(const dsl::diagnostics& found, bool offline = false);
/// Prints the findings to standard error. Returns their exit code.
int print_findings(const definition& d);
/// "weir: message" and the hint, on standard error.
void print_error(const error& e);

} // namespace weir::program
