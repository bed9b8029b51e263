// PostgreSQL is the oracle of expressions: random typed ones over random rows, value by value and error by error.

#include <algorithm>
#include <optional>

#include "runtime/expr/evaluate.hpp"
#include "runtime/expr/sql.hpp"
#include "tests/property/expr_samples.hpp"
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

class random_expressions {
public:
  random_expressions(seeded_random& random, const batch& rows) : random_(random), rows_(rows), sample_(random) {}

  expression of(type_id id, int depth) {
    if (depth == 0 || random_.chance(1, 8)) return leaf(id);
    if (id == type_id::boolean) return boolean(depth - 1);
    if (!is_number(id))
      return id == type_id::text && random_.chance(1, 3) ? cast(type_id::varchar, id, depth) : leaf(id);
    if (random_.chance(1, 6)) return widened(id, depth - 1);
    if (random_.chance(1, 10)) return node(operation::negate, id, {of(id, depth - 1)});
    return node(arithmetic_of(id), id, {of(id, depth - 1), of(id, depth - 1)});
  }

  type_id any_type() { return all_types[random_.below(all_types.size())]; }
  /// More numbers than anything else: that is where the arithmetic is.
  type_id result_type() {
    constexpr std::array<type_id, 10> weighted{type_id::boolean, type_id::boolean, type_id::boolean, type_id::numeric,
                                               type_id::numeric, type_id::int2,    type_id::int4,    type_id::int8,
                                               type_id::float4,  type_id::float8};
    return weighted[random_.below(weighted.size())];
  }

private:
  static expression node(operation op, type_id id, std::vector<expression> args) {
    expression e;
    e.op = op;
    e.type = {id, -1};
    e.args = std::move(args);
    return e;
  }

  operation arithmetic_of(type_id id) {
    constexpr std::array<operation, 5> all{operation::add, operation::subtract, operation::multiply, operation::divide,
                                           operation::modulo};
    return all[random_.below(is_float(id) ? 4 : 5)];
  }

  expression leaf(type_id id) {
    if (random_.chance(1, 4)) {
      auto e = node(operation::literal, id, {});
      e.literal_is_null = random_.chance(1, 12);
      if (!e.literal_is_null) e.literal_text = sample_.of(id);
      return e;
    }
    std::vector<std::int32_t> of_type;
    for (std::size_t i = 0; i < rows_.columns.size(); ++i) {
      if (rows_.columns[i].type.id == id) of_type.push_back(static_cast<std::int32_t>(i));
    }
    auto e = node(operation::column, id, {});
    e.column_index = of_type[random_.below(of_type.size())];
    return e;
  }

  expression cast(type_id from, type_id to, int depth) { return node(operation::cast, to, {of(from, depth)}); }

  expression widened(type_id id, int depth) {
    switch (id) {
      case type_id::int4: return cast(type_id::int2, id, depth);
      case type_id::int8: return cast(random_.chance(1, 2) ? type_id::int2 : type_id::int4, id, depth);
      case type_id::numeric: return cast(random_.chance(1, 2) ? type_id::int8 : type_id::int4, id, depth);
      case type_id::float4: return cast(random_.chance(1, 2) ? type_id::int8 : type_id::numeric, id, depth);
      case type_id::float8: {
        constexpr std::array<type_id, 4> from{type_id::int4, type_id::int8, type_id::numeric, type_id::float4};
        return cast(from[random_.below(from.size())], id, depth);
      }
      default: return of(id, depth);
    }
  }

  expression boolean(int depth) {
    switch (random_.below(8)) {
      case 0: return node(operation::logical_not, type_id::boolean, {of(type_id::boolean, depth)});
      case 1:
        return node(random_.chance(1, 2) ? operation::is_null : operation::is_not_null, type_id::boolean,
                    {of(any_type(), depth)});
      case 2:
      case 3: {
        const auto op = random_.chance(1, 2) ? operation::logical_and : operation::logical_or;
        auto e = node(op, type_id::boolean, {of(type_id::boolean, depth), of(type_id::boolean, depth)});
        if (random_.chance(1, 4)) e.args.push_back(of(type_id::boolean, depth));
        return e;
      }
      case 4: {
        const auto id = any_type();
        auto e = node(operation::in_list, type_id::boolean, {of(id, depth)});
        for (auto n = 1 + random_.below(4); n > 0; --n)
          e.args.push_back(random_.chance(1, 2) ? leaf(id) : of(id, depth));
        return e;
      }
      default: {
        constexpr std::array<operation, 6> all{operation::equal,      operation::not_equal, operation::less,
                                               operation::less_equal, operation::greater,   operation::greater_equal};
        const auto id = random_.chance(1, 2) ? any_type() : result_type();
        return node(all[random_.below(all.size())], type_id::boolean, {of(id, depth), of(id, depth)});
      }
    }
  }

  seeded_random& random_;
  const batch& rows_;
  samples sample_;
};

/// What became of one row: "null", "= text" or "! message".
using outcomes = std::vector<std::string>;

outcomes in_weir(const evaluator& compute, const batch& rows) {
  std::vector<row_error> errors;
  const auto values = compute.evaluate(rows, errors);
  REQUIRE(values.rows() == rows.rows());
  outcomes out;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto failed = std::find_if(errors.begin(), errors.end(), [&](const auto& e) { return e.row == r; });
    if (failed != errors.end()) {
      out.push_back("! " + failed->message);
    } else if (values.is_null(r)) {
      out.emplace_back("null");
    } else {
      out.emplace_back("= ");
      write_text(values, r, out.back());
    }
  }
  return out;
}

/// One statement for all rows; where some row fails, a statement for each.
outcomes in_postgres(sql_session& session, const std::string& sql) {
  outcomes out;
  try {
    for (const auto& row : session.rows("select " + sql + " from t order by id")) {
      out.push_back(row[0] ? "= " + *row[0] : "null");
    }
    return out;
  } catch (const sql_error&) {
    const auto each = "select outcome(" + plain_quoter().literal(sql) + ", id) from t order by id";
    for (const auto& row : session.rows(each)) out.push_back(*row[0]);
    return out;
  }
}

constexpr const char* outcome_function = R"(
  create function outcome(sql text, row_id int) returns text language plpgsql as $$
  declare
    answer text;
  begin
    -- The array keeps the type's own text form: a boolean cast to text reads otherwise.
    execute 'select array_to_string(array[' || sql || '], ''|'', ''<null>'') from t where id = '
      || row_id into answer;
    if answer = '<null>' then return 'null'; end if;
    return '= ' || answer;
  exception when others then
    return '! ' || sqlerrm;
  end $$)";

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
      const auto ours = in_weir(*compute, t.rows);
      const auto theirs = in_postgres(session, sql);
      REQUIRE(theirs.size() == ours.size());
      ++compared;
      for (std::size_t r = 0; r < ours.size(); ++r) {
        failing_rows += ours[r].starts_with('!') ? 1 : 0;
        if (ours[r] == theirs[r]) continue;
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
