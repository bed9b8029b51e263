#include "runtime/expr/json_path.hpp"

#include <charconv>
#include <limits>

#include "runtime/expr/json_member.hpp"
#include "runtime/expr/json_scan.hpp"

namespace weir {

std::optional<std::int64_t> place_of_step(std::string_view step) noexcept {
  while (!step.empty() && (step.front() == ' ' || (step.front() >= '\t' && step.front() <= '\r')))
    step.remove_prefix(1);
  if (step.starts_with('+') && step.size() > 1 && step[1] != '-') step.remove_prefix(1);
  std::int64_t place = 0;
  const auto* end = step.data() + step.size();
  const auto read = std::from_chars(step.data(), end, place);
  using limits = std::numeric_limits<std::int32_t>;
  if (read.ec != std::errc() || read.ptr != end || place <= limits::min() || place > limits::max()) return std::nullopt;
  return place;
}

json_path::json_path(const std::vector<std::optional<std::string>>& steps) {
  for (const auto& step : steps) {
    leads_ = leads_ && step;
    if (step) steps_.push_back({*step, place_of_step(*step)});
  }
}

std::optional<std::string_view> json_path::follow_jsonb(std::string_view document) const noexcept {
  if (!leads_) return std::nullopt;
  std::optional value(document);
  for (const auto& step : steps_) {
    if (value->starts_with('{'))
      value = jsonb_member(*value, json_key(step.key));
    else
      value = step.place ? json_element(*value, *step.place) : std::nullopt;
    if (!value) break;
  }
  return value;
}

std::optional<std::string_view> json_path::follow(std::string_view document) const noexcept {
  return leads_ ? follow(document, 0) : std::nullopt;
}

std::optional<std::string_view> json_path::follow(std::string_view value, std::size_t from) const noexcept {
  if (from == steps_.size()) return value;
  const auto& step = steps_[from];
  std::optional<std::string_view> found;
  if (value.starts_with('{')) {
    for (json_walk walk(value); walk.next();) {
      if (!json_string_is(walk.key(), step.key)) continue;
      if (const auto deeper = follow(walk.value(), from + 1)) found = deeper;
    }
  } else if (step.place) {
    const auto element = json_element(value, *step.place);
    if (element) found = follow(*element, from + 1);
  }
  return found;
}

} // namespace weir
