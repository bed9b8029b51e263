#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/cluster/table_shape.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::capture {

/// What happened to a source between two looks at it.
struct table_drift {
  enum class kind : std::uint8_t {
    none,      ///< nothing that any view could notice
    identity,  ///< old rows hold other columns
    widened,   ///< used columns take more values than the plan knows; no row was touched
    rewritten, ///< rows have values that the stream did not tell, or are those of another table
    replaced,  ///< it is another table of the same name, with the same used columns
    gone,      ///< the table, or a used column, is not there under its name
  };
  kind what = kind::none;
  std::string text;                 ///< "table public.orders: column \"amount\" is now bigint, was integer"
  std::vector<std::string> columns; ///< those of the source that it is about
  std::string cure = {};            ///< where something is gone: how the definition and the table fit again
};

/// Input    `before`: the table, with the columns that are used at least; `now`: tables of the node, among them the one
///          of the source's name and the one that had it, whatever that is called now
/// Output   the gravest of what happened to the table and its used columns; the text names all
table_drift compare(const source_plan& source, const table_shape& before, const std::vector<table_shape>& now);

/// Without a look before: does the table fit the plan as it is now?
table_drift compare(const source_plan& source, const std::vector<table_shape>& now);

/// Of these tables the one of the source; null: there is none.
const table_shape* shape_of(const source_plan& source, const std::vector<table_shape>& shapes);

/// What has to be remembered of the tables: those of the sources, with the columns that are used.
std::vector<table_shape> used_of(const std::vector<source_plan>& sources, const std::vector<table_shape>& now);

} // namespace weir::capture
