#include "tests/citus/mixed_writers.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "runtime/base/random.hpp"
#include "tests/support/sql_session.hpp"

namespace weir::test {

/// One client: its server, its dice, and the range of order ids that is its own.
struct mixed_writers::client {
  std::string conninfo;
  seeded_random dice;
  mixed_writing options;
  std::int64_t first_id;
  std::int64_t ids = 0; ///< handed out so far

  std::int64_t some_id() {
    return first_id + 1 + static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(ids) + 1));
  }
  /// The first of `count` ids that nobody had.
  std::int64_t fresh_ids(std::int64_t count) {
    ids += count;
    return first_id + ids - count + 1;
  }
  std::string region() {
    static constexpr std::array<const char*, 8> regions{"'north'",   "'south'", "'east'", "'west'",
                                                        "'Übersee'", "''",      "null",   "'a,b\"c'"};
    return regions[dice.below(regions.size())];
  }
  std::string status() { return dice.chance(2, 3) ? "'paid'" : "'open'"; }
  std::string amount() {
    return fmt::format("{}.{:02}", static_cast<std::int64_t>(dice.below(20'000)) - 5'000, dice.below(100));
  }
  /// Now and then one that is stored out of line, and that later updates do not touch.
  std::string note() {
    if (!dice.chance(1, 20)) return "'a note'";
    std::string text;
    while (text.size() < 5000) text += fmt::format("{:016x}", dice.next());
    return "'" + text + "'";
  }
  std::string row(std::int64_t id) {
    return fmt::format("({}, {}, {}, {}, {})", id, region(), status(), amount(), note());
  }
  std::string insert() { return "insert into orders values " + row(fresh_ids(1)) + ";"; }
  std::string insert_many() {
    const auto count = static_cast<std::int64_t>(2 + dice.below(6));
    std::string sql;
    for (auto id = fresh_ids(count), end = id + count; id < end; ++id) sql += (sql.empty() ? "" : ", ") + row(id);
    return "insert into orders values " + sql + ";";
  }
  /// An id that lies beside it goes to another shard as a rule.
  std::string few_ids() {
    const auto id = some_id();
    return fmt::format("order_id between {} and {}", id, id + static_cast<std::int64_t>(dice.below(6)));
  }

  std::string statement() {
    if (options.insert_only) return dice.chance(1, 3) ? insert_many() : insert();
    switch (dice.below(options.reference ? 13 : 12)) {
      case 0: return fmt::format("update orders set region = {} where order_id = {};", region(), some_id());
      case 1: return fmt::format("update orders set status = {} where order_id = {};", status(), some_id());
      case 2: return fmt::format("update orders set amount = {} where order_id = {};", amount(), some_id());
      case 3: // another distribution key
        return fmt::format("delete from orders where order_id = {}; {}", some_id(), insert());
      case 4: return fmt::format("delete from orders where order_id = {};", some_id());
      case 5: return fmt::format("savepoint s; {} rollback to s; {}", insert(), insert());
      case 6: return fmt::format("update orders set note = {} where order_id = {};", note(), some_id());
      case 7: return fmt::format("update orders set amount = amount + 1 where {};", few_ids());
      case 8: return dice.chance(1, 3) ? fmt::format("delete from orders where {};", few_ids()) : insert();
      case 9: return insert_many();
      case 10: {
        const auto from = some_id();
        return fmt::format("insert into orders select order_id - {0} + {1}, region, status, -amount, note from orders "
                           "where order_id between {0} and {0} + 4;",
                           from, fresh_ids(5));
      }
      case 12: return fmt::format("update regions set visits = visits + 1 where id = {};", 1 + dice.below(8));
      default: return insert();
    }
  }
  std::string transaction() {
    if (options.truncate && dice.chance(1, 20'000)) return "begin; truncate orders; " + insert_many() + " commit";
    std::string sql = "begin; ";
    for (auto n = 1 + dice.below(4); n > 0; --n) sql += statement() + " ";
    return sql + (dice.chance(1, 10) ? "rollback" : "commit");
  }
};

namespace {

/// What a cluster under change does to a client that did nothing wrong.
bool expected(const std::string& sqlstate) {
  for (const auto* prefix : {"08", "40", "53", "55", "57"})
    if (sqlstate.starts_with(prefix)) return true;
  // No connection, an internal error of Citus, a relation (a shard) that has gone, a transaction cut off, a connection
  // lost under a nested statement, a result on its way between nodes that has gone.
  return sqlstate.empty() || sqlstate == "XX000" || sqlstate == "CIINF" || sqlstate == "42P01" || sqlstate == "25P02" ||
         sqlstate == "25000";
}

} // namespace

mixed_writers::mixed_writers(const std::vector<std::string>& nodes, std::uint64_t seed, mixed_writing options)
    : seed_(seed), options_(options) {
  for (const auto& node : nodes) add(node);
}

void mixed_writers::add(const std::string& conninfo) {
  {
    const std::lock_guard lock(mutex_);
    removed_.erase(conninfo);
  }
  for (int i = 0; i < options_.clients_per_node; ++i) {
    const auto number = threads_.size();
    static std::atomic<std::int64_t> ever = 0; // ids are of one client alone, also of those of a test's other writers
    client c{conninfo, seeded_random(seed_ + number), options_, ++ever * 1'000'000'000};
    threads_.emplace_back([this, c] { write(c); });
  }
}

void mixed_writers::remove(const std::string& conninfo) {
  {
    const std::lock_guard lock(mutex_);
    removed_.insert(conninfo);
  }
  const bool paused = pausing_;
  pause();
  pausing_ = paused;
}

bool mixed_writers::is_removed(const std::string& conninfo) const {
  const std::lock_guard lock(mutex_);
  return removed_.contains(conninfo);
}

void mixed_writers::note(const std::string& sqlstate) {
  const std::lock_guard lock(mutex_);
  ++survived_[sqlstate];
}

std::map<std::string, int> mixed_writers::survived() const {
  const std::lock_guard lock(mutex_);
  return survived_;
}

void mixed_writers::write(client c) {
  std::unique_ptr<sql_session> session;
  while (!stopping_) {
    ++writing_;
    if (pausing_) {
      --writing_;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    if (is_removed(c.conninfo)) {
      --writing_;
      return;
    }
    auto rest = std::chrono::microseconds(c.dice.below(3000));
    try {
      if (!session) {
        session = std::make_unique<sql_session>(c.conninfo);
        session->run("set statement_timeout = '30s'"); // Citus sees not every deadlock between nodes
      }
      session->run(c.transaction());
      ++committed_;
    } catch (const sql_error& e) {
      session.reset();
      if (!expected(e.sqlstate)) {
        const std::lock_guard lock(mutex_);
        problems_.push_back(e.sqlstate + " " + e.what());
        --writing_;
        return;
      }
      note(e.sqlstate);
      rest = std::chrono::milliseconds(50);
    }
    --writing_;
    std::this_thread::sleep_for(rest);
  }
}

void mixed_writers::pause() {
  pausing_ = true;
  while (writing_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void mixed_writers::resume() { pausing_ = false; }

void mixed_writers::stop() {
  stopping_ = true;
  threads_.clear();
  const std::lock_guard lock(mutex_);
  if (!problems_.empty()) throw std::runtime_error(problems_.front());
}

} // namespace weir::test
