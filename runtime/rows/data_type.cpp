#include "runtime/rows/data_type.hpp"

#include <algorithm>
#include <array>
#include <utility>

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
constexpr std::array<type_facts, 19> facts{{
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
    {type_id::time, 1083, storage::i64, "time without time zone"},
    {type_id::interval, 1186, storage::interval, "interval"},
    {type_id::character, 1042, storage::bytes, "bpchar"}, // "character" would mean character(1)
    {type_id::verbatim, 0, storage::bytes, ""},
    {type_id::opaque, 0, storage::bytes, ""},
    {type_id::citext, 0, storage::bytes, ""},
}};

const type_facts& facts_of(type_id id) noexcept { return facts[static_cast<std::size_t>(id)]; }

constexpr std::int32_t typmod_header = 4; // VARHDRSZ

/// Since PostgreSQL 15 the scale is an 11-bit signed number: numeric(2,-3) rounds to thousands.
int numeric_scale(std::int32_t typmod) noexcept { return (((typmod - typmod_header) & 0x7ff) ^ 1024) - 1024; }

/// As intervaltypmodout: the fields that an interval is cut to, and its digits of a second.
std::string interval_to_sql(std::int32_t typmod) {
  constexpr std::int32_t year = 1 << 2;
  constexpr std::int32_t month = 1 << 1;
  constexpr std::int32_t day = 1 << 3;
  constexpr std::int32_t hour = 1 << 10;
  constexpr std::int32_t minute = 1 << 11;
  constexpr std::int32_t second = 1 << 12;
  constexpr std::int32_t all_digits = 0xffff;
  constexpr std::pair<std::int32_t, const char*> ranges[] = {
      {year, " year"},
      {month, " month"},
      {day, " day"},
      {hour, " hour"},
      {minute, " minute"},
      {second, " second"},
      {year | month, " year to month"},
      {day | hour, " day to hour"},
      {day | hour | minute, " day to minute"},
      {day | hour | minute | second, " day to second"},
      {hour | minute, " hour to minute"},
      {hour | minute | second, " hour to second"},
      {minute | second, " minute to second"},
  };
  std::string out = "interval";
  for (const auto& [fields, words] : ranges)
    if (((typmod >> 16) & 0x7fff) == fields) out += words;
  if ((typmod & 0xffff) != all_digits) out += fmt::format("({})", typmod & 0xffff);
  return out;
}

} // namespace

storage storage_of(type_id id) noexcept { return facts_of(id).kept_as; }

std::uint32_t oid_of(type_id id) noexcept { return facts_of(id).oid; }

std::optional<type_id> type_from_oid(std::uint32_t oid) noexcept {
  if (oid == 0) return std::nullopt;
  for (const auto& f : facts) {
    if (f.oid == oid) return f.id;
  }
  return std::nullopt;
}

data_type without_modifier(const data_type& type) {
  auto out = type;
  out.typmod = -1;
  return out;
}

std::string to_sql(const data_type& type) {
  if (is_passed_through(type.id)) return type.name;
  const auto* name = facts_of(type.id).sql;
  if (type.typmod < 0) return name;
  switch (type.id) {
    case type_id::numeric:
      if (type.typmod < typmod_header) return name;
      return fmt::format("numeric({},{})", ((type.typmod - typmod_header) >> 16) & 0xffff, numeric_scale(type.typmod));
    case type_id::varchar:
      if (type.typmod < typmod_header) return name;
      return fmt::format("character varying({})", type.typmod - typmod_header);
    case type_id::character:
      if (type.typmod < typmod_header) return name;
      return fmt::format("character({})", type.typmod - typmod_header);
    case type_id::time: return fmt::format("time({}) without time zone", type.typmod);
    case type_id::interval: return interval_to_sql(type.typmod);
    case type_id::timestamp: return fmt::format("timestamp({}) without time zone", type.typmod);
    case type_id::timestamptz: return fmt::format("timestamp({}) with time zone", type.typmod);
    default: return name;
  }
}

bool is_integer(type_id id) noexcept { return id == type_id::int2 || id == type_id::int4 || id == type_id::int8; }

bool is_float(type_id id) noexcept { return id == type_id::float4 || id == type_id::float8; }

bool is_number(type_id id) noexcept { return is_integer(id) || is_float(id) || id == type_id::numeric; }

bool is_string(type_id id) noexcept { return id == type_id::text || id == type_id::varchar; }

bool is_passed_through(type_id id) noexcept { return id >= type_id::verbatim; }

bool is_json(const data_type& type) noexcept { return type.id == type_id::opaque && type.name == "json"; }
bool is_jsonb(const data_type& type) noexcept { return type.id == type_id::opaque && type.name == "jsonb"; }

bool is_array(const data_type& type) noexcept { return is_passed_through(type.id) && type.name.ends_with("[]"); }

std::optional<data_type> element_type(const data_type& array) {
  if (!is_array(array)) return std::nullopt;
  const auto name = array.name.substr(0, array.name.size() - 2);
  for (const auto& f : facts)
    if (name == f.sql && f.id != type_id::character && !name.empty()) return data_type{f.id};
  if (name.starts_with("character varying(")) return data_type{type_id::varchar, std::stoi(name.substr(18)) + 4};
  if (name == "json" || name == "jsonb") return data_type{type_id::opaque, -1, name};
  if (array.id == type_id::verbatim && name.find('(') == std::string::npos)
    return data_type{type_id::verbatim, -1, name};
  return std::nullopt;
}

data_type array_type(const data_type& element) {
  const bool by_text = element.id != type_id::numeric && element.id != type_id::interval && !is_float(element.id) &&
                       element.id != type_id::opaque && element.id != type_id::citext &&
                       element.id != type_id::character;
  return {by_text ? type_id::verbatim : type_id::opaque, -1, to_sql(without_modifier(element)) + "[]"};
}

std::optional<int> declared_scale(const data_type& type) noexcept {
  if (type.id != type_id::numeric || type.typmod < typmod_header) return std::nullopt;
  return std::max(0, numeric_scale(type.typmod));
}

} // namespace weir
