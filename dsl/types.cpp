#include "dsl/types.hpp"

#include <algorithm>
#include <utility>

namespace weir::dsl {

std::optional<type_id> type_named(std::string_view name) {
  static constexpr std::pair<std::string_view, type_id> names[] = {
      {"bool", type_id::boolean},
      {"boolean", type_id::boolean},
      {"smallint", type_id::int2},
      {"int2", type_id::int2},
      {"int", type_id::int4},
      {"integer", type_id::int4},
      {"int4", type_id::int4},
      {"bigint", type_id::int8},
      {"int8", type_id::int8},
      {"numeric", type_id::numeric},
      {"decimal", type_id::numeric},
      {"real", type_id::float4},
      {"float4", type_id::float4},
      {"float", type_id::float8},
      {"float8", type_id::float8},
      {"double precision", type_id::float8},
      {"text", type_id::text},
      {"varchar", type_id::varchar},
      {"character varying", type_id::varchar},
      {"date", type_id::date},
      {"timestamp", type_id::timestamp},
      {"timestamp without time zone", type_id::timestamp},
      {"timestamptz", type_id::timestamptz},
      {"timestamp with time zone", type_id::timestamptz},
      {"uuid", type_id::uuid},
      {"time", type_id::time},
      {"time without time zone", type_id::time},
      {"interval", type_id::interval},
  };
  const auto* found = std::find_if(std::begin(names), std::end(names), [&](const auto& n) { return n.first == name; });
  if (found == std::end(names)) return std::nullopt;
  return found->second;
}

type_id arithmetic_type(type_id left, type_id right) noexcept {
  if (is_float(left) || is_float(right)) return left == right ? left : type_id::float8;
  return common_number_type(left, right);
}

type_id common_number_type(type_id left, type_id right) noexcept { return std::max(left, right); }

type_id sum_type(type_id argument) noexcept {
  if (argument == type_id::int2 || argument == type_id::int4) return type_id::int8;
  return argument == type_id::int8 ? type_id::numeric : argument;
}

type_id avg_type(type_id argument) noexcept { return is_float(argument) ? type_id::float8 : type_id::numeric; }

} // namespace weir::dsl
