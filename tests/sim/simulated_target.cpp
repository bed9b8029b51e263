#include "tests/sim/simulated_target.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

namespace weir::test {
namespace {

std::int64_t integer(const column& from, std::size_t row) {
  std::string text;
  write_text(from, row, text);
  return std::stoll(text);
}

} // namespace

void simulated_target::apply(std::size_t view, const batch& states) {
  auto& s = open_->states[view];
  for (std::size_t i = 0; i < states.rows(); ++i) {
    std::string region;
    write_text(states.columns[1], i, region);
    auto& group = s[{states.columns[0].i64[i], region}];
    group.rows += states.columns[2].i64[i];
    group.count += states.columns[3].i64[i];
    group.sum += integer(states.columns[4], i);
  }
}

void simulated_target::truncate(std::size_t view, node_index node) {
  std::erase_if(open_->states[view], [&](const auto& entry) { return entry.first.first == node.value; });
}

void simulated_target::commit(epoch number, std::vector<postgres::frontier_entry> frontier) {
  open_->last = number;
  open_->frontier = std::move(frontier);
  for (auto& s : open_->states) std::erase_if(s, [](const auto& e) { return e.second == sim_group{}; });
  durable_ = *std::exchange(open_, std::nullopt);
}

sim_view simulated_target::view(std::size_t v) const {
  sim_view out;
  for (const auto& [key, group] : durable_.states[v]) {
    auto& total = out[key.second];
    total.rows += group.rows;
    total.count += group.count;
    total.sum += group.sum;
  }
  return out;
}

std::string simulated_target::corruption() const {
  for (std::size_t v = 0; v < durable_.states.size(); ++v)
    for (const auto& [key, group] : durable_.states[v])
      if (group.rows <= 0)
        return fmt::format("view {} node {} group {} has {} rows", v, key.first, key.second, group.rows);
  return {};
}

} // namespace weir::test
