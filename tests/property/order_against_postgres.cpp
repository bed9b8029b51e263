// PostgreSQL is the oracle of how values are ordered that weir passes through as texts.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/base/random.hpp"
#include "runtime/expr/evaluate.hpp"
#include "runtime/expr/verbatim_order.hpp"
#include "runtime/rows/batch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/private_server.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/sql_session.hpp"

namespace weir::test {
namespace {

constexpr int random_values = 60;

struct ordered_type {
  const char* name;
  std::vector<std::string> values; ///< in any form that PostgreSQL reads
  const char* random;              ///< an SQL expression for one more
};

const std::vector<ordered_type>& ordered_types() {
  static const std::vector<ordered_type> all{
      {"bytea", {"", "\\x00", "\\x0000", "\\xff", "\\x61", "\\x6162"}, "decode(md5(random()::text), 'hex')"},
      {"name", {"", "a", "A", "ab", "é", "_"}, "left(md5(random()::text), 3)"},
      {"oid", {"0", "9", "10", "4294967295"}, "(random() * 4e9)::bigint"},
      {"macaddr", {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "08:00:2b:01:02:03"}, "left(md5(random()::text), 12)"},
      {"macaddr8", {"08:00:2b:01:02:03:04:05", "ff:00:00:00:00:00:00:00"}, "left(md5(random()::text), 16)"},
      {"bit(5)", {"00000", "11111", "01000"}, "(random() * 31)::int::bit(5)"},
      {"bit varying",
       {"", "0", "00", "1", "10", "0111", "01110000", "011100000"},
       "left((random() * 1e6)::int::bit(20)::text, (random() * 20)::int)"},
      {"pg_lsn",
       {"0/0", "0/FF", "1/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"},
       "'0/0'::pg_lsn + (random() * 1e12)::bigint"},
      {"inet",
       {"0.0.0.0", "10.0.0.1", "10.0.0.1/8", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "0.0.0.0/0", "::", "::1",
        "::1/0", "2001:db8::1/33", "2001:db8::/33", "::ffff:10.0.0.1"},
       "format('%s.%s.%s.%s/%s', (random() * 3)::int, (random() * 255)::int, (random() * 3)::int, (random() * "
       "255)::int, "
       "(random() * 32)::int)"},
      {"cidr",
       {"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/32", "10.1.0.0/16", "::/0", "2001:db8::/32"},
       "network(format('%s.%s.0.0/%s', (random() * 3)::int, (random() * 255)::int, (random() * 32)::int)::inet)"},
      {"time with time zone",
       {"00:00+00", "24:00+00", "12:00+02", "10:00+00", "10:00:00.5+00", "10:00:00.000001+00", "08:00-02",
        "05:30+05:30", "12:00:01+00:00:01", "12:00-15:59:59", "23:59:59.999999-15:59"},
       "format('%s:%s:00.%s%s:30', (random() * 23)::int, (random() * 59)::int, (random() * 99)::int, "
       "to_char((random() * 28)::int - 14, 'SG00'))"},
      {"time(2) with time zone",
       {"12:00:00.25+02", "10:00:00.25+00"},
       "make_time(1, (random() * 59)::int, 0) || '+01'"},
  };
  return all;
}

/// `left op right` of all rows.
column in_weir(operation op, const batch& rows) {
  expression e;
  e.op = op;
  e.type = {type_id::boolean};
  for (const std::int32_t side : {0, 1}) {
    expression value;
    value.op = operation::column;
    value.column_index = side;
    value.type = rows.columns[static_cast<std::size_t>(side)].type;
    e.args.push_back(value);
  }
  const auto compute = evaluator::make(e);
  REQUIRE(compute);
  std::vector<row_error> errors;
  auto out = compute->evaluate(rows, errors);
  REQUIRE(errors.empty());
  return out;
}

} // namespace

TEST_CASE("values that are passed through are ordered as in PostgreSQL", "[expr]") {
  private_server server;
  sql_session session(server.conninfo());
  session.run(fmt::format("select setseed({})", static_cast<double>(seed() % 1000) / 1000));
  for (const auto& t : ordered_types()) {
    INFO(t.name);
    session.run(fmt::format(
        "create temp table v as select row_number() over () as id, x from (select distinct x::{0} as x from "
        "unnest(array['{1}']) x union select ({2})::text::{0} from generate_series(1, {3})) a",
        t.name, fmt::join(t.values, "', '"), t.random, random_values));
    const data_type type{type_id::verbatim, -1, t.name};
    REQUIRE(order_of(type) != nullptr);
    const auto pairs =
        session.rows("select a.x::text, b.x::text, a.x < b.x, a.x <= b.x, a.x > b.x, a.x >= b.x from v a, v b");
    CHECK(pairs.size() >= 9);
    batch rows;
    for (const std::size_t side : {0U, 1U}) {
      auto& values = rows.columns.emplace_back(type);
      for (const auto& pair : pairs) values.append_bytes(*pair[side]);
    }
    rows.weights.assign(pairs.size(), 1);
    std::size_t answer = 2;
    for (const auto op : {operation::less, operation::less_equal, operation::greater, operation::greater_equal}) {
      const auto ours = in_weir(op, rows);
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        INFO(*pairs[i][0] << " and " << *pairs[i][1] << ", operator " << answer - 2);
        REQUIRE((ours.i64[i] == 1) == (pairs[i][answer] == "t"));
      }
      ++answer;
    }
    session.run("drop table v");
  }
}

} // namespace weir::test
