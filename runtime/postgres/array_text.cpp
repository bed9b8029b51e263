#include "runtime/postgres/array_text.hpp"

#include <utility>

namespace weir::postgres {

void array_text::separate() {
  if (text_.size() > 1) text_ += ',';
}

void array_text::append_null() {
  separate();
  text_ += "NULL";
}

void array_text::append_quoted(std::string_view value) {
  separate();
  text_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
}

void array_text::append(const column& from, std::size_t row) {
  if (from.is_null(row)) return append_null();
  if (storage_of(from.type.id) == storage::bytes) return append_quoted(from.bytes_at(row));
  // The text forms of the other types hold no character that means something in an array.
  separate();
  write_text(from, row, text_);
}

std::string array_text::take() {
  text_ += '}';
  std::string whole = std::move(text_);
  text_.clear();
  text_ += '{';
  return whole;
}

std::string to_array_text(const column& from, std::span<const std::uint32_t> rows) {
  array_text out;
  for (const auto row : rows) out.append(from, row);
  return out.take();
}

} // namespace weir::postgres
