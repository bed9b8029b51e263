#include "runtime/expr/infix_symbol.hpp"

namespace weir {

const char* infix_symbol(operation op) noexcept {
  switch (op) {
    case operation::add: return "+";
    case operation::subtract: return "-";
    case operation::multiply: return "*";
    case operation::divide: return "/";
    case operation::modulo: return "%";
    case operation::equal: return "=";
    case operation::not_equal: return "<>";
    case operation::less: return "<";
    case operation::less_equal: return "<=";
    case operation::greater: return ">";
    case operation::greater_equal: return ">=";
    case operation::logical_and: return "and";
    case operation::logical_or: return "or";
    default: return "";
  }
}

} // namespace weir
