#include "tests/sim/world/simulated_link.hpp"

#include <array>

#include <fmt/format.h>

namespace weir::sim {
namespace {

constexpr std::array delays_us{0, 100, 1'000, 8'000};
constexpr std::uint64_t longest_cut = 6'000;

} // namespace

status simulated_link::connect() {
  if (!*alive_ || !node_.up())
    return error{errc::connection_failed, fmt::format("{}: connection refused", node_.name())};
  life_ = node_.life();
  delay_ = std::chrono::microseconds(delays_us[env_.random.below(delays_us.size())]);
  if (env_.happens(env_.often.link_cut)) bytes_left_ = env_.random.below(longest_cut);
  env_.tell("{} is connected, delay up to {} us", node_.name(), delay_.count());
  return {};
}

void simulated_link::cut(const char* why) {
  if (broken_) return;
  broken_ = true;
  if (*alive_) env_.tell("the connection to {} is gone: {}", node_.name(), why);
}

status simulated_link::use(std::size_t bytes) {
  if (!*alive_) cut("the program is dead");
  if (!node_.up() || node_.life() != life_) cut("the server went away");
  if (bytes > bytes_left_) cut("cut after some bytes");
  bytes_left_ -= std::min<std::uint64_t>(bytes, bytes_left_);
  if (broken_) return error{errc::connection_lost, fmt::format("{}: the connection was lost", node_.name())};
  return {};
}

} // namespace weir::sim
