// PostgreSQL is the oracle of expressions: random typed ones over random rows, value by value and error by error.

#include <algorithm>
#include <optional>

#include "runtime/expr/evaluate.hpp"
#include "runtime/expr/sql.hpp"
#include "tests/property/expr_outcomes.hpp"
#include "tests/property/expr_samples.hpp"
#include "tests/property/random_expressions.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/private_server.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/sql_session.hpp"

namespace weir::test {
namespace {

constexpr std::size_t rows_in_table = 40;
constexpr int expressions = 4000;

/// Three columns of each type, a fifth of the values null.
struct random_table {
  std::vector<std::string> names; ///< quoted
  batch rows;
  std::string insert;
  std::string create;

  explicit random_table(seeded_random& random) {
    const plain_quoter quote;
    samples sample(random);
    for (const auto id : all_types) {
      for (int i = 0; i < 3; ++i) {
        names.push_back(fmt::format("c{}", names.size()));
        rows.columns.emplace_back(data_type{id, -1});
        create += fmt::format(", {} {}", names.back(), to_sql(data_type{id, -1}));
      }
    }
    create = "create table t (id int primary key" + create + ")";
    for (std::size_t r = 0; r < rows_in_table; ++r) {
      insert += fmt::format("{}({}", r == 0 ? "insert into t values " : ", ", r);
      for (auto& c : rows.columns) {
        if (random.chance(1, 5)) {
          c.append_null();
          insert += ", null";
          continue;
        }
        const auto text = sample.of(c.type.id);
        REQUIRE(append_text(c, text));
        insert += ", " + quote.literal(text);
      }
      insert += ")";
      rows.weights.push_back(1);
    }
  }
};

TEST_CASE("an expression has the values, and fails on the rows, that it has in PostgreSQL", "[expr][postgres]") {
  private_server server({.settings = {"timezone = 'UTC'", "datestyle = 'ISO, MDY'", "jit = off"}});
  sql_session session(server.conninfo());
  session.run(outcome_function);
  seeded_random random(seed());
  const plain_quoter quote;
  int compared = 0;
  int failing_rows = 0;
  int differing = 0;
  for (int table = 0; table < 8 && differing < 5; ++table) {
    const random_table t(random);
    session.run("drop table if exists t");
    session.run(t.create);
    session.run(t.insert);
    random_expressions make(random, t.rows);
    for (int i = 0; i < expressions / 8 && differing < 5; ++i) {
      const auto e = make.of(make.result_type(), 1 + static_cast<int>(random.below(4)));
      const auto sql = to_sql(e, t.names, quote);
      const auto compute = evaluator::make(e);
      INFO(sql);
      REQUIRE(compute);
      const auto ours = outcomes_in_weir(*compute, t.rows);
      const auto theirs = outcomes_in_postgres(session, sql);
      REQUIRE(theirs.size() == ours.size());
      ++compared;
      for (std::size_t r = 0; r < ours.size(); ++r) {
        failing_rows += ours[r].starts_with('!') ? 1 : 0;
        if (with_short_quote(ours[r]) == with_short_quote(theirs[r])) continue;
        ++differing;
        UNSCOPED_INFO(sql << "\n  row " << r << ": weir " << ours[r] << ", PostgreSQL " << theirs[r]);
        CHECK(ours[r] == theirs[r]);
        break;
      }
    }
  }
  CHECK(differing == 0);
  CHECK(compared == expressions);
  CHECK(failing_rows > 0); // else the generator has lost its teeth
}

} // namespace
} // namespace weir::test
