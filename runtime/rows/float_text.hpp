#pragma once

#include <string>
#include <string_view>

#include "runtime/rows/parse_outcome.hpp"

namespace weir {

/// Reads a float as PostgreSQL's float8in and float4in do: a text whose nearest value is infinite, or is zero though
/// the text is not, is out of range. A float4 comes widened.
parse_outcome parse_float8(std::string_view text, double& value) noexcept;
parse_outcome parse_float4(std::string_view text, double& value) noexcept;

/// Writes a float as PostgreSQL does with extra_float_digits >= 1: the shortest digits that read back as the same
/// value, plain between 1e-4 and 1e15 (float4: 1e6), else with an exponent.
void write_float8(double value, std::string& out);
void write_float4(float value, std::string& out);

} // namespace weir
