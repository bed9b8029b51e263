#include <algorithm>

#include "runtime/plan/letters.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"

// What a view needs to know of the letters of its databases, and what it may not ask of them.

namespace {

using weir::test::compiled;

compiled compile_view(const std::string& select, bool letters_known = true) {
  const std::string tables = R"(
public.t full
  s text
  c text own_collation=german
  odd text collation=loose
  email citext
  other citext own_collation=german
)";
  const weir::test::schema_text schema((letters_known ? "" : "letters_unknown\n") + tables);
  return weir::test::compile("pipeline p; cluster c { coordinator \"host=a\"; nodes w1 \"host=b\"; }\n"
                             "source t from c.public.t;\nview v as " +
                                 select + ";\nsink v into c.public.v;\n",
                             schema);
}

bool asks(const compiled& done) {
  return std::any_of(done.found.begin(), done.found.end(), [](const auto& f) { return f.asks_for_letters; });
}

std::string refused(const std::string& condition) {
  const auto done = compile_view("select count(*) from t where " + condition);
  return done.plan ? "no" : done.found.at(0).message;
}

} // namespace

TEST_CASE("letters are asked for where they would help, and nowhere else") {
  for (const char* needs : {"lower(s) = 'a'", "upper(s || 'b') = 'AB'", "s ilike 'a%'", "lower('A') = s"}) {
    INFO(needs);
    const auto select = std::string("select count(*) from t where ") + needs;
    CHECK(asks(compile_view(select, false)));
    const auto known = compile_view(select);
    REQUIRE(known.plan);
    CHECK(weir::cases_of(*known.plan) == weir::letter_cases::of_unicode());
  }
  for (const char* select :
       {"select s, count(*) as n from t where s like 'a%' group by s", "select count(*) from t where lower(s collate "
                                                                       "\"C\") = 'a'"}) {
    INFO(select);
    const auto unknown = compile_view(select, false);
    REQUIRE(unknown.plan);
    CHECK(weir::cases_of(*unknown.plan) == nullptr);
    CHECK(weir::cases_of(*compile_view(select).plan) == nullptr);
  }
}

TEST_CASE("citext whose letters nobody knows is passed through") {
  CHECK(compile_view("select count(email) from t", false).plan);
  CHECK_FALSE(compile_view("select email, count(*) as n from t group by email", false).plan);
  const auto known = compile_view("select email, count(*) as n from t group by email");
  REQUIRE(known.plan);
  CHECK(weir::cases_of(*known.plan) != nullptr);
  CHECK(compile_view("select other, count(*) as n from t group by other").plan);
}

TEST_CASE("letters of a column with a collation of its own are that collation's") {
  CHECK(refused("lower(c) = 'a'") ==
        "column \"c\" has a collation of its own: what lower makes of letters depends on it");
  CHECK(refused("s ilike c") == "column \"c\" has a collation of its own: what ilike makes of letters depends on it");
  CHECK(refused("other like 'a%'") ==
        "column \"other\" has a collation of its own: what like of citext makes of letters depends on it");
  CHECK(refused("lower(c collate \"C\") = 'a'") == "no");
  CHECK(refused("c = 'a' and other = 'A'") == "no");
  CHECK(refused("odd = 'a'") == "column \"odd\" has a nondeterministic collation: what is equal depends on it");
}

TEST_CASE("other letters are another plan, where they are asked for") {
  const auto print = [](const char* select, bool with_letters) {
    auto plan = *compile_view(select).plan;
    const auto other = weir::letter_cases::read("Aa", "aA");
    if (with_letters)
      for (auto& view : plan.views)
        for (auto& key : view.keys) (key.args.empty() ? key : key.args[0]).type.cases = other;
    return fingerprint(plan);
  };
  for (const char* select : {"select lower(s) as k, count(*) as n from t group by lower(s)",
                             "select email, count(*) as n from t group by email"})
    CHECK(print(select, false) != print(select, true));
  constexpr const char* plain = "select s, count(*) as n from t group by s";
  CHECK(print(plain, false) == print(plain, true));
}

TEST_CASE("labels that nodes have in another order are no order, more of them are") {
  const auto on_second_node = [](const char* labels) {
    const weir::test::schema_text schema(std::string("public.t full\n  stage enum(new,paid)\nnode w2\npublic.t full\n"
                                                     "  stage enum(") +
                                         labels + ")\n");
    const auto done = weir::test::compile(
        "pipeline p; cluster c { coordinator \"host=a\"; nodes w1 \"host=b\", w2 \"host=c\"; }\nsource t from "
        "c.public.t;\nview v as select count(*) from t where stage >= 'paid';\nsink v into c.public.v;\n",
        schema);
    return done.plan ? "bound" : done.found.at(0).message;
  };
  CHECK(on_second_node("new,paid") == "bound");
  CHECK(on_second_node("new,open,paid,sent") == "bound");
  CHECK(on_second_node("paid,new") == "the labels of public.label are in another order on node w2 than on node w1");
}
