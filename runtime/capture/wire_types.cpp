#include "runtime/capture/wire_types.hpp"

#include <fmt/format.h>

#include "runtime/rows/text_form.hpp"

namespace weir::capture {

namespace {

/// "public.\"Mood\"[]" as public.Mood[]
std::string without_quotes(const std::string& sql) {
  std::string out;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] != '"') {
      out += sql[i];
    } else if (i + 1 < sql.size() && sql[i + 1] == '"') {
      out += sql[i++];
    }
  }
  return out;
}

int numeric_precision(std::int32_t typmod) { return ((typmod - 4) >> 16) & 0xffff; }

bool modifier_fits(const data_type& planned, std::int32_t typmod) {
  if (planned.typmod == -1 || planned.typmod == typmod) return true;
  if (typmod == -1) return false;
  if (planned.id == type_id::numeric) {
    return declared_scale(planned) == declared_scale(data_type{planned.id, typmod}) &&
           numeric_precision(typmod) <= numeric_precision(planned.typmod);
  }
  if (planned.id == type_id::interval) return false; // it has no order: fields and digits
  return typmod < planned.typmod;
}

} // namespace

void wire_types::add(const pgoutput::type_name& message) {
  const auto schema = message.schema == "pg_catalog" ? std::string() : std::string(message.schema);
  named_[message.oid] = {schema, std::string(message.name)};
}

bool wire_types::fits(const data_type& planned, std::uint32_t oid, std::int32_t typmod) const {
  const auto named = named_.find(oid);
  if (named == named_.end()) {
    if (is_passed_through(planned.id)) return !type_from_oid(oid);
    return oid == oid_of(planned.id) && modifier_fits(planned, typmod);
  }
  const auto& [schema, type] = named->second;
  if (schema.empty()) { // a domain, over a type of the server
    const auto base = parse_short_name(type);
    const bool known = base.has_value() && !is_passed_through(base->id);
    return is_passed_through(planned.id) ? !known : known && base->id == planned.id;
  }
  const auto array = type.starts_with('_') ? fmt::format("{}.{}[]", schema, type.substr(1)) : std::string();
  const auto wanted = without_quotes(planned.name);
  return is_passed_through(planned.id) && (wanted == schema + "." + type || wanted == array);
}

std::string wire_types::text_of(std::uint32_t oid, std::int32_t typmod) const {
  const auto named = named_.find(oid);
  if (named != named_.end())
    return named->second.schema.empty() ? named->second.type
                                        : fmt::format("{}.{}", named->second.schema, named->second.type);
  if (const auto id = type_from_oid(oid)) return to_sql({*id, typmod});
  return fmt::format("the type with oid {}", oid);
}

} // namespace weir::capture
