#include <memory>
#include <optional>

#include <fmt/format.h>

#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/view_writer.hpp"
#include "tests/property/postgres_target_model.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"

// Nodes come and go: their numbers, their rows of the frontier, what they leave behind.

namespace weir::test {
namespace {

constexpr std::size_t by_shop = 1;

struct cluster_of_three {
  cluster_of_three() {
    must(postgres::install_schema(holder));
    must(postgres::register_pipeline(holder, plan, "a definition"));
    grant = must(postgres::acquire_lease(holder, plan.name, "here:1", std::chrono::seconds(60)));
  }
  postgres::view_writer open() { return must(postgres::view_writer::open(db.connect(), plan, grant)); }

  /// A batch of one row of view by_shop.
  batch one_row(std::uint16_t node, std::int64_t weight) {
    delta_sums sums(plan.views[by_shop]);
    sums.add(row, node, weight);
    return sums.take();
  }
  std::string numbers() {
    return db.sql.value(
        "SELECT string_agg(node || '=' || number || CASE WHEN left_at IS NULL THEN '' ELSE ' left' END, "
        "', ' ORDER BY number) FROM weir.members");
  }
  std::string state() {
    return db.sql.value("SELECT string_agg(weir_node || ':' || weir_rows, ' ' ORDER BY weir_node) "
                        "FROM weir.state_facts_by_shop");
  }
  std::int64_t shown() { return db.sql.number("SELECT coalesce(sum(count), 0) FROM \"shown here\".\"the by_shop\""); }

  target_database db;
  pipeline_plan plan = facts_plan();
  postgres::connection holder = db.connect();
  postgres::lease_grant grant;
  seeded_random random{7};
  fact row = random_fact(random, 1);
};

postgres::frontier_entry at(std::uint16_t node, std::uint64_t position) {
  return {node_index{node}, "slot", "7", 1, lsn{position}, lsn{position}, 0};
}

} // namespace

TEST_CASE("a node keeps its number, wherever it stands in the list", "[target]") {
  cluster_of_three c;
  {
    auto writer = c.open();
    must(writer.begin());
    must(writer.apply(by_shop, c.one_row(2, 1)));
    must(writer.commit(epoch{1}, std::vector{at(0, 1), at(1, 1), at(2, 1)}));
  }
  CHECK(c.numbers() == "n1=0, n2=1, n3=2");
  c.plan.nodes.insert(c.plan.nodes.begin(), {"n0", "host=there port=5432 password=secret"});
  auto writer = c.open();
  CHECK(c.numbers() == "n1=0, n2=1, n3=2, n0=3");
  CHECK(c.db.sql.value("SELECT address FROM weir.members WHERE node = 'n0'") == "host=there port=5432");
  REQUIRE(must(writer.frontier()).size() == 3);
  CHECK(must(writer.frontier())[0].node == node_index{1});
  must(writer.begin());
  must(writer.apply(by_shop, c.one_row(3, 1)));
  must(writer.apply(by_shop, c.one_row(0, 1)));
  must(writer.commit(epoch{2}, std::vector{at(1, 2), at(3, 2)})); // n0 is not read yet
  CHECK(c.state() == "2:2 3:1");
  CHECK(must(writer.frontier()).size() == 3);
  must(writer.begin());
  must(writer.commit(epoch{3}, std::vector{at(0, 5)}));
  CHECK(must(writer.frontier()).size() == 4);
  CHECK(c.shown() == 3);
}

TEST_CASE("a pipeline from before there were numbers gets the places of its list", "[target]") {
  cluster_of_three c;
  {
    auto writer = c.open();
    must(writer.begin());
    must(writer.commit(epoch{1}, std::vector{at(0, 1), at(1, 1), at(2, 1)}));
  }
  c.db.sql.run("DELETE FROM weir.members");
  auto writer = c.open();
  CHECK(c.numbers() == "n1=0, n2=1, n3=2");
  CHECK(must(writer.frontier()).size() == 3);
}

TEST_CASE("nobody loses the share of a node that the list lacks", "[target]") {
  cluster_of_three c;
  {
    auto writer = c.open();
    must(writer.begin());
    must(writer.apply(by_shop, c.one_row(2, 1)));
    must(writer.commit(epoch{1}, std::vector{at(0, 1), at(1, 1), at(2, 1)}));
  }
  c.plan.nodes.pop_back();
  const auto refused = postgres::view_writer::open(c.db.connect(), c.plan, c.grant);
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::definition_changed);
  CHECK_THAT(refused.error().message, WEIR_CONTAINS("has a node n3"));
  c.db.sql.run("UPDATE weir.members SET left_at = now() WHERE node = 'n3'");
  CHECK(must(c.open().frontier()).size() == 2);
}

TEST_CASE("who moves its shards away and leaves, leaves nothing behind", "[target]") {
  cluster_of_three c;
  auto writer = c.open();
  must(writer.begin());
  must(writer.apply(by_shop, c.one_row(0, 2)));
  must(writer.commit(epoch{1}, std::vector{at(0, 1), at(1, 1), at(2, 1)}));

  // The row is n1's; n2 gets the shard, and one of the two goes there.
  must(writer.begin());
  must(writer.apply(by_shop, c.one_row(1, -1)));
  CHECK(must(writer.share_groups()) == std::vector<std::uint16_t>{0, 1, 2});
  must(writer.move_share({node_index{0}, node_index{1}, {}}));
  must(writer.commit(epoch{2}, std::vector{at(0, 2), at(1, 2)}));
  CHECK(c.state() == "0:2 1:-1");
  CHECK(c.shown() == 1);
  CHECK(must(writer.share_groups()) == std::vector<std::uint16_t>{0, 0, 2});

  SECTION("with the move that empties it") {
    must(writer.begin());
    must(writer.move_share({node_index{0}, node_index{1}, {by_shop}}));
    must(writer.leave(node_index{0}));
  }
  SECTION("or just so") {
    must(writer.begin());
    must(writer.leave(node_index{0}));
  }
  must(writer.commit(epoch{3}, std::vector{at(1, 3)}));
  CHECK(c.state() == "1:1");
  CHECK(c.shown() == 1);
  CHECK(c.numbers() == "n1=0 left, n2=1, n3=2");
  CHECK(must(writer.frontier()).size() == 2);
  CHECK(must(writer.share_groups()) == std::vector<std::uint16_t>{1, 0, 2});
  CHECK(c.db.sql.number("SELECT count(*) FROM weir.frontier") == 2);
  must(writer.begin());
  CHECK(!writer.commit(epoch{4}, std::vector{at(0, 4)}));

  // It comes back: as the one it was, with a share of its own.
  auto again = c.open(); // ends the session of `writer`
  CHECK(c.numbers() == "n1=0, n2=1, n3=2");
  CHECK(must(again.share_groups()) == std::vector<std::uint16_t>{1, 0, 2});
  must(again.begin());
  must(again.commit(epoch{4}, std::vector{at(0, 4)}));
  CHECK(must(again.frontier()).size() == 3);
}

TEST_CASE("a node that leaves with rows that went nowhere is refused", "[target]") {
  cluster_of_three c;
  auto writer = c.open();
  must(writer.begin());
  must(writer.apply(by_shop, c.one_row(0, 1)));
  must(writer.commit(epoch{1}, std::vector{at(0, 1), at(1, 1), at(2, 1)}));
  must(writer.begin());
  (void)writer.leave(node_index{0});
  const auto refused = writer.commit(epoch{2}, std::vector{at(1, 2)});
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::internal);
  CHECK_THAT(refused.error().message, WEIR_CONTAINS("node n1 has left with rows in view by_shop"));
  CHECK(must(c.open().frontier()).size() == 3);
}

TEST_CASE("a total that is negative in the middle of a cut may yet be right at its end", "[target]") {
  cluster_of_three c;
  auto writer = c.open();
  must(writer.begin());
  must(writer.apply(by_shop, c.one_row(1, -1)));
  must(writer.apply(by_shop, c.one_row(0, 1)));
  must(writer.move_share({node_index{0}, node_index{1}, {}}));
  must(writer.commit(epoch{1}, std::vector{at(0, 1), at(1, 1), at(2, 1)}));
  CHECK(c.state().empty()); // together they are nothing
  CHECK(c.shown() == 0);
}

TEST_CASE("a total that is nothing in the middle of a cut is not the end of its parts", "[target]") {
  cluster_of_three c;
  auto writer = c.open();
  must(writer.begin());
  must(writer.apply(by_shop, c.one_row(2, 1)));
  must(writer.commit(epoch{1}, std::vector{at(0, 1), at(1, 1), at(2, 1)}));
  must(writer.begin());
  must(writer.apply(by_shop, c.one_row(1, -1))); // it came to n2 with its shard, from n1, whose part follows
  must(writer.apply(by_shop, c.one_row(0, 1)));
  must(writer.move_share({node_index{0}, node_index{1}, {}}));
  must(writer.commit(epoch{2}, std::vector{at(0, 2), at(1, 2), at(2, 2)}));
  CHECK(c.shown() == 1);
  must(writer.begin());
  must(writer.truncate(by_shop, node_index{2})); // what n3 had is its own still
  must(writer.commit(epoch{3}, std::vector{at(0, 3), at(1, 3), at(2, 3)}));
  CHECK(c.shown() == 0);
  CHECK(c.state().empty()); // and of the other two nothing is left
}

TEST_CASE("what a node owns is kept until it is told anew", "[target]") {
  cluster_of_three c;
  std::optional<postgres::view_writer> writer(c.open());
  const auto cut = [&](std::uint64_t number, postgres::frontier_entry entry, const char* owned) {
    if (owned != nullptr) entry.ownership = std::make_shared<const std::string>(owned);
    must(writer->begin());
    must(writer->commit(epoch{number}, std::vector{entry}));
  };
  // As this writer has it, and as the next one finds it.
  const auto owned = [&]() -> std::string {
    const auto told = must(writer->frontier()).at(0).ownership;
    writer.reset();
    writer.emplace(c.open());
    const auto found = must(writer->frontier()).at(0).ownership;
    REQUIRE((told == nullptr) == (found == nullptr));
    CHECK((!told || *told == *found));
    return found ? *found : "nothing";
  };
  cut(1, at(0, 1), nullptr);
  CHECK(owned() == "nothing");
  cut(2, at(0, 2), "{\"102008\": \"x\"}");
  CHECK(owned() == "{\"102008\": \"x\"}");
  cut(3, at(0, 3), nullptr);
  CHECK(owned() == "{\"102008\": \"x\"}");
  cut(4, at(0, 4), "");
  CHECK(owned().empty());
}

} // namespace weir::test
