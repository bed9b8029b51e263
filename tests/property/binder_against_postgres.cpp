// PostgreSQL is the oracle of what expressions mean: random SQL text over a table of all types is bound by weir and by
// PostgreSQL. weir refuses it, or its type, its modifier, its values and its errors are PostgreSQL's.

#include <iostream>
#include <map>

#include "dsl/bind.hpp"
#include "dsl/lower.hpp"
#include "dsl/outline.hpp"
#include "dsl/parse.hpp"
#include "runtime/expr/evaluate.hpp"
#include "runtime/expr/sql.hpp"
#include "runtime/postgres/letter_check.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "tests/property/expr_outcomes.hpp"
#include "tests/property/expr_samples.hpp"
#include "tests/property/random_sql.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/private_server.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/sql_session.hpp"

namespace weir::test {
namespace {

constexpr std::size_t rows_in_table = 12;
constexpr int expressions = 6000;

/// The document in one of more than fits into the bytes that are looked at together.
std::string in_wide_object(const std::string& document, seeded_random& random) {
  return fmt::format(R"({{"{0}": "\"{0}", "ab": [{{"a": "}}", "b": "\\"}}], "b": {1}, "n": {{"a": "{0}"}}, "a": {1}}})",
                     std::string(random.below(150), 'x'), document);
}

/// Documents and arrays.
std::string container_of(const typed_column& c, seeded_random& random) {
  if ((c.kind == 'j' || c.kind == 'k') && random.chance(1, 4)) return in_wide_object(container_of(c, random), random);
  const auto pick = [&](const std::vector<std::string>& from) { return from[random.below(from.size())]; };
  switch (c.kind) {
    case 'j':
      return pick(
          {R"({})", R"({"a": 1, "b": [1, 2.50, "x", null, {"a": true}], "c": "te\"xt"})", R"(["a", "b", 1.0, null])",
           R"("b")", R"(12)", R"(1.00)", R"(null)", R"(true)", R"([])", R"({"n": "12", "a": null, "b": 2.5})",
           R"({"a": {"a": {"b": -1}, "b": false, "c": []}})", R"([[1, [2]], {"a": 1}, -0.0, 1e3])",
           R"({"ä": "\ud83d\ude00", "": "ö\n\u0001", "x\ty": 1, "a": "7"})", R"({"b": [1], "a": true, "c": {"x": 1}})",
           R"({"a": 1, "b": [1.0, 2.5]})", R"({"a": 40000, "b": "zz"})"});
    case 'k':
      return pick({R"( {"a" : 1 , "b":[1, 2.50 ,"x",null,{"a":true}] } )", R"({"a":{"b":1},"a":{"c":2}})",
                   R"([1,[2, 3 ]])", R"( "te\u0041xt" )", R"( null )", R"({"\u0061": "\ud83d\ude00", "b": "\u00e4\/"})",
                   R"({"a": "\ud800"})", R"({"b": "\u0000", "a": 1})", R"(12)", R"({ })", R"([ ])",
                   R"({"a":"1","b":null,"a":"2"})", R"([{"a":1e5}, 1E2])"});
    case 'I':
    case 'L':
      return pick({"{}", "{1,2}", "{7,NULL,-3}", "[2:3]={1,2}", "{{1,2},{3,7}}", "{0}", "{NULL}", "[0:1]={12,100}"});
    case 'S':
      return pick({"{}", "{a,Ab}", R"({"b c","",NULL})", R"({"x\"y","a\\b",eu})", R"({"NULL","{}",a})", "[-1:0]={a,12}",
                   "{{a,b},{ä,eu}}"});
    case 'V': return pick({"{}", "{a,eu}", "{NULL,Ab}", R"({"",b})"});
    case 'N': return pick({"{}", "{1.5,100}", "{1.50,NULL}", "{0.00,-2.25}", "{NaN,99999.99}", "[5:6]={0.01,1}"});
    case 'D': return pick({"{}", "{2024-02-29,NULL}", "{2000-01-01,infinity}"});
    case 'B': return pick({"{t,f}", "{t}", "{NULL,f}", "{}"});
    case 'U': return pick({"{}", "{00000000-0000-0000-0000-000000000000,NULL}"});
    case 'M': return pick({R"({"2024-02-29 12:00:00",NULL})", R"({"1999-12-31 00:00:00","2024-01-31 23:00:00.5"})"});
    default: return pick({"{sad,ok}", "{happy}", "{NULL,ok}", "{}"});
  }
}

std::string value_of(const typed_column& c, seeded_random& random, samples& sample) {
  const auto pick = [&](const std::vector<std::string>& from) { return from[random.below(from.size())]; };
  const auto small_int = [&] { return fmt::format("{}", static_cast<int>(random.below(40)) - 10); };
  switch (c.kind) {
    case 'b': return sample.of(type_id::boolean);
    case 'i': return random.chance(1, 6) && c.name != "di" ? sample.of(type_id::int2) : small_int();
    case 'n': return pick({"0", "1.50", "1.5", "-2.25", "100", "99999.99", "0.01"});
    case 'f': return pick({"0", "1.5", "-2.25", "100", "0.1", "NaN", "-0"});
    case 's':
      return pick({"", "a", "Ab", "eu", "b", "ab  ", "12", "1.50", "Zeta", "Äö", "Σ"})
          .substr(0, c.name == "sv5" ? 5 : 99);
    case 'g': return pick({"", "AB", "aB", "äö", "ÄÖ", "eu", "Σ", "ς", "σ", "İi", "ß", "ẞ", "12", "A%", "Kelvin"});
    case 'd': return sample.of(type_id::date);
    case 't': return sample.of(type_id::time);
    case 'm': return sample.of(type_id::timestamp);
    case 'z': return sample.of(type_id::timestamptz);
    case 'v': return pick({"1 day", "24:00:00", "1 mon", "30 days", "-01:30:00", "1 year 2 mons", "00:00:00.5"});
    case 'u': return sample.of(type_id::uuid);
    case 'c': return pick({"a", "ab", "a ", "", "b"});
    case 'e': return pick({"sad", "ok", "happy"});
    case 'x': break;
    default: return container_of(c, random);
  }
  if (c.name == "xb") return pick({"\\x", "\\x00ff", "\\x61"});
  if (c.name == "xi") return pick({"10.0.0.1", "10.0.0.0/8", "::1"});
  if (c.name == "xa") return pick({"{}", "{1,2}", "{1,NULL}", "[2:3]={1,2}"});
  if (c.name == "xj") return pick({"{}", "{\"a\": 1.0}", "[1, 2]"});
  return pick({"x", "a", "Name"});
}

/// The table, in PostgreSQL and as a batch.
struct table_of_all_types {
  node_catalog catalog;
  std::map<std::string, column> columns;

  table_of_all_types(sql_session& session, postgres::connection& sql, seeded_random& random) {
    const plain_quoter quote;
    samples sample(random);
    std::string create;
    for (const auto& c : columns_of_all_types()) create += fmt::format(", {} {}", c.name, c.type);
    session.run("drop view if exists bound; drop table if exists t");
    session.run("create table t (id int primary key" + create + "); alter table t replica identity full");
    for (std::size_t r = 0; r < rows_in_table; ++r) {
      std::string values;
      for (const auto& c : columns_of_all_types())
        values += random.chance(1, 6) ? ", null" : ", " + quote.literal(value_of(c, random, sample));
      session.run(fmt::format("insert into t values ({}{})", r, values));
    }
    auto read = postgres::read_catalog(sql, "n1", {{"public", "t"}});
    const auto letters = postgres::read_letter_cases(sql);
    REQUIRE(read);
    REQUIRE(letters);
    catalog = *std::move(read);
    give_letters(catalog, *letters);
  }

  /// The columns of a plan's source, as a stream would bring them.
  batch rows(sql_session& session, const source_plan& source) {
    batch out;
    for (const auto& c : source.columns) {
      column& values = out.columns.emplace_back(c.type);
      for (const auto& row : session.rows("select " + c.name + " from t order by id")) {
        if (row[0]) {
          REQUIRE(append_text(values, *row[0]));
        } else {
          values.append_null();
        }
      }
    }
    out.weights.assign(rows_in_table, 1);
    return out;
  }
};

/// The plan of a view that counts the expression; empty if weir refuses it.
std::optional<pipeline_plan> plan_of(const std::string& expression, const node_catalog& catalog,
                                     dsl::diagnostics& found) {
  const auto text = dsl::text_of("test.pipe", "pipeline p;\ncluster shop { nodes n1 \"host=nowhere\"; }\n"
                                              "source t from shop.public.t;\nview v as select count(" +
                                                  expression + ") as n from t;\nsink v into shop.public.v;\n");
  auto parsed = dsl::parse(text);
  auto outlined = dsl::outline_of(parsed.program, {});
  auto bound = dsl::bind(parsed.program, outlined.outline, {"shop", {catalog}});
  for (auto* some : {&parsed.found, &outlined.found, &bound.found})
    found.insert(found.end(), some->begin(), some->end());
  if (!bound.pipeline || dsl::has_errors(found)) return std::nullopt;
  return dsl::lower(*bound.pipeline);
}

/// The type of the expression in what is made of a query, or PostgreSQL's objection. A domain is its base type.
std::string type_in(const char* relation, sql_session& session, const std::string& expression) {
  try {
    session.run(fmt::format("create {} bound as select ({}) as x from t", relation, expression));
  } catch (const sql_error& e) {
    return std::string("! ") + e.what();
  }
  auto type =
      session.value("set search_path = pg_catalog; select format_type(case t.typtype when 'd' then t.typbasetype "
                    "else atttypid end, atttypmod) from pg_attribute join pg_type as t on t.oid = atttypid where "
                    "attrelid = 'public.bound'::regclass and attname = 'x'");
  session.run(fmt::format("reset search_path; drop {} bound", relation));
  return type;
}

/// In a view; where the planner folds nulls away, create table as knows more of the modifier, as weir does.
std::string type_in_postgres(sql_session& session, const std::string& expression, const std::string& ours) {
  auto type = type_in("view", session, expression);
  if (type == ours || type.starts_with('!')) return type;
  return type_in("table", session, expression) == ours ? ours : type;
}

/// Does PostgreSQL compute the same from weir's SQL of the expression? The first load is made of it.
bool reads_back(sql_session& session, const expression& bound, const source_plan& source, outcomes wanted) {
  const plain_quoter quote;
  std::vector<std::string> columns;
  for (const auto& c : source.columns) columns.push_back("t." + c.name);
  const auto sql = to_sql(bound, columns, quote);
  auto read = outcomes_in_postgres(session, sql);
  for (auto* side : {&wanted, &read})
    for (auto& outcome : *side) {
      if (outcome.starts_with('!')) outcome = "!"; // of two errors PostgreSQL may find the other one first
      if (bound.type.id == type_id::character) outcome.erase(outcome.find_last_not_of(' ') + 1);
    }
  INFO("as SQL: " << sql);
  CHECK(read == wanted);
  return read == wanted;
}

TEST_CASE("an expression that weir binds has the type and the values that it has in PostgreSQL", "[expr][postgres]") {
  private_server server({.settings = {"timezone = 'UTC'", "datestyle = 'ISO, MDY'", "jit = off"}});
  // Letters are those of Unicode there, not ASCII's as in the other database.
  sql_session(server.conninfo())
      .run("create database letters template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'");
  sql_session session(server.conninfo("letters"));
  session.run(outcome_function);
  session.run("create extension citext");
  session.run("create type public.mood as enum ('sad', 'ok', 'happy'); create domain public.small as integer");
  auto sql = postgres::connection::open(server.conninfo("letters"), {});
  REQUIRE(sql);
  seeded_random random(seed());
  random_sql make(random);
  std::map<std::string, int> refusals;
  int accepted = 0;
  int differing = 0;
  for (int table = 0; table < 4 && differing < 8; ++table) {
    table_of_all_types t(session, *sql, random);
    for (int i = 0; i < expressions / 4 && differing < 8; ++i) {
      const auto expression = make.any(1 + static_cast<int>(random.below(3)));
      dsl::diagnostics found;
      const auto plan = plan_of(expression, t.catalog, found);
      if (!plan) {
        REQUIRE_FALSE(found.empty());
        ++refusals[dsl::to_string(found.front().code)];
        continue;
      }
      ++accepted;
      const auto& bound = plan->views[0].inputs.empty() ? plan->views[0].keys[0] : plan->views[0].inputs[0];
      INFO(expression);
      const auto type = type_in_postgres(session, expression, to_sql(bound.type));
      if (type != to_sql(bound.type)) {
        ++differing;
        CHECK(to_sql(bound.type) == type);
        continue;
      }
      const auto compute = evaluator::make(bound);
      REQUIRE(compute);
      auto ours = outcomes_in_weir(*compute, t.rows(session, plan->sources[0]));
      auto theirs = outcomes_in_postgres(session, expression);
      if (bound.type.id == type_id::character) // the blanks at its end do not count, and do not lie in a column
        for (auto* side : {&ours, &theirs})
          for (auto& outcome : *side) outcome.erase(outcome.find_last_not_of(' ') + 1);
      REQUIRE(theirs.size() == ours.size());
      if (i % 4 == 0 && !reads_back(session, bound, plan->sources[0], theirs)) ++differing;
      for (std::size_t r = 0; r < ours.size(); ++r) {
        if (with_short_quote(ours[r]) == with_short_quote(theirs[r])) continue;
        ++differing;
        UNSCOPED_INFO("row " << r);
        CHECK(ours[r] == theirs[r]);
        break;
      }
    }
  }
  std::string refused;
  for (const auto& [code, times] : refusals) refused += fmt::format(" {} {}", code, times);
  std::cout << fmt::format("{} of {} expressions bound, refused:{}\n", accepted, expressions, refused);
  CHECK(differing == 0);
  CHECK(accepted > expressions / 4); // else nothing was compared
}

} // namespace
} // namespace weir::test
