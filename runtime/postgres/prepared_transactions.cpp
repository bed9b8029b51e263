#include "runtime/postgres/prepared_transactions.hpp"

#include <charconv>

namespace weir::postgres {

result<std::vector<xid>> prepared_transactions(connection& sql) {
  WEIR_ASSIGN(const auto answer,
              sql.query("SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()"));
  std::vector<xid> ids(answer.rows());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto text = answer.at(i, 0);
    std::from_chars(text.data(), text.data() + text.size(), ids[i].value);
  }
  return ids;
}

} // namespace weir::postgres
