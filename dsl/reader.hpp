#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.hpp"

namespace weir::dsl {

/// Turns what PEGTL says about one file (a rule, and where it failed) into diagnostics for people.
class reader {
public:
  reader(std::uint32_t file, std::string_view text, diagnostics& found, std::vector<std::string>& broken_names)
      : file_(file), text_(text), found_(found), broken_names_(broken_names) {}

  /// How much to pass over at `rest`, where a statement or an item of a block could not be read.
  std::size_t recover(std::string_view rest, bool in_block);

  /// `what` was demanded at `offset` and is not there.
  void expected(std::size_t offset, std::string_view what);
  /// The word at `offset` begins something that weir does not do yet.
  void refuse(std::size_t offset, std::string_view feature);
  /// The word at `offset` is none of `known`.
  void unknown_word(std::size_t offset, dsl::code code, std::string_view what, const std::vector<std::string>& known);
  /// What begins at `offset` does not end; `closer` would end it. Nothing more is said about the file.
  void unterminated(std::size_t offset, std::string_view what, std::string_view closer);
  /// Any other fault of the token at `offset`.
  void fault(std::size_t offset, dsl::code code, std::string message, std::string hint);

  std::uint32_t depth = 0; ///< of the expression that is being read

private:
  void report(dsl::code code, std::size_t begin, std::size_t end, std::string message, std::string hint = {});
  std::size_t token_end(std::size_t offset) const;
  std::string_view word_at(std::size_t offset) const;
  std::string_view word_before(std::size_t offset) const;
  std::string describe_token(std::size_t offset) const;
  std::string hint_for(std::size_t offset, std::string_view what) const;

  std::uint32_t file_;
  std::string_view text_;
  diagnostics& found_;
  std::vector<std::string>& broken_names_;
  std::size_t errors_ = 0;
  bool stopped_ = false;
};

} // namespace weir::dsl
