#include "tests/citus/changes.hpp"

#include <fmt/format.h>

namespace weir::test {

std::string orders_table(const std::string& table) {
  return fmt::format("create table {0} (order_id bigint primary key, region text, status text not null, "
                     "amount numeric(12,2) not null, note text); alter table {0} replica identity full;",
                     table);
}

std::string some_rows(int from, int to, const std::string& table) {
  return fmt::format("insert into {} select i, 'r' || i % 7, case when i % 3 = 0 then 'open' else 'paid' end, "
                     "i / 4.0, 'n' from generate_series({}, {}) i",
                     table, from, to);
}

void some_changes(const citus_scenario& s, int from, const std::string& table) {
  const auto nodes = s.members();
  auto one = s.session(nodes.at(1)), other = s.session(nodes.back());
  s.sql(some_rows(from, from + 199, table));
  one.run(some_rows(from + 200, from + 299, table));
  s.sql(fmt::format("update {} set region = 'moved', amount = amount + 1 where order_id between {} and {}", table,
                    from + 10, from + 40));
  other.run(fmt::format("update {} set status = 'paid' where order_id = {}", table, from + 210));
  other.run(fmt::format("delete from {} where order_id between {} and {}", table, from + 50, from + 60));
}

} // namespace weir::test
