#include "runtime/state/transaction_hold.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "runtime/base/random.hpp"
#include "runtime/rows/text_form.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir {
namespace {

constexpr transaction_hold::key one = 1;
constexpr transaction_hold::key two = 2;

std::string temporary() { return std::filesystem::temp_directory_path().string(); }

std::size_t open_files() {
  const std::filesystem::directory_iterator fds("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(fds), end(fds)));
}

/// Rows first, first + 1 … of (number, text or null, numeric of any size).
std::shared_ptr<const batch> numbered(std::int64_t first, std::size_t count) {
  auto b = std::make_shared<batch>();
  b->columns.emplace_back(data_type{type_id::int8});
  b->columns.emplace_back(data_type{type_id::text});
  b->columns.emplace_back(data_type{type_id::numeric});
  for (auto n = first; n < first + static_cast<std::int64_t>(count); ++n) {
    b->columns[0].append_i64(n);
    if (n % 3 == 0)
      b->columns[1].append_null();
    else
      b->columns[1].append_bytes("row " + std::to_string(n));
    REQUIRE(
        append_text(b->columns[2], n % 2 == 0 ? std::to_string(n) + ".50" : std::to_string(n) + std::string(50, '7')));
    b->weights.push_back(n % 5 == 0 ? -1 : 2);
  }
  return b;
}

held_item rows(const std::shared_ptr<const batch>& b, std::uint32_t first, std::uint32_t last, std::size_t view = 0) {
  return {held_item::kind::rows, view, b, first, last, {}};
}

held_item whole(std::int64_t first, std::size_t count, std::size_t view = 0) {
  return rows(numbered(first, count), 0, static_cast<std::uint32_t>(count), view);
}

held_item truncate(std::size_t view = 0) { return {held_item::kind::truncate, view, {}, 0, 0, {}}; }

/// "view: kind" and the rows of the item, without regard to how they are cut out of their batch.
std::string text_of(const held_item& item) {
  auto out = std::to_string(item.view);
  if (item.what == held_item::kind::truncate) return out + ": truncate\n";
  out += item.what == held_item::kind::rows ? ": rows\n" : ": states\n";
  batch b;
  for (const auto& c : item.rows->columns) {
    b.columns.emplace_back(c.type);
    for (auto row = item.first; row < item.last; ++row) b.columns.back().append_from(c, row);
  }
  b.weights.assign(item.rows->weights.begin() + item.first, item.rows->weights.begin() + item.last);
  return out + to_text(b, {});
}

std::string take_all(transaction_hold& hold, transaction_hold::key transaction) {
  std::string out;
  for (;;) {
    auto item = hold.take(transaction);
    REQUIRE(item);
    if (!*item) return out;
    out += text_of(**item);
  }
}

TEST_CASE("a transaction's items come back in the order they were put", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, whole(0, 3));
  hold.put(one, truncate(1));
  hold.put(one, {held_item::kind::states, 2, numbered(7, 1), 0, 1, {}});
  CHECK(take_all(hold, one) ==
        text_of(whole(0, 3)) + text_of(truncate(1)) + text_of({held_item::kind::states, 2, numbered(7, 1), 0, 1, {}}));
}

TEST_CASE("a transaction of which all was taken is forgotten", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, whole(0, 1));
  CHECK_FALSE(hold.empty(one));
  take_all(hold, one);
  CHECK(hold.empty(one));
}

TEST_CASE("an unknown transaction has nothing to take, to spill, to compact or to drop", "[state]") {
  transaction_hold hold(temporary());
  CHECK(hold.empty(one));
  CHECK(hold.memory_bytes(one) == 0);
  CHECK(hold.spill(one));
  hold.compact(one);
  hold.drop(one);
  const auto item = hold.take(one);
  REQUIRE(item);
  CHECK_FALSE(item->has_value());
}

TEST_CASE("what was spilled comes back as it was, before what was put later", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, whole(0, 5, 3));
  hold.put(one, truncate());
  hold.put(one, {held_item::kind::states, 1, numbered(5, 2), 0, 2, {}});
  REQUIRE(hold.spill(one));
  hold.put(one, whole(20, 2));
  CHECK(take_all(hold, one) == text_of(whole(0, 5, 3)) + text_of(truncate()) +
                                   text_of({held_item::kind::states, 1, numbered(5, 2), 0, 2, {}}) +
                                   text_of(whole(20, 2)));
}

TEST_CASE("a transaction may be spilled several times", "[state]") {
  transaction_hold hold(temporary());
  std::string expected;
  for (std::int64_t n = 0; n < 5; ++n) {
    hold.put(one, whole(n * 10, 2));
    expected += text_of(whole(n * 10, 2));
    REQUIRE(hold.spill(one));
    REQUIRE(hold.spill(one)); // nothing is left to spill
  }
  CHECK(take_all(hold, one) == expected);
}

TEST_CASE("a transaction that is being taken may still be put to and spilled", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, whole(0, 1));
  hold.put(one, whole(1, 1));
  REQUIRE(hold.spill(one));
  auto first = hold.take(one);
  REQUIRE(first);
  CHECK(text_of(**first) == text_of(whole(0, 1)));
  hold.put(one, whole(2, 1));
  REQUIRE(hold.spill(one));
  CHECK(take_all(hold, one) == text_of(whole(1, 1)) + text_of(whole(2, 1)));
}

TEST_CASE("of a slice only its own rows are spilled", "[state]") {
  transaction_hold hold(temporary());
  const auto shared = numbered(0, 1000);
  hold.put(one, rows(shared, 10, 12));
  hold.put(two, rows(shared, 12, 15));
  REQUIRE(hold.spill(one));
  CHECK(hold.spilled_bytes() < shared->size_bytes() / 10);
  CHECK(take_all(hold, one) == text_of(whole(10, 2)));
  CHECK(take_all(hold, two) == text_of(whole(12, 3)));
}

TEST_CASE("spilling one transaction leaves the others in memory", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, whole(0, 2));
  hold.put(two, whole(2, 2));
  const auto before = hold.memory_bytes(two);
  REQUIRE(hold.spill(one));
  CHECK(hold.memory_bytes(one) == 0);
  CHECK(hold.memory_bytes(two) == before);
}

TEST_CASE("memory counts what was put and neither spilled nor taken", "[state]") {
  transaction_hold hold(temporary());
  const auto a = whole(0, 10);
  const auto b = whole(10, 20);
  hold.put(one, a);
  hold.put(one, b);
  CHECK(hold.memory_bytes(one) == a.size_bytes() + b.size_bytes());
  REQUIRE(hold.take(one));
  CHECK(hold.memory_bytes(one) == b.size_bytes());
  REQUIRE(hold.spill(one));
  CHECK(hold.memory_bytes(one) == 0);
}

TEST_CASE("a compacted slice lets go of the batch it was part of, and of its charge", "[state]") {
  transaction_hold hold(temporary());
  auto shared = numbered(0, 100);
  const std::weak_ptr<const batch> watched = shared;
  auto charge = std::make_shared<const int>(0);
  const std::weak_ptr<const int> watched_charge = charge;
  hold.put(one, {held_item::kind::rows, 4, std::move(shared), 5, 8, std::move(charge)});
  hold.put(one, truncate());
  hold.compact(one);
  CHECK(watched.expired());
  CHECK(watched_charge.expired());
  CHECK(take_all(hold, one) == text_of(whole(5, 3, 4)) + text_of(truncate()));
}

TEST_CASE("a compacted whole batch is kept, with its charge", "[state]") {
  transaction_hold hold(temporary());
  auto charge = std::make_shared<const int>(0);
  const std::weak_ptr<const int> watched_charge = charge;
  const auto whole_batch = numbered(0, 3);
  hold.put(one, {held_item::kind::rows, 0, whole_batch, 0, 3, std::move(charge)});
  hold.compact(one);
  CHECK_FALSE(watched_charge.expired());
  const auto item = hold.take(one);
  REQUIRE(item);
  CHECK((*item)->rows == whole_batch);
}

TEST_CASE("spilling lets go of batch and charge", "[state]") {
  transaction_hold hold(temporary());
  auto shared = numbered(0, 3);
  const std::weak_ptr<const batch> watched = shared;
  auto charge = std::make_shared<const int>(0);
  const std::weak_ptr<const int> watched_charge = charge;
  hold.put(one, {held_item::kind::rows, 0, std::move(shared), 0, 3, std::move(charge)});
  REQUIRE(hold.spill(one));
  CHECK(watched.expired());
  CHECK(watched_charge.expired());
}

TEST_CASE("what was dropped is gone, in memory and in the file", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, whole(0, 1));
  REQUIRE(hold.spill(one));
  hold.put(one, whole(1, 1));
  hold.drop(one);
  CHECK(hold.empty(one));
  hold.put(one, whole(2, 1)); // the number again
  CHECK(take_all(hold, one) == text_of(whole(2, 1)));
}

TEST_CASE("thousands of small spilled transactions do not use up the file descriptors", "[state]") {
  const auto before = open_files();
  transaction_hold hold(temporary());
  for (transaction_hold::key n = 0; n < 3000; ++n) {
    hold.put(n, whole(static_cast<std::int64_t>(n), 1));
    REQUIRE(hold.spill(n));
  }
  CHECK(open_files() <= before + 1);
  for (transaction_hold::key n = 0; n < 3000; ++n)
    REQUIRE(take_all(hold, n) == text_of(whole(static_cast<std::int64_t>(n), 1)));
  CHECK(open_files() == before);
}

TEST_CASE("a full file is followed by another, and goes with its last item", "[state]") {
  const auto before = open_files();
  transaction_hold hold(temporary(), 1); // every item fills a file
  for (transaction_hold::key n = 0; n < 4; ++n) {
    hold.put(n, whole(static_cast<std::int64_t>(n), 1));
    REQUIRE(hold.spill(n));
  }
  CHECK(open_files() == before + 4);
  hold.drop(2);
  CHECK(open_files() == before + 3);
  CHECK(take_all(hold, 3) == text_of(whole(3, 1)));
  CHECK(open_files() == before + 2);
}

TEST_CASE("nothing with a name is left in the directory", "[state]") {
  const auto directory = std::filesystem::temp_directory_path() / ("weir-hold-" + std::to_string(test::seed()));
  std::filesystem::create_directory(directory);
  transaction_hold hold(directory.string());
  hold.put(one, whole(0, 1));
  REQUIRE(hold.spill(one));
  CHECK(std::filesystem::is_empty(directory));
  std::filesystem::remove(directory); // its file lives on without it
  CHECK(take_all(hold, one) == text_of(whole(0, 1)));
}

/// The spill file that this process has open.
std::string spill_file_path() {
  for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(fd, gone).string().find("weir-spill") != std::string::npos) return fd.path();
  }
  return {};
}

TEST_CASE("a file that was torn or cut is noticed, and is no reason to give up", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, {held_item::kind::rows, 0, numbered(0, 100), 0, 100, {}});
  REQUIRE(hold.spill(one));
  const auto path = spill_file_path();
  REQUIRE_FALSE(path.empty());
  SECTION("torn") {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(700);
    file.put('?');
  }
  SECTION("cut") { std::filesystem::resize_file(path, 800); }
  const auto item = hold.take(one);
  REQUIRE_FALSE(item);
  CHECK(item.error().code == errc::scratch_damaged);
  CHECK(kind_of(item.error().code) == failure_kind::transient);
  CHECK_THAT(item.error().message, WEIR_CONTAINS(temporary()));
}

TEST_CASE("a directory that cannot be written to is named, and nothing is lost", "[state]") {
  transaction_hold hold("/proc/no/such/directory");
  hold.put(one, whole(0, 2));
  const auto outcome = hold.spill(one);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == errc::io_failed);
  CHECK_THAT(outcome.error().message, WEIR_CONTAINS("/proc/no/such/directory"));
  CHECK_THAT(outcome.error().hint, WEIR_CONTAINS("TMPDIR"));
  CHECK(take_all(hold, one) == text_of(whole(0, 2)));
}

TEST_CASE("random puts, spills, compactions, drops and takes keep the order", "[state]") {
  seeded_random random(test::seed());
  transaction_hold hold(temporary(), 2000);
  const auto shared = numbered(0, 50);
  std::unordered_map<transaction_hold::key, std::vector<std::string>> expected;
  for (int step = 0; step < 5000; ++step) {
    const auto transaction = random.below(4);
    auto& items = expected[transaction];
    switch (random.below(6)) {
      case 0:
      case 1: {
        const auto first = static_cast<std::uint32_t>(random.below(50));
        const auto last = first + 1 + static_cast<std::uint32_t>(random.below(50 - first));
        const auto item = random.chance(1, 8) ? truncate(random.below(3)) : rows(shared, first, last, random.below(3));
        const auto of_view = [view = std::to_string(item.view) + ":"](const auto& kept) {
          return kept.starts_with(view);
        };
        if (item.what == held_item::kind::truncate) std::erase_if(items, of_view);
        items.push_back(text_of(item));
        hold.put(transaction, item);
        break;
      }
      case 2: REQUIRE(hold.spill(transaction)); break;
      case 3: hold.compact(transaction); break;
      case 4: {
        const auto item = hold.take(transaction);
        REQUIRE(item);
        REQUIRE(item->has_value() == !items.empty());
        if (items.empty()) break;
        REQUIRE(text_of(**item) == items.front());
        items.erase(items.begin());
        break;
      }
      default:
        if (!random.chance(1, 10)) break;
        hold.drop(transaction);
        items.clear();
    }
  }
}

} // namespace
} // namespace weir
