#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/expr/function.hpp"
#include "runtime/rows/data_type.hpp"

namespace weir::dsl {

/// One way to call a function. `takes` has a letter for each argument: t text, i integer, n numeric.
struct signature {
  std::string_view name;
  weir::function function;
  std::string_view takes;
  type_id result;
};

/// Those whose arguments have fixed types; others are bound by rules of their own.
std::span<const signature> signatures();

/// May a value of the type stand for the letter, as PostgreSQL widens it?
bool fits(char letter, type_id type) noexcept;
type_id type_of_letter(char letter) noexcept;

/// The ways there are to call it: "left(text, integer)".
std::vector<std::string> usages_of(std::string_view function);

/// Every function that can be called, aggregates among them.
std::vector<std::string> function_names();

/// Why weir has not a function that PostgreSQL has; "" if there is no more to say.
std::string_view why_not(std::string_view function);

} // namespace weir::dsl
