#pragma once

#include <memory>
#include <string_view>

#include "runtime/base/result.hpp"
#include "runtime/expr/kernel.hpp"
#include "runtime/expr/regex_syntax.hpp"

namespace weir {

/// A regular expression of PostgreSQL, compiled.
class regex : public kernel_state {
public:
  /// Errors   as re2_pattern; and `errc::unsupported` where it is too large
  static result<std::shared_ptr<const regex>> make(std::string_view pattern, regex_options options);
  ~regex() override;

  /// Does a part of the text match?
  ///
  /// Cost     O(text), no allocation
  bool matches(std::string_view text) const noexcept;

private:
  struct compiled;
  explicit regex(std::unique_ptr<compiled> state);
  std::unique_ptr<compiled> state_;
};

} // namespace weir
