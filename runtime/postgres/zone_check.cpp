#include "runtime/postgres/zone_check.hpp"

#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "runtime/expr/time_zone.hpp"
#include "runtime/plan/zones.hpp"
#include "runtime/postgres/array_text.hpp"

namespace weir::postgres {
namespace {

constexpr const char* lacks_zone =
    "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names WHERE lower(name) = lower($1))";

/// The moment next to now at which the offset is another one, and what it is here.
constexpr const char* nearest_difference = R"(
SELECT to_timestamp(t) AT TIME ZONE 'UTC', here
FROM (SELECT t, o, extract(epoch FROM (to_timestamp(t) AT TIME ZONE $3) - (to_timestamp(t) AT TIME ZONE 'UTC'))::bigint AS here
      FROM unnest($1::bigint[], $2::bigint[]) AS u(t, o)) AS v
WHERE here <> o ORDER BY abs(t - extract(epoch FROM now())) LIMIT 1)";

result<std::optional<std::string>> difference_of(connection& sql, const std::string& name) {
  using sentence = std::optional<std::string>;
  WEIR_ASSIGN(const auto zone, time_zone::find(name));
  array_text moments, offsets;
  for (const auto& [at, offset] : zone->samples()) {
    moments.append_quoted(std::to_string(at + time_zone::since_1970));
    offsets.append_quoted(std::to_string(offset));
  }
  const std::vector<parameter> arrays{moments.take(), offsets.take(), name};
  const auto differs = sql.query(nearest_difference, arrays);
  if (differs && differs->rows() == 0) return sentence{};
  if (differs)
    return sentence{fmt::format("by its time zone files {} is {} s ahead of UTC at {}, by weir's it is not", name,
                                differs->at(0, 1), differs->at(0, 0))};
  const std::vector<parameter> wanted{name};
  WEIR_ASSIGN(const auto lacks, sql.query(lacks_zone, wanted));
  if (lacks.at(0, 0) == "t") return sentence{fmt::format("it has no time zone {}", name)};
  return differs.error();
}

} // namespace

result<std::optional<std::string>> zone_difference(connection& sql, const pipeline_plan& plan) {
  for (const auto& name : zones_of(plan)) {
    WEIR_ASSIGN(auto difference, difference_of(sql, name));
    if (difference) return std::optional(*std::move(difference));
  }
  return std::optional<std::string>{};
}

status check_zones(connection& sql, const pipeline_plan& plan, const std::string& place) {
  WEIR_ASSIGN(const auto difference, zone_difference(sql, plan));
  if (!difference) return {};
  return error{errc::unsupported, fmt::format("{}: {}", place, *difference), zone_cure};
}

} // namespace weir::postgres
