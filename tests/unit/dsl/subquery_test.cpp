#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/unit/dsl/tree_views.hpp"

// Subqueries in expressions are joins in the plan.

using weir::test::columns_of;
using weir::test::error_of;

namespace {

/// The operators of the view, the last one first, without scans; or what is wrong.
std::string plan_of(const std::string& query) {
  const auto done = weir::test::compile_views("view w as " + query + ";");
  if (!done.plan) return done.rendered();
  std::string out;
  std::istringstream lines(to_text(done.plan->unbuilt.back()));
  for (std::string line; std::getline(lines, line);) {
    const auto name = line.find("w.");
    if (name == std::string::npos || line.find(" → ") != std::string::npos || line.find("w.scan") != std::string::npos)
      continue;
    out += line.substr(line.find("  ", name) + 2) + "\n";
  }
  return out;
}

} // namespace

TEST_CASE("exists and in keep rows, or drop them") {
  CHECK(plan_of("select name from customers c where exists (select 1 from orders o where o.customer_id = c.id)") ==
        "c.name\nsemi join on o.customer_id = c.id  (no operator yet)\n");
  CHECK(plan_of("select name from customers c where not exists (select * from orders where customer_id = c.id and "
                "amount > 5) and region = 'eu'") ==
        "c.name\nc.region = 'eu'\nanti join on orders.customer_id = c.id  (no operator yet)\norders.amount > 5\n");
  CHECK(plan_of("select name from customers where id in (select customer_id from orders where amount > 5)") ==
        "customers.name\nsemi join on customers.id = customer_id  (no operator yet)\norders.customer_id\norders.amount "
        "> 5\n");
  CHECK(
      plan_of("select name from customers where id not in (select customer_id from orders)") ==
      "customers.name\nanti join, nulls count, on customers.id = customer_id  (no operator yet)\norders.customer_id\n");
  CHECK(plan_of("select name from customers where not (id not in (select customer_id from orders))") ==
        "customers.name\nsemi join on customers.id = customer_id  (no operator yet)\norders.customer_id\n");
  CHECK(plan_of("select name from customers c where (c.id, c.region) in (select customer_id, o.region from orders o "
                "where o.id > c.id)") ==
        "c.name\nsemi join on c.id = o.customer_id and c.region = o.region and o.id > c.id  "
        "(no operator yet)\n");
  CHECK(plan_of("select name from customers where exists (select 1 from orders)") ==
        "customers.name\nsemi join with any row  (no operator yet)\n1\n");
}

TEST_CASE("elsewhere they are a column") {
  CHECK(plan_of("select name, id in (select customer_id from orders) as buys from customers") ==
        "customers.name, in (…)\nmark join, nulls count, on customers.id = customer_id  (no operator yet)\n"
        "orders.customer_id\n");
  CHECK(plan_of(
            "select name from customers c where region = 'eu' or exists (select 1 from orders o where o.id = c.id)") ==
        "c.name\nc.region = 'eu' or exists (…)\nmark join on o.id = c.id  (no operator yet)\n");
  CHECK(columns_of("select exists (select 1 from orders o where o.id = c.id), id in (select 1::bigint from orders) "
                   "from customers c") == "exists boolean not null, ?column? boolean");
}

TEST_CASE("a subquery as a value finds one row, or what several come to") {
  CHECK(plan_of("select name, (select amount from orders o where o.id = c.id) from customers c") ==
        "c.name, (select …)\nsingle join of o.amount on o.id = c.id  (no operator yet)\n");
  CHECK(
      plan_of("select name, (select sum(amount) from orders o where o.customer_id = c.id and o.region = 'eu') as paid "
              "from customers c") ==
      "c.name, (select …)\ngroup join: sum(o.amount) on o.customer_id = c.id  (no operator yet)\no.region = 'eu'\n");
  CHECK(plan_of("select name from customers where id > (select avg(customer_id) from orders)") ==
        "customers.name\ncustomers.id > (select …)\nsingle join of avg  (no operator yet)\n"
        "avg(orders.customer_id)\nall rows are one group; avg(orders.customer_id)\n");
  CHECK(columns_of("select (select count(*) from orders o where o.customer_id = c.id), "
                   "(select amount as paid from orders o where o.id = c.id) from customers c") ==
        "count bigint not null, paid numeric(10,2)");
}

TEST_CASE("names of a subquery are its own first") {
  // id is that of orders, on both sides
  CHECK(plan_of("select name from customers c where exists (select 1 from orders where id = customer_id)")
            .starts_with("c.name\nsemi join with any row"));
  CHECK(plan_of("select a.name from customers a where exists (select 1 from customers b where b.region = a.region and "
                "b.id <> "
                "a.id)") == "a.name\nsemi join on b.region = a.region and b.id <> a.id  (no operator yet)\n");
  CHECK(error_of("select name from customers where exists (select 1 from orders where orders.nothing = 1)") ==
        "W0203 no column \"nothing\" in \"orders\"");
  CHECK(
      error_of("select name from customers where exists (select nothing from orders where customer_id = customers.id)")
          .starts_with("W0203"));
}

TEST_CASE("what of subqueries is not planned is refused") {
  const auto refused = [](const std::string& query) { return error_of(query).substr(0, 5); };
  CHECK(refused("select name from customers c where id in (select c.id from orders)") == "W0104");
  CHECK(
      refused("select name from customers c where exists (select region from orders where customer_id = c.id group by "
              "region)") == "W0104");
  CHECK(
      error_of("select name from customers c where exists (select 1 from orders o where exists (select 1 from orders p "
               "where p.customer_id = c.id))") == "W0104 not supported yet: \"id\" of the outer query in this place");
  CHECK(refused("select name from customers c where exists (select count(*) from orders where customer_id = c.id)") ==
        "W0104");
  CHECK(refused("select region, count(*) from orders group by region having count(*) > (select 1 from customers)") ==
        "W0104");
  CHECK(refused("select id from orders o join customers c on exists (select 1 from orders)") == "W0104");
  CHECK(refused("select id in (select id, region from orders) from customers") == "W0302");
  CHECK(refused("select (select id, region from orders) from customers") == "W0302");
  CHECK(refused("select name from customers where region in (select id from orders)") == "W0302");
  CHECK(error_of("select name from customers where exists (select 1 from nowhere)").starts_with("W0202"));
}
