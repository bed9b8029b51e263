#pragma once

#include <string>
#include <vector>

#include "dsl/bound.hpp"
#include "dsl/diagnostic.hpp"
#include "dsl/outline.hpp"
#include "dsl/syntax.hpp"
#include "runtime/cluster/catalog.hpp"
#include "runtime/rehearsal/script.hpp"

namespace weir::dsl {

/// A test of a program, ready to run.
struct bound_test {
  std::string name;
  span where;
  rehearsal::script script;
  std::vector<span> places; ///< by rehearsal::place
};

struct bound_tests {
  std::vector<bound_test> tests; ///< those without errors
  diagnostics found;
};

/// The tests of a program: names and values against the tables as the first node has them, and against the views.
///
/// Input    what bind() was given, and what it made of it
/// Errors   W0601 to W0610, and those of expressions
bound_tests bind_tests(const syntax& program, const cluster_catalog& catalogs, const bound_pipeline& pipeline);

/// The workers that tests speak of, in order of their names: the nodes of a cluster whose own are not known.
std::vector<std::string> workers_named(const syntax& program);

} // namespace weir::dsl
