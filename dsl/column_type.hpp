#pragma once

#include <string>

#include "runtime/cluster/catalog.hpp"
#include "runtime/rows/data_type.hpp"

namespace weir::dsl {

/// The type of a column's values: one that weir computes with, or one that it passes through.
data_type type_of_column(const catalog_column& column);

/// Makes the column one of values of the type.
void give_type(catalog_column& column, const data_type& type);

/// Why no view can be grouped by values of the type: "" if one can.
std::string why_no_key(const data_type& type);

/// Is the text the one that PostgreSQL would write for the value that it reads in it? Only of types of which that can
/// be told here; of all others it is false.
bool is_written_so(const data_type& type, const std::string& text);

} // namespace weir::dsl
