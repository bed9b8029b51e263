#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/log_level.hpp"
#include "runtime/base/memory_size.hpp"
#include "runtime/base/result.hpp"
#include "runtime/cluster/cluster_spec.hpp"

namespace weir {

struct log_config {
  log_format format = log_format::text;
  log_level level = log_level::info;
};

/// What weir.yaml says, or would say by default.
struct configuration {
  std::vector<cluster_spec> clusters; ///< either part of a cluster may be missing
  log_config log;
  std::optional<memory_size> memory; ///< budget of a pipeline's queues and state; it overrides the definition's
};

/// Reads the text of a weir.yaml. `name` is what messages call it.
///
/// Errors   `errc::config_invalid`: every fault with line and column, one a line, and "did you mean" where a key is
///          nearly right. A connection string is never part of a message.
result<configuration> parse_config(std::string_view text, const std::string& name);

/// Errors   as parse_config · `errc::io_failed` the file cannot be read
result<configuration> load_config(const std::string& path);

} // namespace weir
