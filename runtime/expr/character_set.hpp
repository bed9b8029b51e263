#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// Characters of a bracket expression, by their numbers in Unicode.
class character_set {
public:
  void add(std::uint32_t first, std::uint32_t last) { ranges_.emplace_back(first, last); }
  /// Those of a class under collation "C"; false if there is none of this name.
  bool add_class(std::string_view name);
  /// Adds the other case of every letter of ASCII.
  void fold_case();
  /// As a bracket expression of RE2.
  std::string text(bool negated) const;

private:
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges_;
};

/// The first character of a text that is not empty, and how many bytes it has.
std::pair<std::uint32_t, std::size_t> first_code_point(std::string_view text) noexcept;

} // namespace weir
