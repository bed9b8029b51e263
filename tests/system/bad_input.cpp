// Everything a person can get wrong, with the exit code and the essence of the message each is owed.

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

enum exit_code { definition_wrong = 3, server_unfit = 4 };

/// Every one of `commands` must say so.
void expect_refusal(const scenario& s, int code, const std::vector<std::string>& essence,
                    const std::vector<std::string>& commands = {"check", "run"}) {
  for (const auto& command : commands) {
    const auto outcome = s.program({command, "FILE"});
    INFO("weir " << command << " said:\n" << outcome.err);
    CHECK(outcome.exit_code == code);
    for (const auto& words : essence) CHECK_THAT(outcome.err, WEIR_CONTAINS(words));
    CHECK(outcome.err.find("secret") == std::string::npos);
  }
}

pipeline_options select(const std::string& text) { return {.select = text}; }

} // namespace

TEST_CASE("servers that cannot be reached or do not let it in") {
  scenario s("refused");
  const auto good = s.conninfo("coordinator"), w1 = s.conninfo("w1");

  s.define(s.definition({}, good, "host=127.0.0.1 port=1 dbname=shop user=weir password=secret"));
  expect_refusal(s, server_unfit, {"w1", "127.0.0.1:1"});

  s.define(s.definition({}, good, w1 + " password=secret"));
  expect_refusal(s, server_unfit, {"w1", "password authentication failed"});

  s.define(s.definition({}, good, w1 + " dbname=nowhere"));
  expect_refusal(s, server_unfit, {"w1", "nowhere", "does not exist"});
}

TEST_CASE("a target that is not there is waited for, aloud") {
  scenario s("no_target");
  s.define(s.definition({}, "host=127.0.0.1 port=1 dbname=shop user=weir", s.conninfo("w1")));
  auto weir = s.run();
  CHECK(eventually(30s, [&] { return s.logged("warning event=target_unavailable") && s.logged("127.0.0.1:1"); }));
  CHECK_FALSE(weir.exit_code().has_value());
  weir.signal(SIGTERM);
  CHECK(weir.wait(20s) == 0);
}

TEST_CASE("tables, columns and types that are not what the definition says") {
  scenario s("unfit");

  s.session("w2").run("alter table orders rename to orders_of_old");
  expect_refusal(s, server_unfit, {"public.orders", "w2"});
  s.session("w2").run("alter table orders_of_old rename to orders");

  s.define(select("select regon, count(*) as orders from orders group by regon"));
  expect_refusal(s, definition_wrong, {"regon", "region", "^"});

  s.session("w2").run("alter table orders drop column status");
  s.define(pipeline_options{});
  expect_refusal(s, definition_wrong, {"status", "w2", "^"});
  s.session("w2").run("alter table orders add column status text not null default 'paid'");

  for (const auto& w : s.workers()) s.session(w).run("alter table orders add column place point, add column doc json");
  s.define(select("select region, count(*) as places from orders where place = '(1,2)' group by region"));
  expect_refusal(s, definition_wrong, {"place", "point"});
  s.define(select("select doc, count(*) as orders from orders group by doc"));
  expect_refusal(s, definition_wrong, {"doc", "json"});

  s.session("w1").run("alter table orders replica identity default");
  s.define(pipeline_options{});
  expect_refusal(s, server_unfit, {"w1", "ALTER TABLE", "REPLICA IDENTITY FULL"});
}

TEST_CASE("rights that are missing") {
  scenario s("rights");
  const auto plain = s.conninfo("w1");
  auto admin = s.admin("w1");
  admin.run("drop role if exists plain; create role plain login password 'secret'");
  const auto as_plain = s.cluster().conninfo("w1", s.name()) + " user=plain password=secret";
  s.define(s.definition({}, s.conninfo("coordinator"), as_plain));
  expect_refusal(s, server_unfit, {"w1", "ALTER ROLE", "REPLICATION"});
  admin.run("alter role plain replication");
  expect_refusal(s, server_unfit, {"w1", "GRANT", "orders"}, {"run"}); // check makes no publication
  admin.run("drop owned by plain; drop role plain");
}

TEST_CASE("servers that are not set up for logical replication") {
  test_cluster small(1);
  const auto restart_with = [&](const std::string& setting) {
    sql_session(small.admin("w1", "postgres")).run("alter system set " + setting);
    small.stop("w1");
    small.start("w1");
  };
  scenario s("setup", scenario::orders_table, small);

  restart_with("max_replication_slots = 1");
  sql_session admin(small.admin("w1", "postgres"));
  admin.run("select pg_create_physical_replication_slot('taken')");
  expect_refusal(s, server_unfit, {"w1", "max_replication_slots"}, {"run"}); // check needs no slot
  admin.run("select pg_drop_replication_slot('taken')");

  restart_with("wal_level = replica");
  expect_refusal(s, server_unfit, {"w1", "wal_level", "logical", "ALTER SYSTEM SET wal_level"});
}

TEST_CASE("files that are no definitions") {
  scenario s("files");
  s.define(std::string());
  expect_refusal(s, definition_wrong, {"empty"});
  s.define(std::string("\x7f"
                       "ELF\0\x01\x02\xff\xfe",
                       9) +
           std::string(100, '\0'));
  expect_refusal(s, definition_wrong, {"pipeline.pipe"});
  s.define(std::string(10 << 20, ' '));
  expect_refusal(s, definition_wrong, {"pipeline.pipe", "MiB"});
  s.define(std::string("pipline files;"));
  expect_refusal(s, definition_wrong, {"pipline", "pipeline", "^"});

  CHECK(s.program({"check", "/nonexistent/x.pipe"}).exit_code == definition_wrong);
  const auto config = s.definition_path() + ".yaml";
  s.define(pipeline_options{});
  write_file(config, "clusers:\n  shop: {}\n");
  const auto outcome = s.program({"check", "FILE", "--config", config});
  CHECK(outcome.exit_code == definition_wrong);
  CHECK_THAT(outcome.err, WEIR_CONTAINS("clusers") && WEIR_CONTAINS("clusters"));
}
