#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/cluster/table_shape.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// The tables of the sources as the node has them now, and those with these oids, whatever they are called now.
result<std::vector<table_shape>> read_table_shapes(connection& sql, const std::vector<source_plan>& sources,
                                                   const std::vector<std::uint32_t>& oids);

/// Something that differs if what read_table_shapes would give differs: little to send, for who asks often.
result<std::string> table_shapes_digest(connection& sql, const std::vector<source_plan>& sources,
                                        const std::vector<std::uint32_t>& oids);

} // namespace weir::postgres
