#pragma once

#include <chrono>
#include <span>

#include "runtime/base/result.hpp"
#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/registry.hpp"

namespace weir {

/// What the target keeps of one pipeline besides its views: the lease, the status, the events. After an error of a call
/// the connection is of no more use: connect() again.
class pipeline_registry {
public:
  virtual ~pipeline_registry() = default;

  virtual status connect() = 0;
  virtual void disconnect() noexcept = 0;
  virtual bool connected() const noexcept = 0;

  /// Makes what is not there yet, and takes the lease.
  /// Errors   `errc::lease_held` · those of postgres::install_schema and postgres::register_pipeline
  virtual result<postgres::lease_grant> enroll(std::chrono::milliseconds lease_expiry) = 0;
  /// On a new connection.  Errors: `errc::lease_lost`
  virtual status resume(const postgres::lease_grant& grant) = 0;
  virtual status renew(const postgres::lease_grant& grant) = 0;
  virtual status release(const postgres::lease_grant& grant) = 0;

  virtual status record(const postgres::event& what) = 0;
  virtual status record(std::span<const postgres::node_status> nodes, const postgres::cut_state& cuts) = 0;
};

} // namespace weir
