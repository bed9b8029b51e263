#include "dsl/function_table.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir::dsl {
namespace {

constexpr signature table[] = {
    {"length", function::length, "t", type_id::int4},
    {"char_length", function::length, "t", type_id::int4},
    {"character_length", function::length, "t", type_id::int4},
    {"octet_length", function::octet_length, "t", type_id::int4},
    {"substring", function::substring, "ti", type_id::text},
    {"substring", function::substring, "tii", type_id::text},
    {"substr", function::substring, "ti", type_id::text},
    {"substr", function::substring, "tii", type_id::text},
    {"left", function::left, "ti", type_id::text},
    {"right", function::right, "ti", type_id::text},
    {"btrim", function::btrim, "t", type_id::text},
    {"btrim", function::btrim, "tt", type_id::text},
    {"ltrim", function::ltrim, "t", type_id::text},
    {"ltrim", function::ltrim, "tt", type_id::text},
    {"rtrim", function::rtrim, "t", type_id::text},
    {"rtrim", function::rtrim, "tt", type_id::text},
    {"replace", function::replace, "ttt", type_id::text},
    {"strpos", function::strpos, "tt", type_id::int4},
    {"position", function::strpos, "tt", type_id::int4},
    {"split_part", function::split_part, "tti", type_id::text},
    {"starts_with", function::starts_with, "tt", type_id::boolean},
    {"round", function::round, "ni", type_id::numeric},
    {"trunc", function::trunc, "ni", type_id::numeric},
    {"div", function::div, "nn", type_id::numeric},
    {"lower", function::lower, "t", type_id::text},
    {"upper", function::upper, "t", type_id::text},
    {"initcap", function::initcap, "t", type_id::text},
    {"make_date", function::make_date, "iii", type_id::date},
};

/// The usages of functions that are not, or not only, in the table.
constexpr std::pair<std::string_view, std::string_view> others[] = {
    {"count", "count(*)"},
    {"count", "count(any)"},
    {"sum", "sum(number)"},
    {"avg", "avg(number)"},
    {"coalesce", "coalesce(any, …)"},
    {"nullif", "nullif(any, any)"},
    {"greatest", "greatest(any, …)"},
    {"least", "least(any, …)"},
    {"concat", "concat(any, …)"},
    {"trim", "trim(text)"},
    {"trim", "trim([both | leading | trailing] text from text)"},
    {"abs", "abs(number)"},
    {"sign", "sign(number)"},
    {"ceil", "ceil(number)"},
    {"ceiling", "ceiling(number)"},
    {"floor", "floor(number)"},
    {"round", "round(number)"},
    {"trunc", "trunc(number)"},
    {"date_trunc", "date_trunc('unit', timestamp)"},
    {"date_trunc", "date_trunc('unit', interval)"},
    {"date_trunc", "date_trunc('unit', timestamptz, 'UTC')"},
    {"extract", "extract(field from date, time, timestamp or interval)"},
    {"date_part", "date_part('field', date, time, timestamp or interval)"},
    {"timezone", "timezone('UTC', timestamp or timestamptz)"},
    {"timezone", "timezone(interval, timestamp or timestamptz)"},
    {"mod", "mod(integer, integer)"},
    {"json_typeof", "json_typeof(json)"},
    {"jsonb_typeof", "jsonb_typeof(jsonb)"},
    {"json_array_length", "json_array_length(json)"},
    {"jsonb_array_length", "jsonb_array_length(jsonb)"},
    {"cardinality", "cardinality(array)"},
    {"array_length", "array_length(array, integer)"},
    {"mod", "mod(numeric, numeric)"},
};

constexpr std::string_view locale = "what it gives depends on the locale of the database";
constexpr std::string_view clock = "a view's content must not depend on when it is computed";
constexpr std::string_view chance = "a view's content must not depend on chance";
constexpr std::pair<std::string_view, std::string_view> refused[] = {
    {"now", clock}, {"random", chance},         {"gen_random_uuid", chance},
    {"age", clock}, {"clock_timestamp", clock}, {"to_char", locale},
};

std::string_view type_name_of(char letter) noexcept {
  return letter == 't' ? "text" : letter == 'i' ? "integer" : "numeric";
}

} // namespace

std::span<const signature> signatures() { return table; }

bool fits(char letter, type_id type) noexcept {
  if (letter == 't') return is_string(type) || type == type_id::citext;
  if (letter == 'i') return type == type_id::int2 || type == type_id::int4;
  return is_integer(type) || type == type_id::numeric;
}

type_id type_of_letter(char letter) noexcept {
  return letter == 't' ? type_id::text : letter == 'i' ? type_id::int4 : type_id::numeric;
}

std::vector<std::string> usages_of(std::string_view function) {
  std::vector<std::string> out;
  for (const auto& [name, usage] : others)
    if (name == function) out.emplace_back(usage);
  for (const auto& s : signatures()) {
    if (s.name != function) continue;
    std::string usage(s.name);
    for (std::size_t i = 0; i < s.takes.size(); ++i) usage.append(i == 0 ? "(" : ", ").append(type_name_of(s.takes[i]));
    out.push_back(usage + ")");
  }
  return out;
}

std::vector<std::string> function_names() {
  std::vector<std::string> out;
  for (const auto& [name, usage] : others) out.emplace_back(name);
  for (const auto& s : signatures()) out.emplace_back(s.name);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string_view why_not(std::string_view function) {
  for (const auto& [name, reason] : refused)
    if (name == function) return reason;
  return {};
}

} // namespace weir::dsl
