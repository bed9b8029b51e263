#pragma once

#include <cstdint>

namespace weir {

/// The functions, and the operators of texts, that an expression may call. Their arguments have the types that
/// PostgreSQL's function of the name has.
enum class function : std::uint8_t {
  none,
  concatenate,  ///< text || text
  like,         ///< text like text
  length,       ///< characters
  octet_length, ///< bytes
  substring,    ///< (text, integer [, integer])
  left,         ///< (text, integer)
  right,
  btrim, ///< (text [, text])
  ltrim,
  rtrim,
  replace,     ///< (text, text, text)
  strpos,      ///< (text, text)
  split_part,  ///< (text, text, integer)
  starts_with, ///< (text, text)
  concat,      ///< of any values; nulls are left out
  abs,         ///< of any number
  sign,        ///< of numeric and double precision, as the four after it
  ceil,
  floor,
  round, ///< or (numeric, integer)
  trunc, ///< or (numeric, integer)
  div,   ///< (numeric, numeric)
  lower, ///< (text collate "C"), as the four after it
  upper,
  initcap,
  ilike,          ///< text ilike text
  plus,           ///< of dates, times and intervals, and of a date and an integer
  minus,          ///< as plus
  times,          ///< interval * double precision, or the other way round
  over,           ///< interval / double precision
  date_trunc,     ///< (text, timestamp or interval), (text, timestamptz, text)
  extract,        ///< (text, date, time, timestamp, timestamptz or interval): numeric
  date_part,      ///< as extract: double precision
  at_zone,        ///< (text or interval, timestamp or timestamptz)
  make_date,      ///< (integer, integer, integer)
  moment_of,      ///< a date beside a timestamp that it is compared with: no timestamp is as late as the last dates
  matches,        ///< text ~ a constant pattern; all of it under collation "C"
  matches_folded, ///< text ~* a constant pattern
  json_field,     ///< json or jsonb -> text or integer: of the same type
  json_field_text,
  json_path, ///< json or jsonb #> a constant text[]
  json_path_text,
  json_has_key, ///< jsonb ? text
  json_has_any, ///< jsonb ?| a constant text[]
  json_has_all,
  json_contains, ///< jsonb @> jsonb
  json_contained,
  json_equal, ///< jsonb = jsonb
  json_typeof,
  jsonb_typeof,
  json_array_length,
  jsonb_array_length,
  array_element,  ///< array[integer]
  any_equal,      ///< x = any (array), of the type of its elements, or another type of exact numbers
  array_contains, ///< array @> array
  array_contained,
  array_overlaps,
  cardinality,
  array_length,  ///< (array, integer)
  small_letters, ///< (citext): text; lower() in the database's own collation, by which citext is compared
  locale_lower,  ///< text; lower() in the database's own collation
  locale_upper,
  label_place, ///< (enum): integer; the place of its label among all, by which enums are ordered
};

/// Its name in SQL; of an operator its sign.
const char* sql_name(function f) noexcept;
/// Is it written between its arguments?
bool is_infix(function f) noexcept;
/// Is it null whenever an argument is? It may be null of other arguments, too.
bool is_strict(function f) noexcept;
/// Does it make letters small or capital as the database does? The type of its argument says how.
bool makes_case(function f) noexcept;
/// Is its first argument ordered and folded by bytes, whatever its collation is?
bool is_bytewise(function f) noexcept;

} // namespace weir
