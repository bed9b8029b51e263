#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/expr/json_scan.hpp"

namespace weir {

enum class json_answer : std::uint8_t { no, yes, too_deep };

/// Are two values of type jsonb equal? Numbers are by value: 1.0 is 1.00.
///
/// Input    PostgreSQL's text of both.
/// Cost     O(text), no allocation.
bool same_jsonb(std::string_view a, std::string_view b) noexcept;

/// A jsonb that is sought in others, taken apart.
class json_part {
public:
  /// Deeper it is not looked into: there PostgreSQL, too, might have run out of stack.
  static constexpr int max_depth = 2000;

  struct value {
    std::string_view key; ///< of a member, as it lies between the quotes
    std::string_view text;
    json_kind kind;
    std::size_t size; ///< how many values it is, with those in it
  };
  /// A value, and behind it those in it.
  using values = std::span<const value>;

  /// Takes another document, which has to outlive its use here.
  void read(std::string_view text);

  /// jsonb @> jsonb: is all of it in `whole`?
  ///
  /// Output   `too_deep` where both nest deeper than max_depth.
  /// Cost     O(text of both) for objects; of arrays every element of the one is compared with those of the other. No
  ///          allocation.
  json_answer is_in(std::string_view whole) const noexcept;

private:
  void append(std::string_view key, std::string_view text, int depth);

  std::vector<value> values_;
};

/// Are two numbers equal, as PostgreSQL writes numerics: digits with a sign and a point?
bool same_number(std::string_view a, std::string_view b) noexcept;

} // namespace weir
