#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/rows/batch.hpp"

namespace weir {

/// A batch whose columns have names, as its text form has.
struct named_batch {
  std::vector<std::string> names;
  batch rows;
};

/// The name of a type in a text form: "int8", "numeric(12,2)", "varchar(10)", "timestamptz", "bool".
std::string short_name(const data_type& type);

/// The inverse of short_name.  Errors: `errc::invalid_value` names the types there are.
result<data_type> parse_short_name(std::string_view name);

/// The one text form of batches, for tests, golden files, explain and debug logs:
///
///     region:text  orders:int8
///     +  eu            10
///     -  'New York'     4
///     +2 null           7
///
/// A value stands in its type's text form. It is quoted where it is empty, has a blank, a quote, a '#' or a control
/// character in it, or reads null; inside the quotes '' is a quote, and \n \t \r \\ are what they are in C.
///
/// Input    as many names as columns; where there are fewer, the others are called c0, c1 ….
std::string to_text(const batch& rows, std::span<const std::string> names);

/// Reads what to_text writes. Blank lines and what follows a '#' outside quotes do not count.
///
/// Errors   `errc::invalid_value` with the line's number · what append_text says of a value.
result<named_batch> parse_text(std::string_view text);

} // namespace weir
