#include <chrono>

#include <fmt/format.h>

#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/view_writer.hpp"
#include "tests/property/postgres_target_model.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

namespace weir::test {
namespace {

using postgres::frontier_entry;
using postgres::lease_grant;
using postgres::view_writer;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct leased_database {
  leased_database() {
    must(postgres::install_schema(holder));
    must(postgres::register_pipeline(holder, plan, "a definition"));
  }
  lease_grant acquire(postgres::connection& by, const std::string& name, seconds expiry = seconds(60)) {
    return must(postgres::acquire_lease(by, plan.name, name, expiry));
  }
  view_writer open(const lease_grant& grant) { return must(view_writer::open(db.connect(), plan, grant)); }
  /// As if nobody had renewed for long.
  void expire() { db.sql.run("UPDATE weir.lease SET renewed = now() - interval '1 hour'"); }

  target_database db;
  pipeline_plan plan = facts_plan();
  postgres::connection holder = db.connect();
};

batch one_row(const pipeline_plan& plan, std::uint64_t seed_value) {
  delta_sums sums(plan.views[0]);
  seeded_random random(seed_value);
  sums.add(random_fact(random, 1), 0, 1);
  return sums.take();
}

std::vector<frontier_entry> at(std::uint64_t position) {
  return {{node_index{0}, "weir_facts_n1", "7", 1, lsn{position}, lsn{position}, 0}};
}

} // namespace

TEST_CASE("a lease is held by one, and says by whom", "[target]") {
  leased_database d;
  const auto first = d.acquire(d.holder, "alpha:11");
  auto other = d.db.connect();
  const auto refused = postgres::acquire_lease(other, d.plan.name, "beta:22", seconds(60));
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::lease_held);
  CHECK_THAT(refused.error().message, WEIR_CONTAINS("pipeline facts is run by alpha:11 since"));
  CHECK_THAT(refused.error().message, WEIR_CONTAINS("last seen"));
  CHECK(!refused.error().hint.empty());
  must(postgres::renew_lease(d.holder, d.plan.name, first));

  SECTION("given back, it is free at once and the fence has grown") {
    must(postgres::release_lease(d.holder, d.plan.name, first));
    const auto second = d.acquire(other, "beta:22");
    CHECK(second.fence > first.fence);
    CHECK(postgres::renew_lease(d.holder, d.plan.name, first).error().code == errc::lease_lost);
  }
  SECTION("the death of the holder's session is known at once") {
    d.holder = d.db.connect();
    std::optional<lease_grant> second;
    // The server notices the closed socket in its own time.
    CHECK(eventually(seconds(10), [&] {
      auto taken = postgres::acquire_lease(other, d.plan.name, "beta:22", seconds(60));
      if (taken) second = *taken;
      return second.has_value();
    }));
    CHECK(second->fence > first.fence);
  }
  SECTION("not renewed, it is taken over although the session lingers, and stays with the new holder") {
    d.expire();
    const auto second = d.acquire(other, "beta:22");
    CHECK(second.fence > first.fence);
    const auto lost = postgres::renew_lease(d.holder, d.plan.name, first);
    REQUIRE(!lost);
    CHECK(lost.error().code == errc::lease_lost);
    CHECK_THAT(lost.error().message, WEIR_CONTAINS("beta:22"));
    // The lingering session ends and frees its lock: that is not the new holder's death.
    must(d.holder.execute("SELECT pg_advisory_unlock_all()"));
    auto third = d.db.connect();
    CHECK(postgres::acquire_lease(third, d.plan.name, "gamma:33", seconds(60)).error().code == errc::lease_held);
    must(postgres::renew_lease(other, d.plan.name, second));
    CHECK(d.db.sql.value("SELECT session_locked FROM weir.lease") == "t");
  }
  SECTION("a fence grows beyond the life of a registration") {
    must(postgres::unregister_pipeline(d.holder, d.plan.name, true));
    must(postgres::register_pipeline(d.holder, d.plan, "a definition"));
    auto third = d.db.connect();
    must(d.holder.execute("SELECT pg_advisory_unlock_all()"));
    CHECK(d.acquire(third, "gamma:33").fence > first.fence);
  }
}

TEST_CASE("a writer whose lease was taken over commits nothing", "[target]") {
  leased_database d;
  const auto old_grant = d.acquire(d.holder, "alpha:11");
  auto old_writer = d.open(old_grant);
  must(old_writer.begin());
  must(old_writer.apply(0, one_row(d.plan, 1)));
  must(old_writer.commit(epoch{1}, at(100)));

  d.expire();
  auto other = d.db.connect();
  const auto new_grant = d.acquire(other, "beta:22");
  must(old_writer.begin());
  must(old_writer.apply(0, one_row(d.plan, 2)));
  const auto refused = old_writer.commit(epoch{2}, at(200));
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::lease_lost);
  CHECK(d.db.sql.value("SELECT position FROM weir.frontier") == "0/64");
  CHECK(d.db.sql.number("SELECT max(number) FROM weir.cuts") == 1);
  CHECK(d.db.sql.number("SELECT sum(weir_rows) FROM weir.state_facts_by_price") == 1);

  // The old session still stands between: the new writer ends it.
  auto new_writer = d.open(new_grant);
  CHECK(must(new_writer.last_epoch()) == epoch{1});
  must(new_writer.begin());
  must(new_writer.commit(epoch{2}, at(200)));
  CHECK(must(new_writer.frontier())[0].position == lsn{200});
}

TEST_CASE("a takeover waits for the transaction of the writer before", "[target]") {
  leased_database d;
  const auto old_grant = d.acquire(d.holder, "alpha:11");
  auto old_writer = d.open(old_grant);
  must(old_writer.begin());
  must(old_writer.apply(0, one_row(d.plan, 1))); // the fence is checked and held by now
  REQUIRE(eventually(seconds(10), [&] {
    return d.db.sql.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                           "backend_xid IS NOT NULL AND wait_event = 'ClientRead'") == 1;
  }));
  must(postgres::renew_lease(d.holder, d.plan.name, old_grant)); // a renewal does not wait
  d.expire();
  auto other = d.db.connect();
  CHECK(postgres::acquire_lease(other, d.plan.name, "beta:22", milliseconds(300)).error().code == errc::lease_held);
  must(old_writer.commit(epoch{1}, at(100)));
  CHECK(d.acquire(other, "beta:22").fence > old_grant.fence);
}

TEST_CASE("a frontier moved by somebody else stops the commit", "[target]") {
  leased_database d;
  auto writer = d.open(d.acquire(d.holder, "alpha:11"));
  must(writer.begin());
  SECTION("that had not started") {
    d.db.sql.run("INSERT INTO weir.frontier VALUES ('facts', 'n1', 's', '7', 1, '0/10', '0/10')");
    must(writer.apply(0, one_row(d.plan, 1)));
    CHECK(writer.commit(epoch{1}, at(100)).error().code == errc::lease_lost);
  }
  SECTION("that was somewhere else") {
    must(writer.commit(epoch{1}, at(100)));
    d.db.sql.run("UPDATE weir.frontier SET position = '0/99'");
    must(writer.begin());
    must(writer.apply(0, one_row(d.plan, 1)));
    CHECK(writer.commit(epoch{2}, at(200)).error().code == errc::lease_lost);
  }
  CHECK(d.db.sql.number("SELECT count(*) FROM weir.state_facts_by_price") == 0);
}

TEST_CASE("a writer dropped before its commit leaves nothing", "[target]") {
  leased_database d;
  const auto grant = d.acquire(d.holder, "alpha:11");
  {
    auto writer = d.open(grant);
    must(writer.begin());
    must(writer.apply(0, one_row(d.plan, 1)));
    const std::vector<postgres::dead_letter> letters{{node_index{1}, lsn{5}, "facts", "by_price", 1, "oops", "(1)"}};
    must(writer.dead_letters(letters));
  }
  auto writer = d.open(grant);
  CHECK(must(writer.frontier()).empty());
  CHECK(d.db.sql.number("SELECT count(*) FROM weir.state_facts_by_price") == 0);
  CHECK(d.db.sql.number("SELECT count(*) FROM weir.dead_letters") == 0);
}

TEST_CASE("a state that loses more than it had is refused by name", "[target]") {
  leased_database d;
  auto writer = d.open(d.acquire(d.holder, "alpha:11"));
  delta_sums sums(d.plan.views[1]);
  seeded_random random(7);
  const auto f = random_fact(random, 1);
  SECTION("rows that never came") { sums.add(f, 2, -1); }
  SECTION("no rows left, values left") {
    must(writer.begin());
    sums.add(f, 2, 1);
    must(writer.apply(1, sums.take()));
    auto different = f;
    different.inputs[0] = different.inputs[0] ? std::nullopt : std::optional<number>(number{});
    sums.add(different, 2, -1);
    must(writer.commit(epoch{1}, at(100)));
  }
  must(writer.begin());
  (void)writer.apply(1, sums.take());
  const auto refused = writer.commit(epoch{2}, at(200));
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::internal);
  CHECK_THAT(refused.error().message, WEIR_CONTAINS("view by_shop: more was taken out of group"));
  CHECK_THAT(refused.error().message, WEIR_CONTAINS(f.shop));
}

TEST_CASE("a server that goes away is a lost connection", "[target]") {
  leased_database d;
  auto writer = d.open(d.acquire(d.holder, "alpha:11"));
  must(writer.begin());
  must(writer.apply(0, one_row(d.plan, 1)));
  const std::string sessions = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
  d.db.sql.run("SELECT pg_terminate_backend(pid) " + sessions);
  REQUIRE(eventually(seconds(10), [&] { return d.db.sql.number("SELECT count(*) " + sessions) == 0; }));
  const auto lost = writer.commit(epoch{1}, at(100));
  REQUIRE(!lost);
  CHECK(lost.error().code == errc::connection_lost);
}

TEST_CASE("cuts larger than a statement go through in chunks", "[target]") {
  leased_database d;
  auto writer = d.open(d.acquire(d.holder, "alpha:11"));
  const auto& view = d.plan.views[1];
  delta_sums sums(view);
  seeded_random random(3);
  std::vector<fact> facts;
  for (int i = 0; i < 25'000; ++i) {
    facts.push_back(random_fact(random, i));
    facts.back().shop = std::to_string(i);
    sums.add(facts.back(), static_cast<std::uint16_t>(i % 3), 1);
  }
  must(writer.begin());
  must(writer.apply(1, sums.take()));
  must(writer.commit(epoch{1}, at(100)));
  CHECK(d.db.sql.number("SELECT count(*) FROM \"shown here\".\"the by_shop\"") == 25'000);
  for (int i = 0; i < 25'000; ++i)
    if (i % 7 != 0) sums.add(facts[static_cast<std::size_t>(i)], static_cast<std::uint16_t>(i % 3), -1);
  must(writer.begin());
  must(writer.apply(1, sums.take()));
  must(writer.commit(epoch{2}, at(200)));
  CHECK(d.db.sql.number("SELECT count(*) FROM \"shown here\".\"the by_shop\"") == 3'572);
  CHECK(d.db.sql.number("SELECT sum(weir_rows) FROM weir.state_facts_by_shop") == 3'572);
}

} // namespace weir::test
