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

/// An operator of a view. Its input is the one before it.
struct operator_vertex {
  std::string name;    ///< "revenue.aggregate": it can be addressed by this
  std::string kind;    ///< source, filter, project, aggregate, sink
  std::string does;    ///< the expression, the keys, the table
  std::string runs_in; ///< kind of the actor
};

struct view_operators {
  std::string view;
  std::vector<operator_vertex> operators; ///< from source to sink
};

struct plan_graph {
  std::vector<actor_vertex> actors;
  std::vector<actor_edge> edges;
  std::vector<view_operators> views;
};

/// The actors that a plan is run by, as actors/pipeline_supervisor.cpp makes them, and the operators of each view.
plan_graph graph_of(const pipeline_plan& plan);

/// For Graphviz. Valid whatever names contain.
std::string to_dot(const pipeline_plan& plan);

/// For Mermaid: GitHub shows it in a block ```mermaid.
std::string to_mermaid(const pipeline_plan& plan);

} // namespace weir
