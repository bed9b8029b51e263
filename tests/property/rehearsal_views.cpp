#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/random.hpp"
#include "runtime/capture/projection.hpp"
#include "runtime/operators/aggregate_delta.hpp"
#include "runtime/plan/aggregate_spec_of.hpp"
#include "runtime/rehearsal/constant.hpp"
#include "runtime/rehearsal/view_state.hpp"
#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/seed.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr const char* columns = "region text, i2 smallint, i4 integer, i8 bigint, n numeric, m numeric(12,2), f real, "
                                "d double precision";
constexpr const char* query =
    "select {} count(*) as c, count(n) as cn, sum(i2) as s2, sum(i4) as s4, sum(i8) as s8, sum(n) as sn, sum(m) as sm, "
    "sum(f) as sf, sum(d) as sd, avg(i2) as a2, avg(i4) as a4, avg(i8) as a8, avg(n) as an, avg(m) as am, avg(f) as "
    "af, "
    "avg(d) as ad from facts{}";

using fact = std::vector<std::optional<std::string>>;

fact random_fact(seeded_random& random) {
  const auto whole = [&](std::int64_t most) {
    return std::to_string(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * most))) - most);
  };
  const auto number = [&]() -> std::string {
    switch (random.below(30)) {
      case 0: return "NaN";
      case 1: return "Infinity";
      case 2: return "-Infinity";
      case 3: return "123456789012345678901234567890.12345678901234567890";
      case 4: return "0.00000";
      default: {
        auto digits = std::to_string(random.below(1'000'000'000));
        const auto point = random.below(digits.size() + 1);
        return (random.chance(1, 2) ? "-" : "") + digits.substr(0, point) + (point == 0 ? "0." : ".") +
               digits.substr(point) + (point == digits.size() ? "0" : "");
      }
    }
  };
  // quarters add up without rounding, in whatever order
  const auto quarter = [&] {
    return random.chance(1, 40)   ? std::string("NaN")
           : random.chance(1, 40) ? std::string("Infinity")
                                  : whole(4000) + ".25";
  };
  fact out{random.chance(1, 10) ? std::nullopt
                                : std::optional(std::string(1, static_cast<char>('a' + random.below(4)))),
           whole(32'000),
           whole(2'000'000'000),
           whole(9'000'000'000'000'000'000),
           number(),
           whole(900'000) + ".5",
           quarter(),
           quarter()};
  for (std::size_t i = 1; i < out.size(); ++i)
    if (random.chance(1, 6)) out[i].reset();
  return out;
}

std::string literal_of(const std::optional<std::string>& value) { return value ? "'" + *value + "'" : "NULL"; }

std::vector<std::string> asked(postgres::connection& sql, const std::string& select) {
  const auto rows = gained(sql.query(select));
  std::vector<std::string> out;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    auto& line = out.emplace_back();
    for (std::size_t c = 0; c < rows.columns(); ++c)
      line += (rows.is_null(r, c) ? "null" : std::string(rows.at(r, c))) + "|";
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> shown(const batch& rows) {
  std::vector<std::string> out;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    auto& line = out.emplace_back();
    for (const auto& c : rows.columns) line += rehearsal::text_at(c, r).value_or("null") + "|";
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// What a worker adds to the view for the rows.
void add(const pipeline_plan& plan, std::uint16_t node, const std::vector<fact>& facts, std::int64_t weight,
         rehearsal::view_state& to) {
  batch rows;
  const auto unread = 8 - plan.sources[0].columns.size(); // the key, where there is none
  for (std::size_t c = 0; c < plan.sources[0].columns.size(); ++c) {
    auto& column = rows.columns.emplace_back(plan.sources[0].columns[c].type);
    for (const auto& f : facts) {
      if (const auto& value = f[c + unread])
        succeeds(append_text(column, *value));
      else
        column.append_null();
    }
  }
  rows.weights.assign(facts.size(), weight);
  capture::source_rows waiting(plan.sources[0]);
  waiting.assign(std::move(rows));
  auto projection = gained(capture::projection::make(plan.views[0], plan.sources[0].columns.size()));
  const auto made = projection.run(waiting);
  if (!made.rows) return;
  aggregate_delta sums(aggregate_spec_of(plan.views[0]));
  sums.add(node_index{node}, *made.rows, 0, made.rows->rows());
  for (const auto& state : sums.drain(3).states) succeeds(to.add(state));
}

void compare(const std::string& key, const std::string& group) {
  auto sql = source_server::shared().connect(source_server::shared().fresh_database());
  succeeds(sql.execute(fmt::format("CREATE TABLE public.facts ({})", columns)));
  const schema_text schema("public.facts full\n  region text\n  i2 smallint\n  i4 integer\n  i8 bigint\n  n numeric\n"
                           "  m numeric(12,2)\n  f real\n  d float8\n");
  const auto select = fmt::format(fmt::runtime(query), key, group);
  const auto done = compile("pipeline p; cluster shop { coordinator \"host=a\"; nodes w1 \"host=b\", w2 \"host=c\"; }\n"
                            "source facts from shop.public.facts;\nview v as " +
                                select + ";\nsink v into shop.public.v;",
                            schema);
  INFO(done.rendered());
  REQUIRE(done.plan.has_value());
  REQUIRE(done.plan->sources[0].columns.size() == (key.empty() ? 7 : 8));

  seeded_random random(seed());
  rehearsal::view_state state(done.plan->views[0]);
  std::vector<std::pair<std::uint16_t, fact>> there;
  for (int step = 0; step < 60; ++step) {
    if (there.empty() || random.chance(2, 3)) {
      const auto node = static_cast<std::uint16_t>(random.below(2));
      std::vector<fact> more;
      for (auto n = random.below(5); n-- > 0;) more.push_back(random_fact(random));
      add(*done.plan, node, more, 1, state);
      for (auto& f : more) there.emplace_back(node, std::move(f));
    } else {
      const auto which = random.below(there.size());
      add(*done.plan, there[which].first, {there[which].second}, -1, state);
      there.erase(there.begin() + static_cast<std::ptrdiff_t>(which));
    }
    if (step == 40) {
      state.truncate(node_index{1});
      std::erase_if(there, [](const auto& f) { return f.first == 1; });
    }
    if (step == 50) {
      succeeds(state.give(node_index{0}, node_index{1}));
      for (auto& f : there) f.first = 1;
    }
    if (step % 5 != 0) continue;
    succeeds(sql.execute("TRUNCATE public.facts"));
    for (const auto& [node, f] : there) {
      std::string values;
      for (const auto& v : f) values += (values.empty() ? "" : ", ") + literal_of(v);
      succeeds(sql.execute(fmt::format("INSERT INTO public.facts VALUES ({})", values)));
    }
    auto in_sql = select;
    in_sql.replace(in_sql.find("from facts"), 10, "from public.facts");
    CHECK(shown(gained(state.rows())) == asked(sql, in_sql));
  }
}

} // namespace

TEST_CASE("a rehearsal's view shows what PostgreSQL computes, digit by digit", "[postgres][rehearsal]") {
  compare("region,", " group by region");
}

TEST_CASE("a rehearsal's view without keys is one row, always", "[postgres][rehearsal]") { compare("", ""); }
