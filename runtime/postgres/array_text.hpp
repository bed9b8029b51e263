#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/rows/column.hpp"

namespace weir::postgres {

/// The text form of an SQL array, built element by element: `{1,NULL,"a\"b"}`.
class array_text {
public:
  void append_null();
  /// A value that may hold any character.
  void append_quoted(std::string_view value);
  /// Row `row` of `from`, null or not.
  void append(const column& from, std::size_t row);

  std::size_t size_bytes() const noexcept { return text_.size(); }
  /// Closes the array and gives it away; the object is empty then.
  std::string take();

private:
  void separate();
  std::string text_ = "{";
};

/// The array of the named rows of a column.
std::string to_array_text(const column& from, std::span<const std::uint32_t> rows);

} // namespace weir::postgres
