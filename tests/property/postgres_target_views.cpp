#include "tests/property/postgres_target_mirror.hpp"
#include "tests/support/seed.hpp"

// The views as the writer keeps them against PostgreSQL's own GROUP BY over tables that hold the same rows.

namespace weir::test {

TEST_CASE("views equal their query after every cut, whatever came", "[target]") {
  seeded_random seeds(seed());
  for (int run = 0; run < 6; ++run) {
    const target_database db;
    mirrored_views views(seeds.next(), facts_plan(), db.conninfo);
    for (int cut = 0; cut < 25; ++cut) views.cut();
  }
}

} // namespace weir::test
