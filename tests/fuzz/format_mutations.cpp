#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

#include "dsl/format.hpp"
#include "runtime/base/random.hpp"
#include "tests/fuzz/mutated.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/pipe_blocks.hpp"
#include "tests/support/seed.hpp"

namespace {

std::vector<std::string> samples() {
  auto out = weir::test::shipped_programs();
  for (const auto& path : weir::test::files_below("tests", ".pipe")) {
    auto text = weir::test::read_text(path);
    if (text.size() < 4000) out.push_back(std::move(text));
  }
  return out;
}

struct meaning {
  std::vector<std::string> found; ///< messages without places
  std::string plan;
};

meaning meaning_of(const std::string& text, const weir::test::schema_text& schema) {
  const auto done = weir::test::compile(text, schema);
  meaning out;
  for (const auto& d : done.found) out.found.push_back(to_string(d.code) + d.message + d.hint);
  std::sort(out.found.begin(), out.found.end());
  if (done.plan) out.plan = weir::fingerprint(*done.plan);
  return out;
}

} // namespace

TEST_CASE("the layout of a program is all that the formatter changes") {
  weir::seeded_random random(weir::test::seed());
  const auto all = samples();
  REQUIRE(all.size() > 60);
  const weir::test::schema_text schema(weir::test::read_text(weir::test::source_file("tests/golden/schema.txt")));
  std::size_t laid_out = 0;
  std::size_t parsed = 0;
  std::size_t planned = 0;
  for (std::size_t round = 0; round < 8'000; ++round) {
    std::string text = all[round % all.size()];
    if (round >= all.size())
      for (auto i = random.below(6); i > 0; --i) text = weir::test::mutated(std::move(text), all, random);
    const auto once = weir::dsl::format(0, text);
    if (!once.text) {
      REQUIRE(!once.found.empty());
      continue;
    }
    ++laid_out;
    INFO("---- before\n" << text << "\n---- after\n" << *once.text);
    REQUIRE(weir::dsl::same_tokens(text, *once.text));
    const auto twice = weir::dsl::format(0, *once.text);
    REQUIRE(twice.text);
    REQUIRE(*twice.text == *once.text);
    const auto shape = weir::dsl::shape_of(text);
    if (shape.empty()) continue;
    ++parsed;
    REQUIRE(weir::dsl::shape_of(*once.text) == shape);
    if (round % 4 != 0) continue;
    const auto before = meaning_of(text, schema);
    const auto after = meaning_of(*once.text, schema);
    REQUIRE(before.found == after.found);
    REQUIRE(before.plan == after.plan);
    planned += before.plan.empty() ? 0 : 1;
  }
  WARN(laid_out << " laid out, " << parsed << " of them parse, " << planned << " of a quarter of these have a plan");
  CHECK(laid_out > 4'000);
  CHECK(parsed > 500);
  CHECK(planned > 20);
}
