#include "tests/support/catch.hpp"
#include "tests/unit/dsl/schema/schema_text.hpp"

using weir::test::faults_of;
using weir::test::tables_of;

TEST_CASE("enums and domains are types; a domain's values are those of its base") {
  const auto read = weir::dsl::read_schema(weir::dsl::text_of(
      "schema.sql", "create domain amount as numeric(12, 2); create table t (a amount, b numeric);"));
  REQUIRE(read.tables.size() == 1);
  CHECK(read.tables[0].columns[0].type_oid == read.tables[0].columns[1].type_oid);
  CHECK(read.tables[0].columns[0].typmod == -1);
  CHECK(tables_of("create type shop.mood as enum ('fine', 'so; so', 'it''s bad');\n"
                  "create domain public.amount as numeric(12, 2) not null check (value >= 0);\n"
                  "create table t (a shop.mood, b amount, c shop.mood[], d \"amount\"[]);") ==
        "public.t r\n  a shop.mood\n  b public.amount\n  c shop.mood[]\n  d public.amount[]\n");
  CHECK(faults_of("create table t (a mood);\ncreate type mood as enum ();") ==
        "1:19 W0521 no type \"mood\", and no statement before this one makes it\n");
}

TEST_CASE("types of extensions are known where there is an extension") {
  CHECK(faults_of("create table t (a geometry(point, 4326));") ==
        "1:19 W0521 no type \"geometry\", and no statement before this one makes it\n");
  CHECK(faults_of("create extension if not exists postgis;\ncreate table t (a geometry(point, 4326));").empty());
}

TEST_CASE("citext is known where its extension is made") {
  const auto table = [](const char* column) { return std::string("create table t (a ") + column + ");"; };
  const auto type_in = [&](const std::string& extension, const char* column) {
    const auto read = weir::dsl::read_schema(weir::dsl::text_of("citext.sql", extension + table(column)));
    REQUIRE(read.tables.size() == 1);
    return read.tables[0].columns.at(0);
  };
  const auto bare = type_in("create extension if not exists citext; ", "citext not null");
  CHECK(bare.is_citext);
  CHECK(bare.sql_type == "public.citext");
  CHECK(type_in("create extension citext with schema shop; ", "shop.citext").sql_type == "shop.citext");
  CHECK(type_in("create extension citext; create domain email as citext; ", "email").is_citext);
  CHECK_FALSE(type_in("create extension citext; ", "citext[]").is_citext);
  CHECK_FALSE(type_in("create extension hstore; ", "citext").is_citext);
}

TEST_CASE("a nondeterministic collation is told of its columns") {
  CHECK(tables_of("create collation shop.loose (provider = icu, locale = 'und', deterministic = false);\n"
                  "create domain loose_text as text collate shop.loose;\n"
                  "create table t (a text collate shop.loose, b loose_text, c text collate \"C\");") ==
        "public.t r\n  a text, collate loose\n  b public.loose_text, collate loose\n  c text, collate C\n");
}

TEST_CASE("the search path says where a bare name is") {
  const std::string table = "create table t (a int);";
  CHECK(tables_of("set search_path = shop, public;" + table).starts_with("shop.t r"));
  CHECK(tables_of("set search_path to \"Odd\";" + table).starts_with("Odd.t r"));
  CHECK(tables_of("SELECT pg_catalog.set_config('search_path', '', false);\ncreate table shop.t (a int);")
            .starts_with("shop.t r"));
  CHECK(tables_of("set search_path = shop; set search_path = default;" + table).starts_with("public.t r"));
}

TEST_CASE("rows of COPY, psql's commands and comments are passed over") {
  CHECK(tables_of("-- PostgreSQL database dump; create table no (a int);\n"
                  "\\restrict a'b\n"
                  "/* create table no (a int); /* nested */ */\n"
                  "CREATE TABLE public.t (a int, -- create table no (a int)\n  b text /* , c int */);\n"
                  "COPY public.t (a, b) FROM stdin;\n"
                  "1\tcreate table no (a int);\n"
                  "2\t'; \\\\\n"
                  "\\.\n"
                  "\\connect shop\n"
                  "CREATE TABLE public.u (a int);\n"
                  "\\unrestrict a'b\n") == "public.t r\n  a integer\n  b text\npublic.u r\n  a integer\n");
  CHECK(tables_of("copy t from stdin;\n\\.\ncreate table u (a int);") == "public.u r\n  a integer\n");
}

TEST_CASE("statements that make no table are passed over, whatever stands in them") {
  CHECK(
      tables_of(
          "create function f() returns trigger language plpgsql as $body$ begin create table no (a int); end $body$;\n"
          "create function g(a int) returns int language sql begin atomic select 1; select 2; end;\n"
          "create trigger t before insert on x for each row execute function f();\n"
          "create policy p on x using (a = 'create table no (a int);');\n"
          "create sequence s as integer start with 1; comment on table x is 'it''s; a table';\n"
          "grant select on x to weir; revoke all on schema public from public; set default_tablespace = '';\n"
          "insert into x values (1, 'a;b'), (2, e'\\';'); create index on x (a);\n"
          "create rule r as on insert to x do instead nothing; create publication p for all tables;\n"
          "create server s foreign data wrapper w options (a 'b;c'); do $$ begin null; end $$;\n"
          "create table y (a int);") == "public.y r\n  a integer\n");
}

TEST_CASE("Citus' functions say how a table is spread") {
  CHECK(tables_of("create table a (id int); select create_distributed_table('a', 'id', colocate_with => 'none');\n"
                  "create table b (id int); SELECT create_reference_table('public.b');\n"
                  "create table c (id int); select create_distributed_table('\"c\"', null);") ==
        "public.a r distributed\n  id integer\npublic.b r reference\n  id integer\n"
        "public.c r single_shard\n  id integer\n");
  CHECK(faults_of("create table orders (id int);\nselect create_reference_table('order_');") ==
        "2:31 W0522 no statement before this one makes this table\n");
}

TEST_CASE("several files are one database") {
  auto text = weir::dsl::text_of("first.sql", "create type mood as enum ('fine'); set search_path = shop;");
  text.files.push_back(weir::dsl::text_of("second.sql", "create table t (a public.mood);").files.front());
  const auto read = weir::dsl::read_schema(text);
  CHECK(read.found.empty());
  REQUIRE(read.tables.size() == 1);
  CHECK(read.tables[0].name == "t");
  CHECK(weir::dsl::read_schema(text, 1).found.size() == 1); // without the first one there is no such type
  CHECK(read.catalog_of("w1", {{"shop", "t"}}).tables.size() ==
        read.catalog_of("w1", {{read.tables[0].schema, "t"}}).tables.size());
}

TEST_CASE("what does not end, and what is no text, is told") {
  CHECK(faults_of("create table t (a int);\ncomment on table t is 'no end").starts_with("2:23 W0103 "));
  CHECK(faults_of("create function f() as $body$ begin").starts_with("1:24 W0103 "));
  CHECK(faults_of("/* no end").starts_with("1:1 W0103 "));
  CHECK(faults_of("create table t (a \xff int);").find("W0004") != std::string::npos);
  CHECK(faults_of("").empty());
  CHECK(faults_of(";;;").empty());
}
