#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace weir {

// Arrays as PostgreSQL writes them: {1,2,NULL}, {"a b",c}, {{1,2},{3,4}}, [2:3]={1,2}. Of any other text some part is
// found, or nothing.

/// Passes over the elements of an array, of all its dimensions, in their order.
class array_walk {
public:
  explicit array_walk(std::string_view text) noexcept;

  /// False behind the last one.
  bool next() noexcept {
    const auto* at = rest_.data();
    const auto* const end = at + rest_.size();
    while (at != end && (*at == ',' || *at == '{' || *at == '}')) ++at;
    rest_ = {at, static_cast<std::size_t>(end - at)};
    if (at == end) return false;
    quoted_ = *at == '"';
    if (quoted_) {
      take_quoted();
      return true;
    }
    const auto* const begin = at;
    while (at != end && *at != ',' && *at != '}') ++at;
    raw_ = {begin, static_cast<std::size_t>(at - begin)};
    rest_ = {at, static_cast<std::size_t>(end - at)};
    return true;
  }

  bool is_null() const noexcept { return !quoted_ && raw_.starts_with('N') && raw_ == "NULL"; }
  /// The element's text; where there are escapes in it, it lies in `scratch`.
  std::string_view text(std::string& scratch) const { return quoted_ ? without_escapes(scratch) : raw_; }

private:
  void take_quoted() noexcept;
  std::string_view without_escapes(std::string& scratch) const;

  std::string_view rest_;
  std::string_view raw_;
  bool quoted_ = false;
};

/// How many elements there are, in all dimensions.
std::int64_t array_count(std::string_view text) noexcept;
/// How many dimensions there are; none of an empty array.
int array_dimensions(std::string_view text) noexcept;
/// The length of a dimension, the first being 1; empty where there is no such one.
std::optional<std::int64_t> array_length(std::string_view text, std::int64_t dimension) noexcept;
/// The place of the first element in the first dimension: 1 unless the array says otherwise.
std::int64_t array_first_place(std::string_view text) noexcept;

/// The elements of an array of one dimension, a null each without value, as someone may have written it.
///
/// Errors   `errc::invalid_text_representation` it is no array · `errc::unsupported` several dimensions, or bounds
result<std::vector<std::optional<std::string>>> read_array(std::string_view text);

/// The array of one dimension as PostgreSQL writes it.
std::string write_array(const std::vector<std::optional<std::string>>& elements);

} // namespace weir
