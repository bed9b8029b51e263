#include "dsl/column_type.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace weir::dsl {
namespace {

bool all_of(const std::string& text, const char* characters) {
  return text.find_first_not_of(characters) == std::string::npos;
}

/// A number without a sign and without zeros before it, below `end`.
bool is_plain_number(std::string_view text, int end) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return false;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return value < end;
}

/// "10.0.0.1", "10.0.0.0/8"; PostgreSQL leaves out a /32. Addresses of the other family have many spellings.
bool is_written_address(std::string_view text) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos && !is_plain_number(text.substr(slash + 1), 32)) return false;
  auto host = text.substr(0, slash);
  for (int part = 0; part < 3; ++part) {
    const auto dot = host.find('.');
    if (dot == std::string_view::npos || !is_plain_number(host.substr(0, dot), 256)) return false;
    host.remove_prefix(dot + 1);
  }
  return is_plain_number(host, 256);
}

} // namespace

data_type type_of_column(const catalog_column& column) {
  if (const auto id = type_from_oid(column.type_oid)) return {*id, column.typmod};
  if (column.is_citext && column.cases) return {type_id::citext, -1, column.sql_type, {}, column.cases};
  return {column.equal_by_text ? type_id::verbatim : type_id::opaque, -1, column.sql_type, column.labels};
}

void give_type(catalog_column& column, const data_type& type) {
  column.type_oid = oid_of(type.id);
  column.typmod = type.typmod;
  column.type_name = to_sql(type);
  column.sql_type = type.name;
  column.equal_by_text = type.id == type_id::verbatim;
  column.labels = type.labels;
  column.is_citext = type.id == type_id::citext;
  if (type.cases) column.cases = type.cases;
}

std::string why_no_key(const data_type& type) {
  if (type.id == type_id::opaque)
    return fmt::format("{} has no equality, or values that are equal and read differently", type.name);
  if (type.id == type_id::character && type.typmod < 0)
    return "values of character without a length can be equal and read differently";
  if (is_float(type.id)) return "rounding makes and splits groups";
  return {};
}

bool is_written_so(const data_type& type, const std::string& text) {
  if (type.id == type_id::citext) return true;
  if (type.name == "bytea")
    return text.starts_with("\\x") && text.size() % 2 == 0 && all_of(text.substr(2), "0123456789abcdef");
  if (type.name == "inet") return is_written_address(text);
  if (type.name == "name") return text.size() < 64;
  if (type.name == "oid") return !text.empty() && all_of(text, "0123456789") && (text == "0" || text.front() != '0');
  if (type.name == "macaddr") {
    const bool shape = text.size() == 17 && all_of(text, "0123456789abcdef:");
    for (std::size_t i = 0; shape && i < text.size(); ++i)
      if ((text[i] == ':') != (i % 3 == 2)) return false;
    return shape;
  }
  return false;
}

} // namespace weir::dsl
