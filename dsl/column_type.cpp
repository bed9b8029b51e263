#include "dsl/column_type.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace weir::dsl {
namespace {

bool all_of(const std::string& text, const char* characters) {
  return text.find_first_not_of(characters) == std::string::npos;
}

} // namespace

data_type type_of_column(const catalog_column& column) {
  if (const auto id = type_from_oid(column.type_oid)) return {*id, column.typmod};
  return {column.equal_by_text ? type_id::verbatim : type_id::opaque, -1, column.sql_type};
}

void give_type(catalog_column& column, const data_type& type) {
  column.type_oid = oid_of(type.id);
  column.typmod = type.typmod;
  column.type_name = to_sql(type);
  column.sql_type = type.name;
  column.equal_by_text = type.id == type_id::verbatim;
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
  if (type.name.find('.') != std::string::npos && !type.name.ends_with("[]"))
    return true; // an enum: its labels are what they are; PostgreSQL refuses others when the view is loaded
  if (type.name == "bytea")
    return text.starts_with("\\x") && text.size() % 2 == 0 && all_of(text.substr(2), "0123456789abcdef");
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
