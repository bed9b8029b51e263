#include "runtime/expr/function.hpp"

namespace weir {

const char* sql_name(function f) noexcept {
  switch (f) {
    case function::none: return "";
    case function::small_letters:
    case function::locale_lower: return "lower";
    case function::locale_upper: return "upper";
    case function::concatenate: return "||";
    case function::like: return "like";
    case function::length: return "length";
    case function::octet_length: return "octet_length";
    case function::substring: return "substr";
    case function::left: return "left";
    case function::right: return "right";
    case function::btrim: return "btrim";
    case function::ltrim: return "ltrim";
    case function::rtrim: return "rtrim";
    case function::replace: return "replace";
    case function::strpos: return "strpos";
    case function::split_part: return "split_part";
    case function::starts_with: return "starts_with";
    case function::concat: return "concat";
    case function::abs: return "abs";
    case function::sign: return "sign";
    case function::ceil: return "ceil";
    case function::floor: return "floor";
    case function::round: return "round";
    case function::trunc: return "trunc";
    case function::div: return "div";
    case function::lower: return "lower";
    case function::upper: return "upper";
    case function::initcap: return "initcap";
    case function::ilike: return "ilike";
    case function::plus: return "+";
    case function::minus: return "-";
    case function::times: return "*";
    case function::over: return "/";
    case function::date_trunc: return "date_trunc";
    case function::extract: return "pg_catalog.extract"; // a word of the grammar, unless it is qualified
    case function::date_part: return "date_part";
    case function::at_zone: return "timezone";
    case function::make_date: return "make_date";
    case function::matches: return "~";
    case function::matches_folded: return "~*";
    case function::json_field: return "->";
    case function::json_field_text: return "->>";
    case function::json_path: return "#>";
    case function::json_path_text: return "#>>";
    case function::json_has_key: return "?";
    case function::json_has_any: return "?|";
    case function::json_has_all: return "?&";
    case function::json_contains:
    case function::array_contains: return "@>";
    case function::json_contained:
    case function::array_contained: return "<@";
    case function::json_equal: return "=";
    case function::json_typeof: return "json_typeof";
    case function::jsonb_typeof: return "jsonb_typeof";
    case function::json_array_length: return "json_array_length";
    case function::jsonb_array_length: return "jsonb_array_length";
    case function::array_element: return "a subscript";
    case function::any_equal: return "= any";
    case function::array_overlaps: return "&&";
    case function::cardinality: return "cardinality";
    case function::array_length: return "array_length";
    case function::label_place: return "";
    case function::moment_of: return ""; // PostgreSQL has comparisons of dates with timestamps
  }
  return "";
}

bool is_infix(function f) noexcept {
  return f == function::concatenate || f == function::like || f == function::ilike ||
         (f >= function::plus && f <= function::over) || (f >= function::matches && f <= function::json_equal) ||
         (f >= function::array_contains && f <= function::array_overlaps);
}

bool is_strict(function f) noexcept { return f != function::concat && f != function::any_equal; }

bool makes_case(function f) noexcept { return f >= function::small_letters && f <= function::locale_upper; }

bool is_bytewise(function f) noexcept {
  return (f >= function::lower && f <= function::ilike) || f == function::matches || f == function::matches_folded;
}

} // namespace weir
