#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "tests/sim/world/world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/source_file.hpp"

namespace {

void run(std::uint64_t seed, std::uint64_t steps, const std::string& faults) {
  weir::sim::world_options options;
  REQUIRE(options.often.set(faults));
  weir::sim::world w(seed, options);
  const auto violation = w.run(steps);
  std::string events;
  for (const auto& line : w.env.events.last()) events += "\n" + line;
  INFO(fmt::format("{}, step {}\nreplay: tools/sim --seed {} --steps {} --faults {}\nthe last events:{}",
                   w.description(), w.env.step, seed, steps, options.often.to_text(), events));
  REQUIRE(violation == "");
}

/// Fresh seeds, which follow WEIR_SEED.
void run_fresh(const char* faults, std::uint64_t count) {
  constexpr std::uint64_t steps = 10'000;
  for (std::uint64_t i = 0; i < count; ++i) run(weir::test::seed() + i, steps, faults);
}

} // namespace

TEST_CASE("what was found once is not found again") {
  std::ifstream file(weir::test::source_file("tests/sim/kept_seeds.txt"));
  REQUIRE(file.good());
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream fields(line);
    std::uint64_t seed = 0;
    std::uint64_t steps = 0;
    std::string faults;
    REQUIRE(fields >> seed >> steps >> faults);
    run(seed, steps, faults);
  }
}

TEST_CASE("a view equals its query at every cut, whatever the interleaving") { run_fresh("", 50); }

TEST_CASE("no cut shows half a distributed transaction") { run_fresh("distributed=300,in_doubt=100", 200); }

TEST_CASE("connections to nodes that break lose and double nothing") {
  run_fresh("distributed=200,in_doubt=50,reader_breaks=15,link_cut=300,link_stalls=10,walsender_lingers=300", 100);
}

TEST_CASE("nodes that go away, crash and fail over lose and double nothing") {
  run_fresh("distributed=200,in_doubt=50,node_away=40,node_crashes=40,failover=40", 100);
}

TEST_CASE("a node whose slot or WAL is lost is refused, and loaded anew when it is asked for") {
  run_fresh("distributed=200,failover_without_slot=60,failover_loses_wal=60,slot_invalidated=30", 100);
}

TEST_CASE("a target that breaks, also in the middle of a commit, loses and doubles nothing") {
  run_fresh("distributed=200,writer_breaks=15,commit_unknown=20,target_away=20,registrar_breaks=20", 100);
}

TEST_CASE("a killed program continues where its last cut was, and two do not get in each other's way") {
  run_fresh("distributed=200,in_doubt=50,program_dies=40,program_stops=30,program_stalls=30", 100);
}

TEST_CASE("scratch files that are torn or lost are read again from the slots") {
  run_fresh("distributed=200,in_doubt=100,scratch_torn=100,scratch_lost=100", 100);
}

TEST_CASE("shards that move show each row once") { run_fresh("distributed=200,in_doubt=50,shard_moves=200", 100); }

TEST_CASE("raw capture counts each row once, wherever its shard goes") {
  run_fresh("raw_capture=1000,distributed=200,shard_moves=200,truncates=0", 60);
}

TEST_CASE("raw capture: a TRUNCATE in several parts takes each row away once") {
  run_fresh("raw_capture=1000,distributed=200,truncates=50", 60);
}

TEST_CASE("all faults at once, except that no slot is lost") {
  run_fresh("distributed=200,in_doubt=50,reader_breaks=8,link_cut=100,link_stalls=5,walsender_lingers=200,"
            "load_refused=200,node_away=15,node_crashes=15,failover=10,writer_breaks=6,commit_unknown=6,target_away=10,"
            "registrar_breaks=10,program_dies=10,"
            "program_stops=10,program_stalls=10,scratch_torn=10,scratch_lost=10",
            400);
}

TEST_CASE("all faults at once, slots are lost, shards move") {
  run_fresh("distributed=200,in_doubt=50,reader_breaks=8,link_cut=100,link_stalls=5,walsender_lingers=200,"
            "load_refused=200,node_away=15,node_crashes=15,failover=10,failover_without_slot=10,failover_loses_wal=10,"
            "slot_invalidated=10,writer_breaks=6,commit_unknown=6,target_away=10,registrar_breaks=10,program_dies=10,"
            "program_stops=10,program_stalls=10,scratch_torn=10,scratch_lost=10,raw_capture=1000,shard_moves=300,"
            "early_writers=300",
            100);
}
