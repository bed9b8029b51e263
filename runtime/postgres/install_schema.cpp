#include <charconv>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "runtime/postgres/target_ddl.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/transaction.hpp"

namespace weir::postgres {
namespace {

struct installed_schema {
  bool exists = false;
  int version = 0;
  std::string role;
  std::string database;
};

constexpr std::string_view comment_prefix = "weir, schema version ";

result<installed_schema> look(connection& target) {
  WEIR_ASSIGN(const query_result row,
              target.query("SELECT n.oid IS NOT NULL, coalesce(obj_description(n.oid, 'pg_namespace'), ''), "
                           "current_user, current_database() "
                           "FROM (VALUES ('weir')) AS wanted(name) LEFT JOIN pg_namespace AS n ON n.nspname = name"));
  installed_schema found{row.at(0, 0) == "t", 0, std::string(row.at(0, 2)), std::string(row.at(0, 3))};
  const auto comment = row.at(0, 1);
  if (comment.starts_with(comment_prefix)) {
    const auto digits = comment.substr(comment_prefix.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), found.version);
  }
  return found;
}

error with_cure(error e, const connection& target, const installed_schema& found) {
  if (e.code != errc::permission_denied) return e;
  const auto role = target.identifier(found.role);
  e.message = fmt::format("schema weir cannot be made in {}: {}", target.address(), e.message);
  e.hint = found.exists ? fmt::format("ALTER SCHEMA weir OWNER TO {}, and its tables too", role)
                        : fmt::format("GRANT CREATE ON DATABASE {} TO {}", target.identifier(found.database), role);
  return e;
}

} // namespace

status install_schema(connection& target) {
  WEIR_ASSIGN(installed_schema found, look(target));
  if (found.version == schema_version) return {};
  auto done = in_transaction(target, [&]() -> status {
    WEIR_TRY(target.execute("SELECT pg_advisory_xact_lock(hashtextextended('weir: schema', 0))"));
    // A Citus coordinator would make it on every worker, where nobody needs it. Elsewhere the setting means nothing.
    WEIR_TRY(target.execute("SET LOCAL citus.enable_ddl_propagation = off"));
    WEIR_ASSIGN(found, look(target)); // somebody else may have been first
    if (found.version == schema_version) return {};
    if (found.version > schema_version)
      return error{errc::unsupported,
                   fmt::format("schema weir in {} is of version {}; this weir knows {}", target.address(),
                               found.version, schema_version),
                   "run the newer weir that made it"};
    if (!found.exists) WEIR_TRY(target.execute("CREATE SCHEMA weir"));
    for (int version = found.version; version > 0 && version < schema_version; ++version)
      WEIR_TRY(target.execute(schema_upgrades[version - 1]));
    WEIR_TRY(target.execute(schema_ddl));
    WEIR_TRY(target.execute(functions_ddl));
    return target.execute(fmt::format("COMMENT ON SCHEMA weir IS '{}{}: pipelines that keep views of other servers'",
                                      comment_prefix, schema_version));
  });
  if (!done) return with_cure(std::move(done).error(), target, found);
  return {};
}

} // namespace weir::postgres
