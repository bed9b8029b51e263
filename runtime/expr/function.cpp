#include "runtime/expr/function.hpp"

namespace weir {

const char* sql_name(function f) noexcept {
  switch (f) {
    case function::none: return "";
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
  }
  return "";
}

bool is_infix(function f) noexcept { return f == function::concatenate || f == function::like; }

bool is_strict(function f) noexcept { return f != function::concat; }

bool is_immutable(function f) noexcept { return f != function::concat; }

} // namespace weir
