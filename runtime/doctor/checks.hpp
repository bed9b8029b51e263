#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/doctor/facts.hpp"
#include "runtime/doctor/finding.hpp"

namespace weir::doctor {

/// How the tables of a node are read.
enum class reading : std::uint8_t {
  tables,  ///< as they are: the node is in no Citus cluster
  raw,     ///< shards by name, whose they are by the stream
  logical, ///< through Citus' wrapper, which gives shards their table's name
};

const char* to_string(reading r) noexcept;

/// What every node of the pipeline can do: raw if all Citus nodes can, logical if one cannot.
reading possible_reading(const std::vector<node_facts>& nodes);

// Facts in, findings out; an ok for each thing that was looked at and is well. Pure.

void check_server(const node_facts& node, findings_of& out);
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
