#pragma once

#include <memory>
#include <optional>
#include <string>

#include "actors/pipeline_registry.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir {

/// The schema weir of the plan's target. Calls block.
class postgres_registry final : public pipeline_registry {
public:
  /// Input    `definition`: text of the .pipe files, kept in weir.pipelines; `holder`: "host:pid".
  postgres_registry(std::shared_ptr<const pipeline_plan> plan, std::string definition, std::string holder)
      : plan_(std::move(plan)), definition_(std::move(definition)), holder_(std::move(holder)) {}

  status connect() override;
  void disconnect() noexcept override { target_.reset(); }
  bool connected() const noexcept override { return target_.has_value(); }
  result<postgres::lease_grant> enroll(std::chrono::milliseconds lease_expiry) override;
  status resume(const postgres::lease_grant& grant) override;
  status renew(const postgres::lease_grant& grant) override;
  status release(const postgres::lease_grant& grant) override;
  status record(const postgres::event& what) override;
  status record(std::span<const postgres::node_status> nodes, const postgres::cut_state& cuts) override;

private:
  std::shared_ptr<const pipeline_plan> plan_;
  std::string definition_;
  std::string holder_;
  std::optional<postgres::connection> target_;
};

} // namespace weir
