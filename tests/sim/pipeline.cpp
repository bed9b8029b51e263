#include <cstdint>

#include <fmt/format.h>

#include "tests/sim/world/world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace {

constexpr std::uint64_t steps = 6'000;

void run_seeds(const char* faults, std::uint64_t count) {
  weir::sim::world_options options;
  REQUIRE(options.often.set(faults));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto seed = weir::test::seed() + i;
    weir::sim::world w(seed, options);
    const auto violation = w.run(steps);
    std::string events;
    for (const auto& line : w.env.events.last()) events += "\n" + line;
    INFO(fmt::format("seed {}, step {}, {}\nreplay: tools/sim --seed {} --steps {} --faults {}\n"
                     "the last events:{}",
                     seed, w.env.step, w.description(), seed, steps, options.often.to_text(), events));
    REQUIRE(violation == "");
    REQUIRE(w.cuts() > 0);
  }
}

} // namespace

TEST_CASE("a view equals its query at every cut, whatever the interleaving") { run_seeds("", 50); }

TEST_CASE("no cut shows half a distributed transaction") { run_seeds("distributed=300,in_doubt=100", 100); }

TEST_CASE("connections to nodes that break lose and double nothing") {
  run_seeds("distributed=200,in_doubt=50,reader_breaks=15,link_cut=300,link_stalls=10,walsender_lingers=300", 50);
}

TEST_CASE("nodes that go away, crash and fail over lose and double nothing") {
  run_seeds("distributed=200,in_doubt=50,node_away=40,node_crashes=40,failover=40", 50);
}

TEST_CASE("a node whose slot or WAL is lost is refused, and loaded anew when it is asked for") {
  run_seeds("distributed=200,failover_without_slot=60,failover_loses_wal=60,slot_invalidated=30", 50);
}

TEST_CASE("a target that breaks, also in the middle of a commit, loses and doubles nothing") {
  run_seeds("distributed=200,writer_breaks=15,commit_unknown=20,target_away=20,registrar_breaks=20", 50);
}

TEST_CASE("a killed program continues where its last cut was, and two of them do not get in each other's way") {
  run_seeds("distributed=200,in_doubt=50,program_dies=40,program_stops=30,program_stalls=30", 50);
}

TEST_CASE("shards that move show each row once") { run_seeds("distributed=200,in_doubt=50,shard_moves=100", 50); }

TEST_CASE("all faults at once") {
  run_seeds("distributed=200,in_doubt=50,reader_breaks=8,link_cut=100,link_stalls=5,walsender_lingers=200,"
            "load_refused=200,node_away=15,node_crashes=15,failover=10,failover_without_slot=5,failover_loses_wal=5,"
            "slot_invalidated=3,writer_breaks=6,commit_unknown=6,target_away=10,registrar_breaks=10,program_dies=10,"
            "program_stops=10,program_stalls=10",
            200);
}
