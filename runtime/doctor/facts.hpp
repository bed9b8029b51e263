#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/cluster/catalog.hpp"

namespace weir::doctor {

// What a server says of itself. Names called `quoted…` and `sql_name` are as SQL wants them, quoted by the server.

/// Places of a limited kind, and how many are taken.
struct capacity {
  std::int64_t places = 0;
  std::int64_t taken = 0;

  std::int64_t left() const { return places - taken; }
};

/// What is the same on every server that weir speaks to.
struct server_facts {
  std::string address;
  int version = 0;          ///< 150020
  std::string version_text; ///< "15.20 (Debian …)"
  bool in_recovery = false;
  std::string quoted_database;
  std::string quoted_role;
  bool superuser = false;
  bool replication_right = false;
  bool may_create_in_database = false;
  capacity connections;
  bool synchronous_commit = true;
  std::string statement_timeout; ///< "0": none
  std::int64_t clock_offset_us = 0;
  std::vector<std::string> zones; ///< that the views compute by
  std::optional<std::string> zone_difference;
  bool uses_letters = false; ///< do the views compare citext, or make letters small or capital?
  std::optional<std::string> letter_difference;
};

struct log_facts {
  std::string wal_level;
  capacity senders;
  capacity slots;
  capacity prepared;
  std::int64_t slot_limit_bytes = -1;                 ///< max_slot_wal_keep_size; -1: none
  std::int64_t max_wal_bytes = 0;                     ///< max_wal_size
  std::optional<std::int64_t> directory_bytes;        ///< pg_wal, where the role may look
  std::optional<std::string> output_plugin_libraries; ///< of servers that know the setting
};

struct slot_facts {
  std::string name;
  bool logical = true;
  std::string plugin;
  std::string database;
  bool of_another_database = false;
  bool active = false;
  bool temporary = false;
  bool two_phase = false;
  std::string wal_status;
  std::int64_t kept_bytes = 0;
  std::optional<std::int64_t> safe_bytes; ///< until it is lost
};

struct prepared_facts {
  std::string name;
  std::string literal; ///< the name, as SQL wants it
  std::string owner;
  double age_seconds = 0;
};

struct running_facts {
  int pid = 0;
  std::string application;
  std::string state;
  double age_seconds = 0;
};

/// A table that the definition reads, on one node.
struct source_facts {
  std::string schema;
  std::string table;
  std::string sql_schema;
  std::string sql_name; ///< with its schema
  bool there = false;
  char kind = 'r';
  replica_identity identity = replica_identity::nothing;
  bool has_identity = false; ///< some columns, or all, come with an old row
  bool may_select = false;   ///< the columns that views use
  bool may_use_schema = false;
  bool row_security = false; ///< policies hide rows from this role
  bool columnar = false;
  char citus_kind = ' ';            ///< pg_dist_partition.partmethod; ' ': not known to Citus
  char citus_replication = ' ';     ///< pg_dist_partition.repmodel
  std::int64_t most_placements = 0; ///< of one shard
  std::string one_placement;        ///< statements that leave each shard with one, where one has more
  bool on_coordinator = true;       ///< every shard has a placement in group 0; asked of reference tables
};

/// What weir needs to do before it can read, or has done.
struct publication_facts {
  std::string name;
  bool there = false;
  std::optional<error> incomplete; ///< what is missing for reading plain or logical; empty if nothing is
  bool may_make = false;           ///< the role may make or mend it
  std::string cure;                ///< what lets the role make it
};

/// What a node of a Citus cluster says of itself.
struct citus_facts {
  std::string version;
  std::int64_t group = 0;
  bool metadata_synced = true; ///< in the node's own row of pg_dist_node
  bool listed = true;          ///< there is such a row
  bool change_data_capture = false;
  std::vector<std::string> overrides;      ///< "role x in database y: off", of citus.enable_change_data_capture
  std::vector<std::string> override_cures; ///< a statement for each
  std::optional<std::string> loaded_from;  ///< dynamic_library_path, where the role may look
  bool wrapped = false;                    ///< pgoutput is Citus' wrapper
  bool may_unwrap = false;
  bool raw_possible = false;
  bool raw_published = false;
  std::string raw_publication_sql;
  std::vector<std::string> without_identity; ///< ordinary tables of the sources' schemas; UPDATE fails when published
  std::vector<std::string> columnar;         ///< … INSERT fails when published
  std::vector<std::string> shard_like;       ///< tables that the wrapper would take for a shard of a source
  std::vector<std::string> shard_like_cures; ///< a statement for each
  std::vector<std::string> holed;            ///< sources with dropped columns
  std::vector<std::string> holed_cures;      ///< statements for each; "" where there are none
  std::vector<std::string> misshapen;        ///< shards of sources whose columns are not those of their table
};

struct node_facts {
  server_facts server;
  log_facts log;
  std::string slot;               ///< the name of weir's
  bool known = false;             ///< weir has read from this node before
  std::string expected_system_id; ///< of weir.frontier; "" if none is known
  std::string system_id;
  std::optional<error> replication_refused; ///< why no replication connection can be made
  std::vector<slot_facts> slots;
  std::vector<prepared_facts> prepared;
  std::vector<running_facts> running;
  std::vector<source_facts> sources;
  publication_facts publication;
  std::optional<citus_facts> citus;
  std::vector<error> unread; ///< questions that failed; the rest is as the server said
};

struct sink_facts {
  std::string view;
  std::string sql_name;
  std::optional<error> unfit;
};

struct target_facts {
  server_facts server;
  bool schema_there = false;
  int schema_version = 0;
  int wanted_version = 0;
  bool owns_schema = false;
  std::string holder; ///< who runs the pipeline now
  bool registered = false;
  bool same_definition = true;
  std::vector<sink_facts> sinks;
  std::vector<error> unread;
};

} // namespace weir::doctor
