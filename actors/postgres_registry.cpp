#include "actors/postgres_registry.hpp"

#include <fmt/format.h>

#include "runtime/postgres/target_schema.hpp"

namespace weir {

status postgres_registry::connect() {
  postgres::connect_options options;
  options.application_name = fmt::format("weir {} registrar", plan_->name);
  WEIR_ASSIGN(target_, postgres::connection::open(plan_->target.conninfo, options));
  return {};
}

result<postgres::lease_grant> postgres_registry::enroll(std::chrono::milliseconds lease_expiry) {
  WEIR_TRY(postgres::install_schema(*target_));
  WEIR_ASSIGN(auto grant, postgres::acquire_lease(*target_, plan_->name, holder_, lease_expiry));
  WEIR_TRY(postgres::register_pipeline(*target_, *plan_, definition_));
  return grant;
}

status postgres_registry::resume(const postgres::lease_grant& grant) {
  return postgres::resume_lease(*target_, plan_->name, grant);
}

status postgres_registry::renew(const postgres::lease_grant& grant) {
  return postgres::renew_lease(*target_, plan_->name, grant);
}

status postgres_registry::release(const postgres::lease_grant& grant) {
  return postgres::release_lease(*target_, plan_->name, grant);
}

status postgres_registry::record(const postgres::event& what) {
  return postgres::record_event(*target_, plan_->name, what);
}

status postgres_registry::record(std::span<const postgres::node_status> nodes, const postgres::cut_state& cuts) {
  WEIR_TRY(postgres::record_nodes(*target_, plan_->name, nodes));
  return postgres::record_cut_state(*target_, plan_->name, cuts);
}

} // namespace weir
