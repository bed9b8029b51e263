#include "runtime/verify/group_choice.hpp"

#include <cmath>

#include <fmt/format.h>

namespace weir::verify {
namespace {

constexpr double hashes = 4294967296.0; // 2^32

/// As citext is compared.
std::string lower_of(const std::string& key) {
  return fmt::format("lower(({})::text COLLATE pg_catalog.\"default\")", key);
}

/// A text of the key, the same for keys that GROUP BY takes as equal: 1.0 and 1.00, 0 and -0, 1 day and 24 hours.
std::string canonical_text(const std::string& key, type_id type) {
  if (type == type_id::numeric) return fmt::format("trim_scale({})::text", key);
  if (type == type_id::interval) return fmt::format("interval_hash_extended({}, 0)::text", key);
  if (is_float(type)) return fmt::format("({} + 0::{})::text", key, to_sql(data_type{type}));
  if (type == type_id::citext) return lower_of(key);
  return fmt::format("({})::text", key);
}

/// A hash of the keys, each seeded with the one before.
std::string sample_sql(const group_choice& choice, const view_plan& view, std::span<const std::string> keys) {
  auto hash = fmt::format("{}::bigint", choice.seed);
  for (std::size_t i = 0; i < keys.size(); ++i)
    hash = fmt::format("hashtextextended(coalesce({}, 'NULL') COLLATE \"C\", {})",
                       canonical_text(keys[i], view.keys[i].type.id), hash);
  return fmt::format("{} & 4294967295 < {}", hash,
                     static_cast<std::uint64_t>(std::ceil(choice.percent / 100 * hashes)));
}

std::string value_of(const std::string& text, const view_plan& view, const sql_quoter& quote) {
  return fmt::format("{}::{}", quote.literal(text), to_sql(without_modifier(view.keys.front().type)));
}

} // namespace

std::string condition_sql(const group_choice& choice, const view_plan& view, std::span<const std::string> keys,
                          const sql_quoter& quote) {
  std::string condition;
  if (keys.empty()) return condition;
  const auto require = [&](const std::string& what) { condition += (condition.empty() ? "" : " AND ") + what; };
  if (choice.keys) {
    // Servers may disagree about the order of their languages; they agree about bytes.
    const auto type = view.keys.front().type.id;
    const bool folded = type == type_id::citext;
    const auto bytewise = is_string(type) || folded ? " COLLATE \"C\"" : "";
    const auto side = [&](const std::string& value) { return (folded ? lower_of(value) : value) + bytewise; };
    const auto value = [&](const std::string& text) { return side(value_of(text, view, quote)); };
    const auto first = side(keys.front());
    if (choice.keys->from) require(fmt::format("{} >= {}", first, value(*choice.keys->from)));
    if (choice.keys->to) require(fmt::format("{} <= {}", first, value(*choice.keys->to)));
  }
  if (choice.percent < 100) require(sample_sql(choice, view, keys));
  return condition;
}

std::string sample_check_sql(const group_choice& choice) {
  if (choice.percent >= 100) return {};
  return fmt::format("SELECT hashtextextended('Größe 4711' COLLATE \"C\", {})", choice.seed);
}

std::string range_check_sql(const group_choice& choice, const view_plan& view, const sql_quoter& quote) {
  if (!choice.keys || view.keys.empty()) return {};
  std::string values;
  for (const auto& end : {choice.keys->from, choice.keys->to})
    if (end) values += (values.empty() ? "SELECT " : ", ") + value_of(*end, view, quote);
  return values;
}

} // namespace weir::verify
