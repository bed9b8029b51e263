#pragma once

#include <string>
#include <vector>

#include "runtime/cluster/capture_mode.hpp"
#include "runtime/doctor/facts.hpp"
#include "runtime/doctor/finding.hpp"

namespace weir::doctor {

/// How the nodes are read.
struct reading {
  capture_mode mode = capture_mode::tables;
  bool declared = false; ///< by the definition, not chosen by what is possible
};

/// What every node of a Citus cluster can do: raw if all can, logical if one cannot.
reading possible_reading(const std::vector<node_facts>& nodes);

/// The cure of what was missed.
inline constexpr const char* load_anew = "weir drop FILE, then weir run FILE, which loads the views anew";

// Facts in, findings out; an ok for each thing that was looked at and is well. Pure.

void check_server(const node_facts& node, findings_of& out);
void check_time_zones(const server_facts& server, findings_of& out);
void check_letters(const server_facts& server, findings_of& out);
void check_slots(const node_facts& node, findings_of& out);
void check_waiting(const node_facts& node, findings_of& out);
void check_sources(const node_facts& node, reading how, findings_of& out);
/// Input    `name` is what the definition calls the node: "g2" is group 2.
void check_citus(const std::string& name, const node_facts& node, reading how, findings_of& out);
void check_target(const target_facts& target, findings_of& out);

/// All of a node.
std::vector<finding> examine(const std::string& name, const node_facts& node, reading how);
/// What only shows side by side.
std::vector<finding> compare(const std::vector<node_facts>& nodes);

} // namespace weir::doctor
