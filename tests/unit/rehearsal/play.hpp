#pragma once

#include <string>
#include <vector>

#include "actors/rehearsal/rehearse.hpp"
#include "dsl/bind_test.hpp"
#include "dsl/schema_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"

namespace weir::test {

constexpr const char* played_schema = R"(
create table orders (order_id bigint primary key, region text not null, status varchar(8), amount numeric(12,2),
                     details jsonb, doubled numeric generated always as (amount * 2) stored);
alter table orders replica identity full;
create table events (event_id integer primary key, kind text not null default 'x');
create extension citext with schema public;
create type stage as enum ('new', 'paid', 'sent');
create table visits (email citext, number integer, stage stage, primary key (email, number));
alter table visits replica identity full;
)";

constexpr const char* played_program = R"(
pipeline played;
cluster shop { coordinator "host=a"; nodes w1 "host=b", w2 "host=c"; }
source orders from shop.public.orders;
source events from shop.public.events;
source visits from shop.public.visits;
view revenue as select region, count(*) as orders, sum(amount) as revenue, avg(amount) as average
  from orders where status = 'paid' group by region;
view ratio as select order_id, count(*) as n, sum(100 / amount) as share from orders group by order_id;
view seen as select event_id, count(*) as n from events group by event_id;
view visitors as select email, count(*) as n from visits where stage >= 'paid' or email like 'ann@%' group by email;
sink visitors into shop.public.visitors;
sink revenue into shop.public.revenue every 50 ms;
sink ratio into shop.public.ratio;
sink seen into shop.public.seen;
)";

/// "passed", or what failed, with its lines, and the step it failed at behind "at:".
inline std::string played(const std::string& steps, consistency what = consistency::transaction) {
  const auto text = dsl::text_of("t.pipe", std::string(played_program) + "test \"t\" {\n" + steps + "\n}\n");
  auto parsed = dsl::parse(text);
  auto outlined = dsl::outline_of(parsed.program, {});
  auto schema = dsl::read_schema(dsl::text_of("s.sql", played_schema));
  cluster_catalog catalogs{"shop", {}};
  for (const char* node : {"w1", "w2"}) catalogs.nodes.push_back(schema.catalog_of(node, outlined.outline.tables));
  auto bound = dsl::bind(parsed.program, outlined.outline, catalogs);
  auto found = parsed.found;
  for (const auto* some : {&outlined.found, &schema.found, &bound.found})
    found.insert(found.end(), some->begin(), some->end());
  if (!bound.pipeline) return dsl::render(text, found);
  const auto tests = dsl::bind_tests(parsed.program, catalogs, *bound.pipeline);
  if (dsl::has_errors(tests.found)) return dsl::render(text, tests.found);
  auto plan = dsl::lower(*bound.pipeline);
  plan.consistency = what;
  const auto outcome = rehearsal::rehearse(plan, tests.tests.at(0).script);
  if (!outcome.failed) return "passed";
  auto out = outcome.failed->message + "\n";
  for (const auto& l : outcome.failed->lines) out += l + "\n";
  const auto where = tests.tests[0].places[outcome.failed->written];
  return out + "at: " + text.files[0].text.substr(where.begin, where.end - where.begin);
}

} // namespace weir::test
