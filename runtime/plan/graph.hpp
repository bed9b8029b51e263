#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// An actor of a running pipeline (docs/architecture.md).
struct actor_vertex {
  std::string name; ///< "slot_reader.w1", "revenue.aggregate_stage", "view_writer"
  std::string kind; ///< "slot_reader"
  std::string does;
  bool own_thread = false;
};

/// What one actor sends another; places in plan_graph::actors.
struct actor_edge {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string carries;
  bool backward = false; ///< against the way of a change: what is durable
};

/// An operator of a view.
struct operator_vertex {
  std::string name; ///< "revenue.aggregate": it can be addressed by this
  std::string kind; ///< source, filter, project, aggregate, sink; of a view that does not run: to_string(logical_kind)
  std::string does; ///< the expression, the keys, the table
  std::string runs_in;                  ///< kind of the actor; "" of a view that does not run
  std::vector<std::size_t> inputs = {}; ///< those before it, into view_operators::operators
  bool runs = true;                     ///< does the runtime have it?
};

struct view_operators {
  std::string view;
  std::vector<operator_vertex> operators; ///< each after its inputs; the last one is the sink, if there is one
};

struct plan_graph {
  std::vector<actor_vertex> actors;
  std::vector<actor_edge> edges;
  std::vector<view_operators> views;   ///< as in pipeline_plan::views: a chain each
  std::vector<view_operators> unbuilt; ///< as in pipeline_plan::unbuilt: a tree each, or what joins again
};

/// The actors that a plan is run by, as actors/pipeline_supervisor.cpp makes them, and the operators of each view.
plan_graph graph_of(const pipeline_plan& plan);

/// For Graphviz. Valid whatever names contain.
std::string to_dot(const pipeline_plan& plan);

/// For Mermaid: GitHub shows it in a block ```mermaid.
std::string to_mermaid(const pipeline_plan& plan);

/// A drawing that needs no other program: actors, then the operators of each view, from left to right. Its colours
/// follow the reader's choice of light or dark. Well-formed XML whatever names contain; no script, nothing from
/// elsewhere.
std::string to_svg(const pipeline_plan& plan);

} // namespace weir
