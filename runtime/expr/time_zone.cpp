#include "runtime/expr/time_zone.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <system_error>

#include <cctz/time_zone.h>
#include <fmt/format.h>

#include "runtime/base/suggest.hpp"
#include "runtime/rows/calendar.hpp"

namespace weir {
namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t cycle_seconds = 146'097 * day_seconds; ///< 400 years, after which weekdays and dates recur

std::string folded(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// The zones there are, by their folded names; those that count leap seconds are none for PostgreSQL.
std::map<std::string, std::string> read_names() {
  const char* given = std::getenv("TZDIR");
  const std::filesystem::path root(given != nullptr ? given : "/usr/share/zoneinfo");
  std::map<std::string, std::string> names;
  std::error_code fault;
  for (std::filesystem::recursive_directory_iterator at(root, fault), end; !fault && at != end; at.increment(fault)) {
    const auto name = at->path().lexically_relative(root).string();
    if (name == "right" || name == "posix") at.disable_recursion_pending();
    std::error_code unreadable;
    if (name.find('/') != std::string::npos && at->is_regular_file(unreadable)) names.emplace(folded(name), name);
  }
  return names;
}

const std::map<std::string, std::string>& names() {
  static const auto all = read_names();
  return all;
}

error unknown_zone(std::string_view name) {
  std::vector<std::string> candidates;
  for (const auto& [key, shown] : names()) candidates.push_back(shown);
  auto meant = did_you_mean(name, candidates);
  if (meant.empty()) meant = "there are 'UTC', names like 'Europe/Berlin', and offsets: interval '02:00:00'";
  return {errc::invalid_value, fmt::format("no time zone '{}'", name), std::move(meant)};
}

} // namespace

time_zone::time_zone(std::string name, std::vector<change> changes)
    : name_(std::move(name)), changes_(std::move(changes)) {}

result<std::shared_ptr<const time_zone>> time_zone::find(std::string_view name) {
  const auto found = names().find(folded(name));
  cctz::time_zone zone;
  if (found == names().end() || !cctz::load_time_zone(found->second, &zone)) return unknown_zone(name);
  using moment = cctz::time_point<cctz::seconds>;
  std::vector<change> changes{{std::numeric_limits<std::int64_t>::min(), zone.lookup(moment::min()).offset}};
  cctz::time_zone::civil_transition next;
  for (auto at = moment::min(); zone.next_transition(at, &next);) {
    at = zone.lookup(next.to).trans;
    changes.push_back({at.time_since_epoch().count() - since_1970, zone.lookup(at).offset});
  }
  return std::shared_ptr<const time_zone>(new time_zone(found->second, std::move(changes)));
}

/// Files say for ever what happens each year; the list has that for 400 years.
std::int64_t time_zone::within_listed(std::int64_t seconds) const noexcept {
  const auto end = changes_.back().at;
  if (end < cycle_seconds || seconds < end) return seconds;
  return seconds - ((seconds - end) / cycle_seconds + 1) * cycle_seconds;
}

std::size_t time_zone::find_place(std::int64_t seconds, std::size_t place) const noexcept {
  const bool near = place < changes_.size() && changes_[place].at <= seconds &&
                    (place + 1 == changes_.size() || seconds < changes_[place + 1].at);
  if (near) return place;
  const auto behind = std::upper_bound(changes_.begin() + 1, changes_.end(), seconds,
                                       [](std::int64_t at, const change& c) { return at < c.at; });
  return static_cast<std::size_t>(behind - changes_.begin()) - 1;
}

std::int32_t time_zone::offset_at(std::int64_t seconds, std::size_t& place) const noexcept {
  place = find_place(within_listed(seconds), place);
  return changes_[place].offset;
}

/// As PostgreSQL's DetermineTimeZoneOffset does: by the first change behind the day before.
std::int64_t time_zone::moment_of(std::int64_t clock, std::size_t& place) const noexcept {
  const auto day_before = within_listed(clock - day_seconds);
  const auto shift = clock - day_seconds - day_before;
  place = find_place(day_before, place);
  const auto before = clock - changes_[place].offset;
  if (place + 1 == changes_.size()) return before;
  const auto& next = changes_[place + 1];
  const auto after = clock - next.offset;
  const auto boundary = next.at + shift;
  if (before < boundary && after < boundary) return before;
  if (before > boundary && after >= boundary) return after;
  return std::max(before, after);
}

std::vector<std::pair<std::int64_t, std::int32_t>> time_zone::samples() const {
  constexpr auto first = days_from_civil(1900, 1, 1) * day_seconds;
  constexpr auto last = days_from_civil(2100, 1, 1) * day_seconds;
  std::vector<std::pair<std::int64_t, std::int32_t>> out;
  std::size_t place = 0;
  const auto sample = [&](std::int64_t at) {
    if (at >= first && at < last) out.emplace_back(at, offset_at(at, place));
  };
  for (auto at = first; at < last; at += 30 * day_seconds) sample(at);
  for (std::size_t i = 1; i < changes_.size(); ++i) {
    sample(changes_[i].at - 1);
    sample(changes_[i].at);
  }
  return out;
}

std::uint64_t time_zone::rules() const {
  std::uint64_t hash = 0xcbf29ce484222325ULL; // FNV-1a, by words
  for (const auto& [at, offset] : samples())
    for (const auto word : {static_cast<std::uint64_t>(at), static_cast<std::uint64_t>(offset)})
      hash = (hash ^ word) * 0x100000001b3ULL;
  return hash;
}

} // namespace weir
