#include "tests/support/catch.hpp"
#include "tests/unit/dsl/schema/schema_text.hpp"

using weir::test::faults_of;
using weir::test::tables_of;

namespace {

const std::string orders = "create table orders (id int not null, region text, amount numeric(8,2));\n";

std::string altered(const std::string& statement) { return tables_of(orders + statement); }

} // namespace

TEST_CASE("keys come as constraints, of ONLY a table or of it") {
  const auto* const expected =
      "public.orders r key (id)\n  id integer not null, old\n  region text\n  amount numeric(8,2)\n";
  for (const auto* form :
       {"ALTER TABLE ONLY public.orders\n    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);",
        "alter table orders add primary key (id);",
        "alter table if exists only public.orders * add constraint \"Key\" primary key (id) deferrable;",
        "alter table orders add constraint u unique (region), add primary key (id), add check (amount > 0);"})
    CHECK(altered(form) == expected);
}

TEST_CASE("the replica identity decides what is in old rows") {
  CHECK(altered("alter table only public.orders replica identity full;") ==
        "public.orders r identity full\n  id integer not null, old\n  region text, old\n  amount numeric(8,2), old\n");
  CHECK(altered("alter table orders replica identity nothing;") ==
        "public.orders r identity nothing\n  id integer not null\n  region text\n  amount numeric(8,2)\n");
  CHECK(altered("create unique index concurrently i on only public.orders using btree (id, region desc nulls last);\n"
                "alter table orders replica identity using index i;") ==
        "public.orders r identity index\n  id integer not null, old\n  region text, old\n  amount numeric(8,2)\n");
  CHECK(altered("alter table orders add unique (id); alter table orders replica identity using index orders_id_key;") ==
        "public.orders r identity index\n  id integer not null, old\n  region text\n  amount numeric(8,2)\n");
  CHECK(altered("alter table orders replica identity full; alter table orders replica identity default;")
            .starts_with("public.orders r\n"));
  CHECK(faults_of(orders + "alter table orders replica identity using index nowhere;") ==
        "2:49 W0525 table public.orders has no index \"nowhere\"\n");
  CHECK(faults_of(orders + "alter table orders replica identity;") ==
        "2:36 W0520 expected FULL, DEFAULT, NOTHING or USING INDEX before the end of this statement\n");
}

TEST_CASE("columns are added, dropped, renamed and of another type") {
  CHECK(altered("alter table orders add column if not exists id text, add day date not null, drop region,\n"
                "  drop column if exists nowhere, alter amount type numeric(10, 3) using amount * 2;") ==
        "public.orders r\n  id integer not null\n  amount numeric(10,3)\n  day date not null\n");
  CHECK(altered("alter table orders add primary key (id); alter table orders rename id to number;")
            .starts_with("public.orders r key (number)\n  number integer not null, old\n"));
  CHECK(altered("alter table orders alter column region set not null, alter id drop not null;") ==
        "public.orders r\n  id integer\n  region text not null\n  amount numeric(8,2)\n");
}

TEST_CASE("a key goes with its column, and with its constraint") {
  CHECK(altered("alter table orders add primary key (id); alter table orders drop id;") ==
        "public.orders r\n  region text\n  amount numeric(8,2)\n");
  CHECK(altered("alter table orders add primary key (id); alter table orders drop constraint orders_pkey;")
            .starts_with("public.orders r\n  id integer not null\n"));
}

TEST_CASE("tables are renamed, moved and dropped") {
  CHECK(
      altered("alter table orders rename to sales; alter table sales set schema shop;").starts_with("shop.sales r\n"));
  CHECK(altered("drop table if exists nowhere, orders cascade;").empty());
  CHECK(faults_of("drop table nowhere;") == "1:12 W0522 no statement before this one makes a table public.nowhere\n");
}

TEST_CASE("what is altered has to be there") {
  CHECK(faults_of(orders + "alter table order_ add x int;") ==
        "2:13 W0522 no statement before this one makes a table public.order_\n");
  CHECK(faults_of("alter table if exists order_ add x int;").empty());
  CHECK(faults_of("alter table public.orders_id_seq owner to weir;").empty()); // pg_dump says so of sequences
  CHECK(faults_of(orders + "alter table orders alter regio set not null;") ==
        "2:26 W0523 table public.orders has no column \"regio\"\n");
  CHECK(faults_of(orders + "alter table orders drop column regio;") ==
        "2:32 W0523 table public.orders has no column \"regio\"\n");
  CHECK(faults_of(orders + "alter table orders rename column regio to r;") ==
        "2:34 W0523 table public.orders has no column \"regio\"\n");
  CHECK(faults_of(orders + "alter table orders alter region type texd;") ==
        "2:38 W0521 no type \"texd\", and no statement before this one makes it\n");
  CHECK(faults_of(orders + "alter table orders add constraint k primary key using index nowhere;") ==
        "2:61 W0525 no statement before this one makes index \"nowhere\"\n");
}

TEST_CASE("what does not change columns, keys or identities is passed over") {
  const auto same = tables_of(orders);
  for (const auto* statement :
       {"alter table orders enable row level security, force row level security;", "alter table orders cluster on i;",
        "alter table orders alter amount set default 0, alter amount set statistics 100, alter region set storage "
        "main;",
        "alter table orders set (autovacuum_enabled = false, fillfactor = 70);", "alter table orders owner to weir;",
        "alter table orders add constraint f foreign key (id) references other (id) not valid;",
        "alter table orders validate constraint f, disable trigger all, set tablespace fast;",
        "alter index i attach partition j; alter sequence s owned by orders.id; alter view v owner to weir;"})
    CHECK(altered(statement) == same);
}
