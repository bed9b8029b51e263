#include "tests/sim/world/simulated_registry.hpp"

#include <fmt/format.h>

#include "tests/sim/world/world.hpp"

namespace weir::sim {

status simulated_registry::use() {
  if (!*alive_ || !world_.target.up() || world_.env.happens(world_.env.often.registrar_breaks)) {
    disconnect();
    return error{errc::connection_lost, "the connection of the registrar was lost"};
  }
  return {};
}

status simulated_registry::connect() {
  if (!*alive_ || !world_.target.up()) return error{errc::connection_failed, "the target refuses connections"};
  session_ = world_.next_number();
  return {};
}

void simulated_registry::disconnect() noexcept {
  if (session_ != 0 && world_.target.lease().session == session_) world_.target.lease().session = 0;
  session_ = 0;
}

result<postgres::lease_grant> simulated_registry::enroll(std::chrono::milliseconds lease_expiry) {
  WEIR_TRY(use());
  auto& lease = world_.target.lease();
  const bool free = lease.holder.empty() || lease.session == 0 || lease.renewed + lease_expiry < world_.env.now;
  if (!free) return error{errc::lease_held, fmt::format("the pipeline is run by {}", lease.holder), "try again"};
  lease = {world_.target.next_fence(), holder_, holder_, world_.env.now, session_};
  world_.env.tell("{} has the lease, fence {}", holder_, lease.fence);
  return postgres::lease_grant{lease.fence, holder_};
}

status simulated_registry::resume(const postgres::lease_grant& grant) { return renew(grant); }

status simulated_registry::renew(const postgres::lease_grant& grant) {
  WEIR_TRY(use());
  auto& lease = world_.target.lease();
  if (lease.fence != grant.fence || lease.holder.empty())
    return error{errc::lease_lost, fmt::format("{} has lost the lease", holder_)};
  lease.renewed = world_.env.now;
  lease.session = session_;
  return {};
}

status simulated_registry::release(const postgres::lease_grant& grant) {
  WEIR_TRY(use());
  auto& lease = world_.target.lease();
  if (lease.fence == grant.fence) lease.holder.clear();
  return {};
}

status simulated_registry::record(const postgres::event& what) {
  WEIR_TRY(use());
  world_.env.tell("{} tells: {} {} {}", holder_, what.name, what.node, what.message);
  return {};
}

status simulated_registry::record(std::span<const postgres::node_status>, const postgres::cut_state&) { return use(); }

} // namespace weir::sim
