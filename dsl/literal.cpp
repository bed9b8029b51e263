#include "dsl/literal.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

bool is_moment(type_id type) noexcept {
  return type == type_id::date || type == type_id::timestamp || type == type_id::timestamptz || type == type_id::time;
}

/// Words that PostgreSQL replaces by the time at which it reads them.
bool depends_on_clock(const std::string& text) {
  static constexpr const char* words[] = {"now", "today", "tomorrow", "yesterday"};
  return std::find(std::begin(words), std::end(words), fold(text)) != std::end(words);
}

bool has_zone(const std::string& text) {
  if (fold(text).find("infinity") != std::string::npos) return true;
  const auto time = text.find(':');
  return time != std::string::npos && text.find_first_of("+-Zz", time) != std::string::npos;
}

const char* example_of(type_id type) noexcept {
  switch (type) {
    case type_id::boolean: return "write true or false";
    case type_id::date: return "write it as '2026-01-31'";
    case type_id::timestamp: return "write it as '2026-01-31 12:00:00'";
    case type_id::timestamptz: return "write it as '2026-01-31 12:00:00+00'";
    case type_id::time: return "write it as '12:00:00'";
    case type_id::interval: return "write it as '1 year 2 mons 3 days 04:05:06', each number with its unit";
    case type_id::uuid: return "write it as 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'";
    default: return "";
  }
}

std::optional<int> scale_of(const std::string& numeric) {
  if (numeric.find_first_not_of("+-0123456789.") != std::string::npos) return std::nullopt; // NaN, infinity
  const auto point = numeric.find('.');
  return point == std::string::npos ? 0 : static_cast<int>(numeric.size() - point - 1);
}

/// The canonical text of a value, if `text` is one of the type.
std::optional<std::string> canonical(type_id type, const std::string& text) {
  column value({type, -1});
  if (!append_text(value, text)) return std::nullopt;
  std::string out;
  write_text(value, 0, out);
  return out;
}

expression literal_of(type_id type, std::string text) {
  expression e;
  e.op = operation::literal;
  e.type = {type, -1};
  e.nullable = false;
  if (type == type_id::numeric) e.fixed_scale = scale_of(text);
  e.literal_text = std::move(text);
  return e;
}

std::string shortened(const std::string& text) { return text.size() <= 40 ? text : "…"; }

} // namespace

std::optional<expression> make_literal(type_id type, const std::string& text, span where, diagnostics& found) {
  if (is_moment(type) && depends_on_clock(text)) {
    found.push_back({severity::error, code::session_dependent, where,
                     fmt::format("'{}' means another time whenever it is read", text), example_of(type)});
    return std::nullopt;
  }
  auto value = canonical(type, text);
  if (!value) {
    found.push_back({severity::error, code::bad_literal, where,
                     fmt::format("'{}' is not a value of type {}", shortened(text), to_sql(data_type{type, -1})),
                     example_of(type)});
    return std::nullopt;
  }
  if (type == type_id::timestamptz && !has_zone(text)) {
    found.push_back({severity::error, code::session_dependent, where,
                     fmt::format("'{}' names no time zone: which moment it is depends on the session", text),
                     text.find(':') == std::string::npos ? fmt::format("write '{} 00:00:00+00'", text)
                                                         : fmt::format("write '{}+00'", text)});
    return std::nullopt;
  }
  return literal_of(type, *std::move(value));
}

expression null_literal(type_id type) {
  expression e;
  e.op = operation::literal;
  e.type = {type, -1};
  e.literal_is_null = true;
  return e;
}

std::optional<expression> make_number(const std::string& text, span where, diagnostics& found) {
  if (text.find_first_of(".eE") == std::string::npos)
    for (const auto type : {type_id::int4, type_id::int8})
      if (auto value = canonical(type, text)) return literal_of(type, *std::move(value));
  return make_literal(type_id::numeric, text, where, found);
}

} // namespace weir::dsl
