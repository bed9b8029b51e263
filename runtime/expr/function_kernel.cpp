#include "runtime/expr/function_kernel.hpp"

namespace weir {
namespace {

/// The arguments: t text, i integer, x number; those behind a '?' may be left out.
const char* arguments_of(function f) noexcept {
  switch (f) {
    case function::length:
    case function::octet_length: return "t";
    case function::concatenate:
    case function::like:
    case function::strpos:
    case function::starts_with: return "tt";
    case function::btrim:
    case function::ltrim:
    case function::rtrim: return "t?t";
    case function::substring: return "ti?i";
    case function::left:
    case function::right: return "ti";
    case function::replace: return "ttt";
    case function::split_part: return "tti";
    case function::abs:
    case function::sign:
    case function::ceil:
    case function::floor: return "x";
    case function::round:
    case function::trunc: return "x?i";
    case function::div: return "xx";
    case function::none:
    case function::concat: break;
  }
  return "";
}

bool fits(char letter, type_id type) noexcept {
  return letter == 't' ? is_string(type) : letter == 'i' ? is_integer(type) : is_number(type);
}

bool accepts(function f, const std::vector<type_id>& types) noexcept {
  std::size_t at = 0;
  bool optional = false;
  for (const char* letter = arguments_of(f); *letter != '\0'; ++letter) {
    if (*letter == '?') {
      optional = true;
      continue;
    }
    if (at == types.size()) return optional;
    if (!fits(*letter, types[at++])) return false;
  }
  return at == types.size();
}

} // namespace

kernel function_kernel(function f, const std::vector<type_id>& types) noexcept {
  if (!accepts(f, types)) return nullptr;
  if (is_string(types.front())) return text_function_kernel(f);
  if (f == function::div && types[0] != types[1]) return nullptr;
  return number_function_kernel(f, types.front(), types.size() == 2);
}

} // namespace weir
