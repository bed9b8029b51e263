#include "runtime/postgres/citus_membership.hpp"

#include <charconv>

namespace weir::postgres {

result<std::optional<citus_membership>> read_citus_membership(connection& sql, const std::string& publication) {
  const std::vector<parameter> name{publication};
  WEIR_ASSIGN(const query_result catalogs,
              sql.query("SELECT to_regclass('pg_catalog.pg_dist_local_group') IS NOT NULL, EXISTS (SELECT FROM "
                        "pg_publication_tables WHERE pubname = $1 AND schemaname = 'pg_catalog' AND tablename = "
                        "'pg_dist_transaction')",
                        name));
  if (catalogs.at(0, 0) != "t") return std::optional<citus_membership>{};
  WEIR_ASSIGN(const query_result group, sql.query("SELECT groupid FROM pg_catalog.pg_dist_local_group"));
  if (group.rows() == 0) return std::optional<citus_membership>{};
  citus_membership found;
  const auto text = group.at(0, 0);
  std::from_chars(text.data(), text.data() + text.size(), found.group);
  found.streams_participants = catalogs.at(0, 1) == "t";
  return std::optional(found);
}

} // namespace weir::postgres
