#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/letter_cases.hpp"

namespace weir {

/// The PostgreSQL types weir computes with, and two for those that it passes through.
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
  time,
  interval,
  character, ///< char(n); its values lie without the blanks at their end, which do not count
  verbatim,  ///< any other type, `data_type::name`, whose values are equal only if their texts are
  opaque,    ///< any other type, `data_type::name`; what is equal is not to be seen from the texts, or nothing is
  citext,    ///< `data_type::name`; equal are values of which lower() makes the same (`data_type::cases`)
};

/// How values of a type lie in a column.
enum class storage : std::uint8_t {
  i64,     ///< boolean 0/1, integers, date (days since 2000-01-01), timestamps (microseconds since 2000-01-01 [UTC]),
           ///< time (microseconds since midnight)
  f64,     ///< float4 (exactly widened) and float8
  decimal, ///< numeric
  bytes,   ///< text, varchar, uuid (its 36-character lower-case text), types passed through: as PostgreSQL writes them
  interval,
};

/// A type as PostgreSQL names it: id and typmod (-1: none; for numeric ((p << 16) | s) + 4, for varchar n + 4).
/// Of citext, and of a type passed through, also its name as SQL has it, with schema and modifier: `public.mood`,
/// `bit(3)`.
struct data_type {
  type_id id = type_id::text;
  std::int32_t typmod = -1;
  std::string name = {};
  std::shared_ptr<const std::vector<std::string>> labels = {}; ///< of an enum, in their order, where they are known
  std::shared_ptr<const letter_cases> cases = {};              ///< of citext: those of its database
  /// By name: a type is the same where its labels or cases are not known, and when it got others.
  friend bool operator==(const data_type& a, const data_type& b) {
    return a.id == b.id && a.typmod == b.typmod && a.name == b.name;
  }
};

storage storage_of(type_id id) noexcept;

/// The type without its modifier.
data_type without_modifier(const data_type& type);

/// pg_type.oid of the type (0: none of its own), and back; empty for types that weir does not compute with.
std::uint32_t oid_of(type_id id) noexcept;
std::optional<type_id> type_from_oid(std::uint32_t oid) noexcept;

/// The name one writes in SQL, with typmod: "numeric(12,2)", "character varying(10)", "timestamp with time zone".
std::string to_sql(const data_type& type);

bool is_integer(type_id id) noexcept;
bool is_float(type_id id) noexcept;
/// integers, numeric, floats
bool is_number(type_id id) noexcept;
bool is_string(type_id id) noexcept;
/// Is it a type that has a name of its own, among them citext, and is passed through as a text?
bool is_passed_through(type_id id) noexcept;

/// Documents: passed through, and looked into. The text of a jsonb is PostgreSQL's own for its value.
bool is_json(const data_type& type) noexcept;
bool is_jsonb(const data_type& type) noexcept;

/// Is it passed through, and one of arrays?
bool is_array(const data_type& type) noexcept;
/// The type of an array's elements; empty where weir does not know how they lie in its text.
std::optional<data_type> element_type(const data_type& array);
/// The type of arrays of a type, which has no modifier.
data_type array_type(const data_type& element);

/// The display scale that a numeric(p,s) gives its values (0 if s is negative); empty for unconstrained numeric and
/// other types.
std::optional<int> declared_scale(const data_type& type) noexcept;

} // namespace weir
