#pragma once

#include <span>
#include <string>
#include <string_view>

#include "dsl/diagnostic.hpp"

namespace weir::dsl {

/// What a code means to the person who met it. The one place where codes are explained: `weir explain` prints it, and
/// the table of docs/language.md has the same titles (a test).
struct explanation {
  dsl::code code;
  const char* title;  ///< what it is about, in a line
  const char* cause;  ///< when it is said, and why that is an error; and the cure
  const char* wrong;  ///< the smallest program that raises it, "" if no file can; a test compiles it …
  const char* mended; ///< … and this one, which does not
  bool whole = false; ///< these are programs as they stand; else the statements that are not shown are the usual ones
  bool sql = false;   ///< these are schema files
};

/// One for every code, in their order.
std::span<const explanation> explanations();

/// The explanation of "W0203", however its letter is written; empty if there is no such code.
const explanation* find_explanation(std::string_view written);

/// For people, in lines of at most 100 characters.
std::string text_of(const explanation& e);

} // namespace weir::dsl
