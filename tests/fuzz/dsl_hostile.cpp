// Files that were not written by a person: as large as is allowed, deep, long, endless, or no text at all. The front
// end says what is wrong, in bounded memory; that it returns at all is what the rest of this test is about.
//
// Files of a sixteenth of what is allowed are always tried. Those of the full size take minutes and more than a
// gigabyte of memory, which is in the way of whatever else a machine tests at the time: they have the tag [.hostile].

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "dsl/format.hpp"
#include "dsl/print.hpp"
#include "dsl/read_program.hpp"
#include "runtime/base/random.hpp"
#include "tests/fuzz/mutated.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/pipe_blocks.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/seed.hpp"

namespace {

constexpr std::size_t allowed = weir::dsl::max_file_bytes;
constexpr std::size_t usual = allowed / 16;
/// More than the parse tree of any file that is allowed takes; ten times the file refused, it is not read at all.
constexpr std::size_t most_kib = 1'500'000;
constexpr std::size_t most_of_refused_kib = 8'000;

/// In proportion, beside what a small file takes.
constexpr std::size_t most_kib_of(std::size_t size) { return most_kib / (allowed / size) + 8'000; }

/// `begin`, then `piece` again and again, then `end`: `size` bytes at most.
std::string filled(const std::string& begin, const std::string& piece, const std::string& end, std::size_t size) {
  std::string out = begin;
  out.reserve(size);
  while (out.size() + piece.size() + end.size() <= size) out += piece;
  return out + end;
}

struct hostile {
  const char* name;
  std::string begin, piece, end;
};

const std::vector<hostile>& all_hostile() {
  const std::string view = "pipeline p; view v as select ";
  const std::string from = "pipeline p; view v as select a from ";
  static const std::vector<hostile> all{
      {"parentheses", view, "(", ""},
      {"parentheses that end nowhere near", view + "a from t where ", "((a) ", ""},
      {"closing parentheses", view + "a", ")", ";"},
      {"nots", view, "not ", "a from t;"},
      {"signs", view, "- ", "a from t;"},
      {"a sum", view + "a", " + a", " from t;"},
      {"a conjunction", from + "t where a", " and a", ";"},
      {"casts", view + "a", "::int", " from t;"},
      {"is tests", view + "a", " is null", " from t;"},
      {"cases", view, "case when ", "a from t;"},
      {"branches", view + "case", " when a then b", " end from t;"},
      {"calls", view, "coalesce(", "a from t;"},
      {"a list", view + "a in (1", ", 1", ") from t;"},
      {"a select list", view + "a", ", a", " from t;"},
      {"a path", view + "a", ".a", " from t;"},
      {"joins", from + "t", " join t on a", ";"},
      {"comma tables", from + "t", ", t", ";"},
      {"groups of tables", from, "(", ""},
      {"groups of queries", from, "((select a from t) as t join ", ""},
      {"queries in queries", from, "(select a from ", ""},
      {"lookahead", from, "((select 1) ", ""},
      {"unions", view + "a from t", " union select a from t", ";"},
      {"nested unions", "pipeline p; view v as ", "(select a from t union ", ""},
      {"common tables", "pipeline p; view v as with t as (select a from t)", ", t as (select a from t)",
       " select a from t;"},
      {"nested common tables", "pipeline p; view v as ", "with t as (", ""},
      {"an order", from + "t order by a", ", a desc nulls last", ";"},
      {"limits", from + "t", " limit 1", ";"},
      {"statements", "", "source a from b.c.d;", ""},
      {"empty statements", "", ";", ""},
      {"clusters", "", "cluster a{", ""},
      {"nodes", "cluster a { nodes \"\"", ",\"\"", ";}"},
      {"errors", "", "x;", ""},
      {"errors in a block", "cluster a {", "x;", "}"},
      {"openings", "", "{", ""},
      {"closings", "", "}", ""},
      {"includes", "", "include \"a\";", ""},
      {"memories", "", "memory 1 GiB;", ""},
      {"a string", view + "'", "x", ""},
      {"quotes", view + "'", "''", ""},
      {"a name", view, "x", ""},
      {"a quoted name", view + "\"", "\"\"", ""},
      {"a number", view, "1", " from t;"},
      {"dots", view, ".", ""},
      {"a comment", "", "/*", ""},
      {"comments", "", "/**/", ""},
      {"lines of comment", "", "--\n", ""},
      {"blanks", "", " ", ""},
      {"ends of lines", "", "\n", ""},
      {"operators", view, "|", ""},
      {"letters beyond ASCII", view, "ä", ""},
      {"passwords", "cluster a { coordinator \"", "password=x ", ""},
      {"zero bytes", "", std::string(1, '\0'), ""},
      {"bytes that are no UTF-8", "", "\xff", ""},
      {"dollars", view, "$", ""},
      {"variables", "cluster a { coordinator \"", "${A}", "\"; }"},
  };
  return all;
}

/// The most memory that this process has had since the peak was set back; 0 where the system does not tell.
std::size_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
  return 0;
}

void set_peak_back() { std::ofstream("/proc/self/clear_refs") << "5"; }

/// Memory that `work` takes at its peak beyond what there was.
std::size_t peak_of(const std::function<void()>& work) {
  set_peak_back();
  const auto before = peak_kib();
  work();
  const auto after = peak_kib(); // the system counts in portions: it may be the smaller one
  return after > before ? after - before : 0;
}

/// All that is done with a text on its way to a plan, and to the screen.
void take_through(const std::string& text, const weir::test::schema_text& schema) {
  const auto done = weir::test::compile(text, schema);
  if (!done.plan) REQUIRE(weir::dsl::has_errors(done.found));
  for (const auto& d : done.found) REQUIRE_FALSE(d.message.empty());
  REQUIRE(render(done.text, done.found).size() < 200'000);
  REQUIRE(to_json(done.text, done.found).size() <= 1000);
  (void)weir::dsl::print(done.program);
  const auto laid_out = weir::dsl::format(0, text);
  REQUIRE((laid_out.text || !laid_out.found.empty()));
}

weir::test::schema_text golden_schema() {
  return weir::test::schema_text(weir::test::read_text(weir::test::source_file("tests/golden/schema.txt")));
}

/// Each kind of hostile file, filled up to the size.
void take_all_through(std::size_t size) {
  const auto schema = golden_schema();
  for (const auto& one : all_hostile()) {
    INFO(one.name);
    const auto text = filled(one.begin, one.piece, one.end, size);
    CHECK(peak_of([&] { take_through(text, schema); }) < most_kib_of(size));
  }
}

std::string noise(std::size_t size, int kind, const std::vector<std::string>& programs, weir::seeded_random& random) {
  std::string text;
  switch (kind) {
    case 0:
      while (text.size() < size) text += static_cast<char>(random.next());
      break;
    case 1: // printable
      while (text.size() < size) text += static_cast<char>(' ' + random.below(95));
      break;
    case 2: // words without order
      while (text.size() < size) {
        std::string piece;
        while (piece.size() < 2'000) piece = weir::test::mutated(std::move(piece), programs, random);
        text += piece;
      }
      break;
    default: // programs, one after the other, each spoilt somewhere
      while (text.size() + 8'000 < size) {
        auto one = programs[random.below(programs.size())];
        for (auto i = random.below(4); i > 0; --i) one = weir::test::mutated(std::move(one), programs, random);
        text += one;
      }
  }
  text.resize(std::min(text.size(), size));
  return text;
}

void take_noise_through(std::size_t size) {
  const auto schema = golden_schema();
  weir::seeded_random random(weir::test::seed());
  const auto programs = weir::test::shipped_programs();
  REQUIRE(programs.size() > 20);
  for (int round = 0; round < 12; ++round) {
    INFO("round " << round);
    const auto text = noise(size, round % 4, programs, random);
    CHECK(peak_of([&] { take_through(text, schema); }) < most_kib_of(size));
  }
}

} // namespace

TEST_CASE("a large file takes bounded memory, whatever is in it") { take_all_through(usual); }

TEST_CASE("a file as large as is allowed takes bounded memory, whatever is in it", "[.hostile]") {
  take_all_through(allowed);
}

TEST_CASE("a program that goes on is read as far as it goes, and one that ends early says so") {
  const auto schema = golden_schema();
  for (const auto& one : all_hostile())
    for (const std::size_t size : {300UL, 5'000UL}) {
      INFO(one.name << " of " << size);
      take_through(filled(one.begin, one.piece, one.end, size), schema);
      take_through(filled(one.begin, one.piece, "", size), schema);
    }
}

TEST_CASE("a file of ten megabytes is refused before it is in memory") {
  weir::test::scratch_directory at;
  for (const auto& one : all_hostile()) {
    INFO(one.name);
    at.write("large.pipe", filled(one.begin, one.piece, one.end, 10 * allowed));
    const auto peak = peak_of([&] {
      const auto read = weir::dsl::read_program({"large.pipe"});
      REQUIRE(read.found.size() == 1);
      CHECK(read.found[0].code == weir::dsl::code::file_too_large);
      CHECK(read.text.files[0].text.empty());
    });
    CHECK(peak < most_of_refused_kib);
  }
}

TEST_CASE("ten megabytes in memory are refused unread") {
  const auto schema = golden_schema();
  weir::seeded_random random(weir::test::seed());
  std::string text(10 * allowed, ' ');
  for (char& c : text) c = static_cast<char>(random.next());
  const auto done = weir::test::compile(text, schema);
  CHECK(done.found.front().code == weir::dsl::code::file_too_large);
  CHECK(weir::dsl::format(0, text).found.at(0).code == weir::dsl::code::file_too_large);
}

TEST_CASE("random bytes, words and mutated programs break nothing") { take_noise_through(usual); }

TEST_CASE("random bytes, words and mutated programs of a megabyte break nothing", "[.hostile]") {
  take_noise_through(allowed);
}
