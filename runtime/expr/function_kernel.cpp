#include "runtime/expr/function_kernel.hpp"

#include <algorithm>

namespace weir {
namespace {

/// The arguments, where they do not depend on each other: t text, i integer, x number; those behind a '?' may be left
/// out.
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
    case function::lower:
    case function::upper:
    case function::initcap: return "t";
    case function::ilike:
    case function::matches:
    case function::matches_folded: return "tt";
    default: break;
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

bool is_immutable_call(function f, const std::vector<type_id>& types) noexcept {
  if (f == function::concat) return false;
  // what days and months are, and which fields a moment has, depends on the session's time zone
  const bool zoned = std::find(types.begin(), types.end(), type_id::timestamptz) != types.end();
  const bool pure = f == function::at_zone || (f == function::minus && types[0] == types[1]);
  return !zoned || pure;
}

std::optional<std::size_t> kept_argument(function f, const std::vector<data_type>& types) noexcept {
  switch (f) {
    case function::matches:
    case function::matches_folded:
    case function::json_path:
    case function::json_path_text:
    case function::json_has_any:
    case function::json_has_all: return 1;
    case function::at_zone: return is_string(types[0].id) ? std::optional<std::size_t>(0) : std::nullopt;
    case function::date_trunc: return types.size() == 3 ? std::optional<std::size_t>(2) : std::nullopt;
    default: return std::nullopt;
  }
}

kernel function_kernel(function f, const std::vector<data_type>& named) {
  std::vector<type_id> types;
  for (const auto& type : named) types.push_back(type.id);
  if (makes_case(f)) return named.size() == 1 && named[0].cases ? case_kernel(f) : nullptr;
  if (f == function::label_place) return named.size() == 1 && named[0].labels ? label_place_kernel() : nullptr;
  if (f >= function::array_element) return array_function_kernel(f, named);
  if (f >= function::json_field) return json_function_kernel(f, named);
  if (f >= function::matches) return accepts(f, types) ? regex_kernel() : nullptr;
  if (f >= function::plus) return temporal_function_kernel(f, types);
  if (!accepts(f, types)) return nullptr;
  if (is_string(types.front())) return text_function_kernel(f);
  if (f == function::div && types[0] != types[1]) return nullptr;
  return number_function_kernel(f, types.front(), types.size() == 2);
}

} // namespace weir
