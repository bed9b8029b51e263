#include "runtime/cluster/about_node.hpp"

#include <utility>

#include <fmt/format.h>

namespace weir {

error about_node(const std::string& node, error why) {
  const auto prefix = fmt::format("node {}", node);
  const bool named = why.message.starts_with(prefix + ":") || why.message.starts_with(prefix + " ");
  if (!named) why.message = fmt::format("{}: {}", prefix, why.message);
  return why;
}

} // namespace weir
