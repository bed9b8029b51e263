#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir {

/// The PostgreSQL types weir computes with.
enum class type_id : std::uint8_t {
  boolean,
  int2,
  int4,
  int8,
  numeric,
  float4,
  float8,
  text,
  varchar,
  date,
  timestamp,
  timestamptz,
  uuid,
};

/// How values of a type lie in a column.
enum class storage : std::uint8_t {
  i64,     ///< boolean 0/1, integers, date (days since 2000-01-01), timestamps (microseconds since 2000-01-01 [UTC])
  f64,     ///< float4 (exactly widened) and float8
  decimal, ///< numeric
  bytes,   ///< text, varchar, uuid (its 36-character lower-case text)
};

/// A type as PostgreSQL names it: id and typmod (-1: none; for numeric ((p << 16) | s) + 4, for varchar n + 4).
struct data_type {
  type_id id = type_id::text;
  std::int32_t typmod = -1;
  friend bool operator==(const data_type&, const data_type&) = default;
};

storage storage_of(type_id id) noexcept;

/// pg_type.oid of the type, and back; empty for types that weir does not compute with.
std::uint32_t oid_of(type_id id) noexcept;
std::optional<type_id> type_from_oid(std::uint32_t oid) noexcept;

/// The name one writes in SQL, with typmod: "numeric(12,2)", "character varying(10)", "timestamp with time zone".
std::string to_sql(data_type type);

bool is_integer(type_id id) noexcept;
bool is_float(type_id id) noexcept;
/// integers, numeric, floats
bool is_number(type_id id) noexcept;
bool is_string(type_id id) noexcept;

/// The display scale that a numeric(p,s) gives its values (0 if s is negative); empty for unconstrained numeric and
/// other types.
std::optional<int> declared_scale(data_type type) noexcept;

} // namespace weir
