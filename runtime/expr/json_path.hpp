#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/expr/kernel.hpp"

namespace weir {

/// The path of `document #> path`: of each step the key, and the place that it is if it is a number.
class json_path : public kernel_state {
public:
  explicit json_path(const std::vector<std::optional<std::string>>& steps);

  /// A path with a null in it leads nowhere, whatever the document is.
  bool leads() const noexcept { return leads_; }
  /// Where keys of one name follow each other, as in a json, the last one that the path leads on from counts.
  std::optional<std::string_view> follow(std::string_view document) const noexcept;
  /// The same of a jsonb, whose objects have no two keys of one name.
  std::optional<std::string_view> follow_jsonb(std::string_view document) const noexcept;

private:
  struct path_step {
    std::string key;
    std::optional<std::int64_t> place;
  };

  std::optional<std::string_view> follow(std::string_view value, std::size_t from) const noexcept;

  std::vector<path_step> steps_;
  bool leads_ = true;
};

/// The keys of `document ?| keys`; nulls do not count.
struct json_keys : kernel_state {
  std::vector<std::string> keys;
};

/// The place that a step of a path means: a number of C, in the range of integer.
std::optional<std::int64_t> place_of_step(std::string_view step) noexcept;

} // namespace weir
