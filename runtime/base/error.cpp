#include "runtime/base/error.hpp"

namespace weir {

failure_kind kind_of(errc code) noexcept {
  switch (code) {
    case errc::connection_failed:
    case errc::connection_lost:
    case errc::server_starting:
    case errc::slot_in_use:
    case errc::timeout:
    case errc::serialization_conflict:
    case errc::ownership_unclear:
    case errc::scratch_damaged: return failure_kind::transient;
    case errc::division_by_zero:
    case errc::numeric_value_out_of_range:
    case errc::invalid_text_representation: return failure_kind::poison;
    default: return failure_kind::fatal;
  }
}

const char* to_string(errc code) noexcept {
  switch (code) {
    case errc::connection_failed: return "connection_failed";
    case errc::connection_lost: return "connection_lost";
    case errc::server_starting: return "server_starting";
    case errc::slot_in_use: return "slot_in_use";
    case errc::timeout: return "timeout";
    case errc::serialization_conflict: return "serialization_conflict";
    case errc::scratch_damaged: return "scratch_damaged";
    case errc::authentication_failed: return "authentication_failed";
    case errc::permission_denied: return "permission_denied";
    case errc::wal_level: return "wal_level";
    case errc::no_free_slot: return "no_free_slot";
    case errc::slot_missing: return "slot_missing";
    case errc::slot_invalidated: return "slot_invalidated";
    case errc::wrong_server: return "wrong_server";
    case errc::history_lost: return "history_lost";
    case errc::table_missing: return "table_missing";
    case errc::column_missing: return "column_missing";
    case errc::schema_changed: return "schema_changed";
    case errc::row_not_computable: return "row_not_computable";
    case errc::replica_identity: return "replica_identity";
    case errc::definition_changed: return "definition_changed";
    case errc::topology_changed: return "topology_changed";
    case errc::source_widened: return "source_widened";
    case errc::source_rewritten: return "source_rewritten";
    case errc::source_reshaped: return "source_reshaped";
    case errc::ownership_unclear: return "ownership_unclear";
    case errc::lease_held: return "lease_held";
    case errc::lease_lost: return "lease_lost";
    case errc::sink_unfit: return "sink_unfit";
    case errc::config_invalid: return "config_invalid";
    case errc::unsupported: return "unsupported";
    case errc::sql_failed: return "sql_failed";
    case errc::io_failed: return "io_failed";
    case errc::internal: return "internal";
    case errc::truncated: return "truncated";
    case errc::trailing_bytes: return "trailing_bytes";
    case errc::unknown_tag: return "unknown_tag";
    case errc::invalid_value: return "invalid_value";
    case errc::division_by_zero: return "division_by_zero";
    case errc::numeric_value_out_of_range: return "numeric_value_out_of_range";
    case errc::invalid_text_representation: return "invalid_text_representation";
  }
  return "unknown";
}

const char* to_string(failure_kind kind) noexcept {
  switch (kind) {
    case failure_kind::transient: return "transient";
    case failure_kind::fatal: return "fatal";
    case failure_kind::poison: return "poison";
  }
  return "unknown";
}

} // namespace weir
