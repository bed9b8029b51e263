#pragma once

#include <string>

namespace weir::test {

/// Statements (for a superuser) that give a plain server the catalogs of a node of a Citus cluster, empty but for the
/// node's group: for tests of what looks into catalogs. Nothing behaves like Citus.
inline std::string citus_catalogs(int group) {
  return "SET allow_system_table_mods = on;"
         "CREATE TABLE pg_catalog.pg_dist_node(nodeid int PRIMARY KEY, groupid int, nodename text, nodeport int, "
         "isactive bool DEFAULT true, noderole text DEFAULT 'primary', shouldhaveshards bool DEFAULT true);"
         "CREATE TABLE pg_catalog.pg_dist_partition(logicalrelid regclass UNIQUE, partmethod \"char\", partkey text, "
         "colocationid int, repmodel \"char\");"
         "CREATE TABLE pg_catalog.pg_dist_shard(logicalrelid regclass, shardid bigint UNIQUE, shardstorage \"char\", "
         "shardminvalue text, shardmaxvalue text);"
         "CREATE TABLE pg_catalog.pg_dist_placement(placementid bigint UNIQUE, shardid bigint, shardstate int DEFAULT "
         "1, shardlength bigint DEFAULT 0, groupid int);"
         "CREATE TABLE pg_catalog.pg_dist_transaction(groupid int, gid text, outer_xid xid8);"
         "CREATE TABLE pg_catalog.pg_dist_local_group(groupid int);"
         "INSERT INTO pg_catalog.pg_dist_local_group VALUES (" +
         std::to_string(group) +
         ");"
         "CREATE FUNCTION pg_catalog.shard_name(regclass, bigint) RETURNS text STABLE LANGUAGE sql AS 'SELECT "
         "quote_ident(relname || ''_'' || $2) FROM pg_class WHERE oid = $1';"
         "GRANT SELECT ON ALL TABLES IN SCHEMA pg_catalog TO PUBLIC;"
         "RESET allow_system_table_mods;";
}

} // namespace weir::test
