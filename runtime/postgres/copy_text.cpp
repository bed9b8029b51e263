#include "runtime/postgres/copy_text.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace weir::postgres {

namespace {

/// An element of a column beside its text: the value or the offset, and the null flag.
std::size_t element_bytes(type_id id) {
  switch (storage_of(id)) {
    case storage::i64: return sizeof(std::int64_t) + 1;
    case storage::f64: return sizeof(double) + 1;
    case storage::decimal: return sizeof(decimal) + 1;
    case storage::interval: return sizeof(interval) + 1;
    case storage::bytes: return sizeof(std::uint32_t) + 1;
  }
  return 0;
}

/// The character that a backslash and `code` stand for; 0 if COPY TO never writes it.
char escaped_character(char code) {
  switch (code) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    case '\\': return '\\';
    default: return 0;
  }
}

} // namespace

copy_text::copy_text(std::vector<data_type> types) : types_(std::move(types)), fixed_bytes_(sizeof(std::int64_t)) {
  for (const auto& type : types_) {
    fixed_bytes_ += element_bytes(type.id);
    if (storage_of(type.id) == storage::decimal) big_bytes_ += sizeof(std::string);
  }
}

batch copy_text::empty_batch() const {
  batch rows;
  rows.columns.reserve(types_.size());
  for (const auto& type : types_) rows.columns.emplace_back(type);
  return rows;
}

status copy_text::append(std::string_view line, batch& to) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  const bool escaped = line.find('\\') != std::string_view::npos;
  std::size_t field = 0;
  std::size_t begin = 0;
  while (field < types_.size()) {
    const auto end = std::min(line.find('\t', begin), line.size());
    WEIR_TRY(append_field(line.substr(begin, end - begin), escaped, to.columns[field]));
    ++field;
    begin = end + 1;
    if (end == line.size()) break;
  }
  const std::size_t read = std::min(begin, line.size() + 1);
  const bool whole = types_.empty() ? line.empty() : read == line.size() + 1;
  if (field != types_.size() || !whole)
    return error{errc::invalid_value, fmt::format("a row of COPY has not the expected {} fields", types_.size())};
  to.weights.push_back(1);
  return {};
}

status copy_text::append_field(std::string_view field, bool escaped, column& to) {
  const auto first = escaped ? field.find('\\') : std::string_view::npos;
  if (first == std::string_view::npos) return append_text(to, field);
  if (field == "\\N") {
    to.append_null();
    return {};
  }
  unescaped_.assign(field.substr(0, first));
  for (std::size_t i = first; i < field.size(); ++i) {
    if (field[i] != '\\') {
      unescaped_ += field[i];
      continue;
    }
    const char c = ++i < field.size() ? escaped_character(field[i]) : '\0';
    if (c == '\0') return error{errc::invalid_value, "a row of COPY holds an unknown escape"};
    unescaped_ += c;
  }
  return append_text(to, unescaped_);
}

} // namespace weir::postgres
