#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/cluster/catalog.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// Who a server is: positions are only comparable while this does not change.
struct server_identity {
  std::string system_id;
  std::int32_t timeline = 0;
  std::string database;
  lsn flushed; ///< end of its WAL now
};

struct slot_info {
  lsn confirmed;
  lsn restart;
  bool active = false;
  int active_pid = 0;
  bool two_phase = false;
  std::string plugin;
  std::string database;
  std::string wal_status;       ///< reserved, extended, unreserved, lost
  bool of_this_database = true; ///< slots are a server's, and each is for one database
};

struct created_slot {
  lsn consistent_point;
  std::string snapshot; ///< exported; valid until the next command on the connection that created the slot
};

/// "weir_<pipeline>_<node>": lower case letters, digits, underscores, at most 63 bytes (a longer one keeps a hash).
std::string slot_name(const std::string& pipeline, const std::string& node);
/// "weir_<pipeline>".
std::string publication_name(const std::string& pipeline);

/// `replication` must be a replication connection.
result<server_identity> identify(connection& replication);

/// Can this server be read? wal_level, version 15 or later, not in recovery, max_wal_senders > 0.
/// Errors name the node, the cause and the exact cure (`ALTER SYSTEM SET wal_level = 'logical'` and a restart …).
status check_server(connection& sql, const node_spec& node);
/// Is a slot of this name there or a place free for it?
/// Errors   `errc::no_free_slot` · `errc::config_invalid` another database's pipeline has a slot of this name
status check_free_slot(connection& sql, const node_spec& node, const std::string& slot);

/// The named tables (schema, table), with columns and replica identity, without letters (give_letters); tables that are
/// not there are left out.
result<node_catalog> read_catalog(connection& sql, const std::string& node,
                                  const std::vector<std::pair<std::string, std::string>>& tables);

/// Makes the pipeline's publication, or alters it so that it holds exactly the plan's tables with the needed columns
/// (all columns where the replica identity is FULL demands it), inserts, updates, deletes and truncates.
/// Errors   `errc::permission_denied` with the GRANT that cures it · `errc::table_missing`
status ensure_publication(connection& sql, const pipeline_plan& plan, const node_spec& node);

/// What ensure_publication would run now, in order; nothing if the publication is as it should be.
result<std::vector<std::string>> publication_changes(connection& sql, const pipeline_plan& plan, const node_spec& node);

/// Does the publication still hold all that the plan reads? Whoever takes a table out of it loses its changes without
/// a word of the server.
/// Errors   `errc::schema_changed`
status verify_publication(connection& sql, const pipeline_plan& plan, const node_spec& node);

result<std::optional<slot_info>> find_slot(connection& sql, const std::string& slot);
/// Is the snapshot of catalogs on the server from which decoding from `restart` begins? Without it decoding begins
/// where it can make one anew, which may be later, and leaves out in silence what was committed before.
///
/// Output   empty: the role may not look, which takes pg_monitor
result<std::optional<bool>> has_decoding_snapshot(connection& sql, lsn restart);
/// CREATE_REPLICATION_SLOT … LOGICAL pgoutput (SNAPSHOT 'export', TWO_PHASE). Waits at most `lock_wait` for running
/// transactions, then fails with `errc::timeout` naming the oldest blocker (its pid or prepared transaction).
result<created_slot> create_slot(connection& replication, connection& sql, const node_spec& node,
                                 const std::string& slot, std::chrono::milliseconds lock_wait);
/// The same, but the slot goes when `replication` does, however that ends, and gives the rows of a prepared transaction
/// with its COMMIT PREPARED, as those of any other.
result<created_slot> create_temporary_slot(connection& replication, connection& sql, const node_spec& node,
                                           const std::string& slot, std::chrono::milliseconds lock_wait);
/// Dropping what is not there is not an error. Terminates a walsender that still holds it (our own, dead one).
/// A slot of another database is not weir's to drop.
status drop_slot(connection& sql, const std::string& slot);
status drop_publication(connection& sql, const std::string& publication);

/// A transactional logical message 'weir': lets an idle slot advance.
status heartbeat(connection& sql, const std::string& pipeline);
/// How far the server's clock is ahead of this host's, in microseconds; good to about a round trip.
result<std::int64_t> clock_offset(connection& sql);
/// End of the server's WAL.
result<lsn> flushed_position(connection& sql);

} // namespace weir::postgres
