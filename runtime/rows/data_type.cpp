#include "runtime/rows/data_type.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace weir {
namespace {

struct type_facts {
  type_id id;
  std::uint32_t oid; ///< pg_type.oid, fixed since the type exists
  storage kept_as;
  const char* sql;
};

// In the order of type_id, so that a type's facts are at its own index.
constexpr std::array<type_facts, 13> facts{{
    {type_id::boolean, 16, storage::i64, "boolean"},
    {type_id::int2, 21, storage::i64, "smallint"},
    {type_id::int4, 23, storage::i64, "integer"},
    {type_id::int8, 20, storage::i64, "bigint"},
    {type_id::numeric, 1700, storage::decimal, "numeric"},
    {type_id::float4, 700, storage::f64, "real"},
    {type_id::float8, 701, storage::f64, "double precision"},
    {type_id::text, 25, storage::bytes, "text"},
    {type_id::varchar, 1043, storage::bytes, "character varying"},
    {type_id::date, 1082, storage::i64, "date"},
    {type_id::timestamp, 1114, storage::i64, "timestamp without time zone"},
    {type_id::timestamptz, 1184, storage::i64, "timestamp with time zone"},
    {type_id::uuid, 2950, storage::bytes, "uuid"},
}};

const type_facts& facts_of(type_id id) noexcept { return facts[static_cast<std::size_t>(id)]; }

constexpr std::int32_t typmod_header = 4; // VARHDRSZ

/// Since PostgreSQL 15 the scale is an 11-bit signed number: numeric(2,-3) rounds to thousands.
int numeric_scale(std::int32_t typmod) noexcept { return (((typmod - typmod_header) & 0x7ff) ^ 1024) - 1024; }

} // namespace

storage storage_of(type_id id) noexcept { return facts_of(id).kept_as; }

std::uint32_t oid_of(type_id id) noexcept { return facts_of(id).oid; }

std::optional<type_id> type_from_oid(std::uint32_t oid) noexcept {
  for (const auto& f : facts) {
    if (f.oid == oid) return f.id;
  }
  return std::nullopt;
}

std::string to_sql(data_type type) {
  const auto* name = facts_of(type.id).sql;
  if (type.typmod < 0) return name;
  switch (type.id) {
    case type_id::numeric:
      if (type.typmod < typmod_header) return name;
      return fmt::format("numeric({},{})", ((type.typmod - typmod_header) >> 16) & 0xffff, numeric_scale(type.typmod));
    case type_id::varchar:
      if (type.typmod < typmod_header) return name;
      return fmt::format("character varying({})", type.typmod - typmod_header);
    case type_id::timestamp: return fmt::format("timestamp({}) without time zone", type.typmod);
    case type_id::timestamptz: return fmt::format("timestamp({}) with time zone", type.typmod);
    default: return name;
  }
}

bool is_integer(type_id id) noexcept { return id == type_id::int2 || id == type_id::int4 || id == type_id::int8; }

bool is_float(type_id id) noexcept { return id == type_id::float4 || id == type_id::float8; }

bool is_number(type_id id) noexcept { return is_integer(id) || is_float(id) || id == type_id::numeric; }

bool is_string(type_id id) noexcept { return id == type_id::text || id == type_id::varchar; }

std::optional<int> declared_scale(data_type type) noexcept {
  if (type.id != type_id::numeric || type.typmod < typmod_header) return std::nullopt;
  return std::max(0, numeric_scale(type.typmod));
}

} // namespace weir
