#include "runtime/postgres/registration.hpp"

#include <vector>

namespace weir::postgres {

result<std::optional<registration>> read_registration(connection& target, const std::string& pipeline) {
  WEIR_ASSIGN(const query_result installed, target.query("SELECT to_regclass('weir.pipelines') IS NOT NULL"));
  if (installed.at(0, 0) != "t") return std::optional<registration>{};
  const std::vector<parameter> name{pipeline};
  WEIR_ASSIGN(const query_result rows,
              target.query("SELECT fingerprint, definition FROM weir.pipelines WHERE pipeline = $1", name));
  if (rows.rows() == 0) return std::optional<registration>{};
  return std::optional<registration>{{std::string(rows.at(0, 0)), std::string(rows.at(0, 1))}};
}

} // namespace weir::postgres
