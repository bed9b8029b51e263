#include "dsl/column_name.hpp"

#include <utility>

#include "dsl/types.hpp"

namespace weir::dsl {
namespace {

/// pg_type.typname
const char* catalog_name(type_id type) noexcept {
  switch (type) {
    case type_id::boolean: return "bool";
    case type_id::int2: return "int2";
    case type_id::int4: return "int4";
    case type_id::int8: return "int8";
    case type_id::numeric: return "numeric";
    case type_id::float4: return "float4";
    case type_id::float8: return "float8";
    case type_id::text: return "text";
    case type_id::varchar: return "varchar";
    case type_id::date: return "date";
    case type_id::timestamp: return "timestamp";
    case type_id::timestamptz: return "timestamptz";
    case type_id::uuid: return "uuid";
    case type_id::time: return "time";
    case type_id::interval: return "interval";
    case type_id::character: return "bpchar";
    case type_id::verbatim:
    case type_id::opaque:
    case type_id::citext: break; // no cast is to one of these
  }
  return "";
}

/// A name, and whether a cast or a case around it keeps it.
struct found_name {
  std::string text;
  bool strong = false;
};

found_name first_column(const query& q);

/// As FigureColnameInternal.
found_name name_in(const syntax_expression& e) {
  switch (e.form) {
    case form::column:
    case form::call: return {e.names.back().text, true};
    case form::collate:
    case form::subscript: return name_in(e.args[0]);
    case form::array: return {"array", true};
    case form::cast:
    case form::typed_string: {
      if (e.form == form::cast)
        if (auto inner = name_in(e.args[0]); inner.strong) return inner;
      const auto name = e.type.substr(0, e.type.find("[]"));
      const auto type = type_named(name);
      return {type ? catalog_name(*type) : name, false};
    }
    case form::searched_case:
    case form::simple_case: {
      const bool has_else = e.args.size() % 2 == (e.form == form::searched_case ? 1U : 0U);
      if (has_else)
        if (auto otherwise = name_in(e.args.back()); otherwise.strong) return otherwise;
      return {"case", false};
    }
    case form::exists: return {"exists", true};
    case form::row: return {"row", true};
    case form::scalar_query: return first_column(*e.subquery);
    default: return {};
  }
}

found_name first_column(const query& q) {
  if (!q.select) return first_column(q.sides.front());
  const auto& item = q.select->items.front();
  if (item.star) return {};
  return item.alias ? found_name{item.alias->text, true} : name_in(item.value);
}

} // namespace

std::string column_name_of(const syntax_expression& e) {
  auto name = name_in(e);
  return name.text.empty() ? "?column?" : std::move(name.text);
}

} // namespace weir::dsl
