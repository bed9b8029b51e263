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
};

/// Its name in SQL; of an operator its sign.
const char* sql_name(function f) noexcept;
/// Is it written between its arguments?
bool is_infix(function f) noexcept;
/// Is it null whenever an argument is?
bool is_strict(function f) noexcept;
/// Does PostgreSQL compute it when a query is planned, where all arguments are constant?
bool is_immutable(function f) noexcept;

} // namespace weir
