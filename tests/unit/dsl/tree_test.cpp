#include "tests/support/catch.hpp"
#include "tests/unit/dsl/tree_views.hpp"

// Queries that the runtime has no operators for: they are bound and planned, and what is missing is named.

using weir::test::columns_of;
using weir::test::compile_views;
using weir::test::error_of;

namespace {

/// The tree of a view, or what is wrong.
std::string tree_of(const std::string& query, const std::string& others = "") {
  const auto done = compile_views(others + "view w as " + query + ";");
  if (!done.plan) return done.rendered();
  for (const auto& view : done.plan->unbuilt)
    if (view.name == "w") return to_text(view);
  return "it runs";
}

/// What is warned of.
std::string missing_in(const std::string& query) {
  const auto done = compile_views("view w as " + query + ";");
  std::string out;
  for (const auto& d : done.found) {
    if (d.code == weir::dsl::code::not_used) continue;
    CHECK(d.code == weir::dsl::code::no_operator);
    out += d.message.substr(0, d.message.find(':')) + "\n";
  }
  return out;
}

} // namespace

TEST_CASE("a join and a group are a tree") {
  CHECK(tree_of("select c.name, sum(amount) as worth from orders o join customers c on c.id = o.customer_id "
                "where placed_on is not null group by c.name having count(*) > 1") ==
        "view w → public.w\n"
        "  w.project  c.name, sum(o.amount)\n"
        "  └ w.filter2  count(*) > 1\n"
        "    └ w.group  by c.name; sum(o.amount); count(*)\n"
        "      └ w.filter  o.placed_on is not null\n"
        "        └ w.join  join on c.id = o.customer_id  (no operator yet)\n"
        "          ├ w.scan  public.orders\n"
        "          └ w.scan2  public.customers\n");
}

TEST_CASE("what has no operator is named where it stands") {
  CHECK(missing_in("select o.id from orders o left join customers c on c.id = o.customer_id") ==
        "weir cannot keep left joins current yet\n");
  CHECK(missing_in("select region from orders union all select region from customers") ==
        "weir cannot keep union all current yet\n");
  CHECK(missing_in("select region, count(*) from orders group by region order by 2 desc limit 10") ==
        "weir cannot keep the first rows of an order current yet\n");
  CHECK(missing_in("select region, max(placed_on), count(distinct customer_id) from orders group by region") ==
        "weir cannot keep max(…) current yet\nweir cannot keep count(distinct …) current yet\n");
  CHECK(missing_in("select count(*) from orders, customers") == "weir cannot keep cross joins current yet\n");
}

TEST_CASE("columns of a join have PostgreSQL's names, types and nulls") {
  CHECK(columns_of("select * from orders o left join customers c on c.id = o.customer_id") ==
        "id bigint not null, customer_id bigint not null, region text not null, amount numeric(10,2), placed_on date, "
        "id bigint, name text, region character varying(20)");
  CHECK(columns_of("select c.*, o.id as order_id from customers c right join orders o on c.id = o.customer_id") ==
        "id bigint, name text, region character varying(20), order_id bigint not null");
  CHECK(columns_of(
            "select * from (select id, region from orders) a join (select id, name from customers) b using (id)") ==
        "id bigint not null, region text not null, name text not null");
  CHECK(columns_of("select * from (select id from orders) a natural join (select id, name from customers) b") ==
        "id bigint not null, name text not null");
  CHECK(columns_of("select region from orders union select region from customers") == "region text");
  CHECK(columns_of("select id from orders union all select amount from orders") == "id numeric");
}

TEST_CASE("names in joins are found as PostgreSQL finds them") {
  const std::string joined = " from orders o join customers c on c.id = o.customer_id";
  CHECK(error_of("select id" + joined) == "W0203 \"this query\" has several columns \"id\": which of them?");
  CHECK(error_of("select nmae" + joined) == "W0203 no column \"nmae\" in what this query reads");
  CHECK(error_of("select c.amount" + joined) == "W0203 no column \"amount\" in \"c\"");
  CHECK(error_of("select customers.id" + joined) == "W0202 this view reads no \"customers\"");
  CHECK(error_of("select o.id" + joined + " where c.id = c.name").starts_with("W0302"));
  CHECK(error_of("select o.id from orders o join customers c using (id, nothing)").starts_with("W0203"));
  CHECK(error_of("select x.* " + joined) == "W0202 this view reads no \"x\"");
  CHECK(error_of("select id from orders o join customers c using (id)") == "none");
  CHECK(error_of("select region from orders union select id from customers").starts_with("W0302"));
  CHECK(error_of("select region, id from orders union select region from customers").starts_with("W0302"));
  CHECK(error_of("select c.name, o.id" + joined + " group by c.name").starts_with("W0403"));
  CHECK(error_of("select region from orders order by nothing limit 3").starts_with("W0203"));
  CHECK(error_of("select region from orders order by 2 limit 3").starts_with("W0407"));
}

TEST_CASE("views and common tables are bound once, and may be read by several") {
  CHECK(tree_of("select a.region from paid a join paid b on a.region = b.region",
                "view paid as select region, count(*) as n from orders group by region;\n") ==
        "view w → public.w\n"
        "  w.project  a.region\n"
        "  └ w.join  join on a.region = b.region  (no operator yet)\n"
        "    ├ paid  the rows of view paid\n"
        "    └ paid  the rows of view paid\n");
  CHECK(tree_of("with t as (select region, count(*) as n from orders group by region) select x.n from t x, t y") ==
        "view w → public.w\n"
        "  w.project2  x.n\n"
        "  └ w.join  cross join  (no operator yet)\n"
        "    ├ w.project  orders.region, count(*)\n"
        "    │ └ w.group  by orders.region; count(*)\n"
        "    │   └ w.scan  public.orders\n"
        "    └ w.project  orders.region, count(*)\n"
        "      └ as above\n");
  // thirty doublings are thirty lines, not a billion
  std::string with = "with t0 as (select region from orders)";
  for (int i = 1; i <= 30; ++i) {
    const auto before = "t" + std::to_string(i - 1);
    with += ", t" + std::to_string(i) + " as (select a.region from " + before + " a, " + before + " b)";
  }
  CHECK(tree_of(with + " select region from t30").size() < 20'000);
}

TEST_CASE("columns that only such a view reads are asked of the source all the same") {
  const auto done = compile_views("view w as select c.name from orders o join customers c on c.id = o.customer_id;");
  REQUIRE(done.plan);
  CHECK(done.plan->views.empty());
  REQUIRE(done.plan->sources.size() == 2);
  REQUIRE(done.plan->sources[0].columns.size() == 1);
  CHECK(done.plan->sources[0].columns[0].name == "customer_id");
  CHECK(done.plan->sources[1].columns.size() == 2);
}
