#include "tests/system/random_writers.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <stdexcept>

#include "tests/support/sql_session.hpp"

namespace weir::test {

/// One client: its server, its dice, and the range of order ids that is its own.
struct random_writers::client {
  std::string conninfo;
  std::size_t number;
  seeded_random dice;
  std::int64_t first_id;
  std::int64_t ids = 0; ///< handed out so far
  std::uint64_t prepared = 0;

  std::string some_id() {
    return std::to_string(first_id + static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(ids) + 1)));
  }
  std::string fresh_id() { return std::to_string(first_id + ++ids); }
  std::string region() {
    static const char* const regions[] = {"'north'",   "'south'", "'east'", "'west'",
                                          "'Übersee'", "''",      "null",   "'a,b\"c'"};
    return regions[dice.below(std::size(regions))];
  }
  std::string status() { return dice.chance(2, 3) ? "'paid'" : "'open'"; }
  std::string amount() {
    return fmt::format("{}.{:02}", static_cast<std::int64_t>(dice.below(20'000)) - 5'000, dice.below(100));
  }
  /// Now and then one that is stored out of line, and that later updates do not touch.
  std::string note() {
    return dice.chance(1, 20) ? "(select string_agg(md5(i::text), '') from generate_series(1, 200) i)" : "'a note'";
  }

  std::string insert() {
    return fmt::format("insert into orders values ({}, {}, {}, {}, {});", fresh_id(), region(), status(), amount(),
                       note());
  }
  std::string statement() {
    switch (dice.below(9)) {
      case 0: return fmt::format("update orders set region = {} where order_id = {};", region(), some_id());
      case 1: return fmt::format("update orders set status = {} where order_id = {};", status(), some_id());
      case 2: return fmt::format("update orders set amount = {} where order_id = {};", amount(), some_id());
      case 3: return fmt::format("update orders set order_id = {} where order_id = {};", fresh_id(), some_id());
      case 4: return fmt::format("delete from orders where order_id = {};", some_id());
      case 5: return fmt::format("savepoint s; {} rollback to s; {}", insert(), insert());
      case 6: return fmt::format("update orders set note = {} where order_id = {};", note(), some_id());
      default: return insert();
    }
  }
  /// One transaction, as what to send one after the other.
  std::vector<std::string> transaction(const writing_options& options) {
    if (options.truncate && dice.chance(1, 500))
      return {"begin; " + insert() + " truncate orders; " + insert() + " commit"};
    std::string sql = "begin; ";
    for (auto n = 1 + dice.below(5); n > 0; --n) sql += statement() + " ";
    if (dice.chance(1, 10)) return {sql + "rollback"};
    if (!options.prepare || !dice.chance(1, 10)) return {sql + "commit"};
    const auto gid = fmt::format("client {} no {}", number, ++prepared);
    return {fmt::format("{}prepare transaction '{}'", sql, gid),
            fmt::format("{} prepared '{}'", dice.chance(1, 3) ? "rollback" : "commit", gid)};
  }
};

random_writers::random_writers(const std::vector<std::string>& workers, std::uint64_t seed, writing_options options)
    : problems_(workers.size() * static_cast<std::size_t>(options.clients_per_worker)) {
  for (std::size_t i = 0; i < problems_.size(); ++i)
    threads_.emplace_back([this, options,
                           c = client{workers[i % workers.size()], i, seeded_random(seed + i),
                                      static_cast<std::int64_t>(i + 1) * 1'000'000'000}] { write(c, options); });
}

void random_writers::write(client c, writing_options options) {
  std::unique_ptr<sql_session> session;
  while (!stopping_) {
    try {
      if (!session) session = std::make_unique<sql_session>(c.conninfo);
      for (const auto& sql : c.transaction(options)) session->run(sql);
      ++committed_;
      std::this_thread::sleep_for(std::chrono::microseconds(c.dice.below(3000)));
    } catch (const sql_error& e) {
      session.reset();
      // 57P0x: shut down, crashed, starting; "": no connection; 40P01: a truncate met an update.
      if (!e.sqlstate.empty() && !e.sqlstate.starts_with("57P0") && e.sqlstate != "40P01") {
        problems_[c.number] = e.what();
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

void random_writers::stop() {
  stopping_ = true;
  threads_.clear();
  for (const auto& p : problems_)
    if (!p.empty()) throw std::runtime_error(p);
}

} // namespace weir::test
