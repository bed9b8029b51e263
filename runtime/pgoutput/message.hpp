#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/pgoutput/row_change.hpp"

// The messages of pgoutput, protocol versions 1 to 3 without streaming. Times are microseconds since 2000-01-01 UTC.
// Names and contents are views into the message.
namespace weir::pgoutput {

struct begin {
  lsn final_lsn; ///< of the COMMIT record
  std::int64_t commit_time_us = 0;
  xid id;
  friend bool operator==(const begin&, const begin&) = default;
};

struct commit {
  lsn commit_lsn;
  lsn end_lsn;
  std::int64_t commit_time_us = 0;
  friend bool operator==(const commit&, const commit&) = default;
};

/// The transaction (from here on) was replicated from elsewhere.
struct origin {
  lsn origin_lsn; ///< of its commit on that server
  std::string_view name;
  friend bool operator==(const origin&, const origin&) = default;
};

struct relation_column {
  bool in_identity = false; ///< part of the replica identity: comes with every old tuple
  std::string_view name;
  std::uint32_t type_oid = 0;
  std::int32_t typmod = -1;
  friend bool operator==(const relation_column&, const relation_column&) = default;
};

/// How the rows of a table look from here on.
struct relation {
  table_oid oid;
  std::string_view schema; ///< "pg_catalog" where the wire says ""
  std::string_view table;
  char replica_identity = 'd'; ///< pg_class.relreplident: d default, n nothing, f full, i index
  std::vector<relation_column> columns;
  friend bool operator==(const relation&, const relation&) = default;
};

/// A type that is not built in.
struct type_name {
  std::uint32_t oid = 0;
  std::string_view schema;
  std::string_view name;
  friend bool operator==(const type_name&, const type_name&) = default;
};

struct truncate {
  bool cascade = false;
  bool restart_identity = false;
  std::vector<table_oid> relations;
  friend bool operator==(const truncate&, const truncate&) = default;
};

/// pg_logical_emit_message().
struct logical_message {
  bool transactional = false;
  lsn position;
  std::string_view prefix;
  std::string_view content;
  friend bool operator==(const logical_message&, const logical_message&) = default;
};

struct begin_prepare {
  lsn prepare_lsn;
  lsn end_lsn;
  std::int64_t prepare_time_us = 0;
  xid id;
  std::string_view gid;
  friend bool operator==(const begin_prepare&, const begin_prepare&) = default;
};

struct prepare {
  lsn prepare_lsn;
  lsn end_lsn;
  std::int64_t prepare_time_us = 0;
  xid id;
  std::string_view gid;
  friend bool operator==(const prepare&, const prepare&) = default;
};

struct commit_prepared {
  lsn commit_lsn;
  lsn end_lsn;
  std::int64_t commit_time_us = 0;
  xid id;
  std::string_view gid;
  friend bool operator==(const commit_prepared&, const commit_prepared&) = default;
};

struct rollback_prepared {
  lsn prepare_end_lsn;
  lsn end_lsn; ///< of the ROLLBACK PREPARED
  std::int64_t prepare_time_us = 0;
  std::int64_t rollback_time_us = 0;
  xid id;
  std::string_view gid;
  friend bool operator==(const rollback_prepared&, const rollback_prepared&) = default;
};

using message = std::variant<begin, commit, origin, relation, type_name, row_change, truncate, logical_message,
                             begin_prepare, prepare, commit_prepared, rollback_prepared>;

/// Decodes one pgoutput message.  Law: no I/O, no state between calls.
///
/// Input    `payload` is exactly one message, tag byte first, integers big-endian; it may come from a hostile peer.
/// Output   views into `payload`: it must outlive them.
/// Errors   `errc::truncated` payload ends inside a field · `errc::trailing_bytes` · `errc::unknown_tag` ·
///          `errc::invalid_value` · `errc::unsupported` a message of the streaming protocol, by name
/// Cost     O(payload.size()); allocates for rows (see decode_row for many of them), relations and truncates only.
/// Source   PostgreSQL manual, page protocol-logicalrep-message-formats.
result<message> decode(std::span<const std::byte> payload);

} // namespace weir::pgoutput
