#include <algorithm>
#include <filesystem>
#include <vector>

#include "dsl/outline.hpp"
#include "runtime/base/random.hpp"
#include "tests/fuzz/mutated.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/source_file.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<std::string> samples() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(fs::path(weir::test::source_file("tests/golden/diagnostics"))))
    if (entry.path().extension() == ".pipe") out.push_back(weir::test::read_text(entry.path().string()));
  std::sort(out.begin(), out.end());
  return out;
}

} // namespace

TEST_CASE("no text of a program breaks the front end") {
  weir::seeded_random random(weir::test::seed());
  const auto all = samples();
  REQUIRE(all.size() > 20);
  const weir::test::schema_text schema(weir::test::read_text(weir::test::source_file("tests/golden/schema.txt")));
  for (int round = 0; round < 5000; ++round) {
    std::string text = all[random.below(all.size())];
    for (std::uint64_t i = random.below(8) + 1; i > 0; --i) text = weir::test::mutated(std::move(text), all, random);
    const auto done = weir::test::compile(text, schema);
    // no plan without a reason, and every reason can be shown
    if (!done.plan) REQUIRE(weir::dsl::has_errors(done.found));
    for (const auto& d : done.found) REQUIRE_FALSE(render(done.text, d).empty());
  }
}
