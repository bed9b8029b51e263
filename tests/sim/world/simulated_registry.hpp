#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "actors/pipeline_registry.hpp"

namespace weir::sim {

class world;

/// A program's registrar in the simulated target: the lease with its fence, and what is told there.
class simulated_registry final : public pipeline_registry {
public:
  simulated_registry(world& w, std::shared_ptr<const bool> alive, std::string holder)
      : world_(w), alive_(std::move(alive)), holder_(std::move(holder)) {}
  ~simulated_registry() override { disconnect(); }

  status connect() override;
  void disconnect() noexcept override;
  bool connected() const noexcept override { return session_ != 0; }
  result<postgres::lease_grant> enroll(std::chrono::milliseconds lease_expiry) override;
  status resume(const postgres::lease_grant& grant) override;
  status renew(const postgres::lease_grant& grant) override;
  status release(const postgres::lease_grant& grant) override;
  status record(const postgres::event& what) override;
  status record(std::span<const postgres::node_status> nodes, const postgres::cut_state& cuts) override;

private:
  status use();

  world& world_;
  std::shared_ptr<const bool> alive_;
  std::string holder_;
  std::uint64_t session_ = 0;
};

} // namespace weir::sim
