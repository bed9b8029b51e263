#pragma once

#include <string>
#include <utility>

namespace weir {

/// What went wrong, as far as some caller reacts to it. The text for people is in `error::message`.
enum class errc {
  // transient: the same call may succeed later
  connection_failed,
  connection_lost,
  server_starting,
  slot_in_use,
  timeout,
  serialization_conflict,
  scratch_damaged,
  // fatal: nothing changes until a person acts
  authentication_failed,
  permission_denied,
  wal_level,
  no_free_slot,
  slot_missing,
  slot_invalidated,
  wrong_server,
  history_lost, ///< a failover left behind WAL that was read
  table_missing,
  column_missing,
  schema_changed,
  row_not_computable,
  replica_identity,
  definition_changed,
  topology_changed,  ///< nodes came, went or moved: the plan is to be made anew
  source_widened,    ///< columns of a source take more values than the plan knows, and all that was read still counts
  source_rewritten,  ///< a source has other values than the stream told: it is to be read anew
  source_reshaped,   ///< a source's rows are elsewhere than before: it is to be read anew
  ownership_unclear, ///< transient: the catalogs have to be asked again
  lease_held,
  lease_lost,
  sink_unfit,
  config_invalid,
  unsupported,
  sql_failed,
  io_failed,
  internal,
  // the bytes of a peer
  truncated,
  trailing_bytes,
  unknown_tag,
  invalid_value,
  // poison: one row that cannot be computed; the names are PostgreSQL's
  division_by_zero,
  numeric_value_out_of_range,
  invalid_text_representation,
};

/// What a supervisor does about an error (design.md, section 8).
enum class failure_kind { transient, fatal, poison };

failure_kind kind_of(errc code) noexcept;
const char* to_string(errc code) noexcept;
const char* to_string(failure_kind kind) noexcept;

/// A failure, in words a person can act on.
///
/// `message` names the place and the cause, `hint` the cure (often the exact SQL). Neither ever holds a secret.
struct [[nodiscard]] error {
  errc code = errc::internal;
  std::string message;
  std::string hint = {};
};

} // namespace weir
