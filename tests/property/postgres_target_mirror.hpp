#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/view_writer.hpp"
#include "tests/property/postgres_target_model.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"

namespace weir::test {

inline constexpr std::uint16_t node_count = 3;
inline constexpr const char* all_facts =
    "(SELECT * FROM facts_0 UNION ALL SELECT * FROM facts_1 UNION ALL SELECT * FROM "
    "facts_2) AS facts";

/// Which nodes share history: equal numbers, as the writer has them.
using share_groups = std::array<std::uint16_t, node_count>;

inline void join(share_groups& groups, std::uint16_t a, std::uint16_t b) {
  const auto [kept, given_up] = std::minmax({groups[a], groups[b]});
  for (auto& g : groups)
    if (g == given_up) g = kept;
}

/// The views as a writer keeps them and, in the same database, the mirror of all rows that it was told of. Rows move
/// between nodes without a word to the writer: from then on nodes' shares may be negative.
class mirrored_views {
public:
  /// Into an empty database.
  mirrored_views(std::uint64_t seed, pipeline_plan plan, const std::string& conninfo)
      : db_(conninfo), plan_(std::move(plan)), random_(seed) {
    auto target = db_.connect();
    must(postgres::install_schema(target));
    must(postgres::register_pipeline(target, plan_, "a definition"));
    grant_ = must(postgres::acquire_lease(lease_session_, plan_.name, "here:1", std::chrono::seconds(60)));
    for (std::uint16_t n = 0; n < node_count; ++n) db_.sql.run(create_facts_sql(fmt::format("facts_{}", n)));
    for (const auto& view : plan_.views) pending_.emplace_back(view);
    open();
  }

  /// A cut of random changes; some are never committed, as if the runtime had died.
  void cut() {
    const auto before = rows_;
    together_ = shares_;
    db_.sql.run("BEGIN");
    must(writer_->begin());
    for (auto action = random_.below(8); action > 0; --action) {
      const auto node = random_node();
      if (random_.chance(1, 10))
        truncate(node);
      else if (random_.chance(1, 20))
        read_anew(node);
      else if (random_.chance(1, 5))
        move(node, random_node());
      else if (random_.chance(1, 5))
        rescale(node, 1 + random_.below(4));
      else if (random_.chance(1, 2))
        insert(node, 1 + random_.below(12));
      else
        remove(node, 1 + random_.below(12));
      if (random_.chance(1, 2)) apply();
    }
    apply();
    tell_shares();
    if (random_.chance(1, 6)) {
      db_.sql.run("ROLLBACK");
      rows_ = before;
      begun_.clear();
      moves_.clear();
      open();
    } else {
      commit();
    }
    compare();
  }

private:
  void open() {
    writer_.reset();
    writer_.emplace(must(postgres::view_writer::open(db_.connect(), plan_, grant_)));
    REQUIRE(must(writer_->last_epoch()) == last_);
    check_shares();
    const auto found = must(writer_->frontier());
    REQUIRE(found.size() == frontier_.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(found[i].node == frontier_[i].node);
      CHECK(found[i].slot == frontier_[i].slot);
      CHECK(found[i].system_id == frontier_[i].system_id);
      CHECK(found[i].timeline == frontier_[i].timeline);
      CHECK(found[i].position == frontier_[i].position);
      CHECK(found[i].confirmed == frontier_[i].confirmed);
      CHECK(found[i].commit_time_us == frontier_[i].commit_time_us);
    }
  }

  void insert(std::uint16_t node, std::size_t count) {
    std::string values;
    for (std::size_t i = 0; i < count; ++i) {
      const auto f = random_fact(random_, ++last_id_);
      values += (values.empty() ? "" : ", ") + values_sql(f);
      for (auto& p : pending_) p.add(f, node, 1);
      rows_[node].push_back(f);
    }
    db_.sql.run(fmt::format("INSERT INTO facts_{} VALUES {}", node, values));
  }

  void remove(std::uint16_t node, std::size_t count) {
    auto& rows = rows_[node];
    std::string ids = "0";
    for (; count > 0 && !rows.empty(); --count) {
      std::swap(rows[random_.below(rows.size())], rows.back());
      for (auto& p : pending_) p.add(rows.back(), node, -1);
      ids += ", " + std::to_string(rows.back().id);
      rows.pop_back();
    }
    db_.sql.run(fmt::format("DELETE FROM facts_{} WHERE id IN ({})", node, ids));
  }

  /// Updates that change nothing but how a value is written: 1.5 becomes 1.50.
  void rescale(std::uint16_t node, std::size_t count) {
    constexpr std::size_t free_numeric = 3;
    auto& rows = rows_[node];
    for (; count > 0 && !rows.empty(); --count) {
      auto& f = rows[random_.below(rows.size())];
      auto& value = f.inputs[free_numeric];
      if (!value || value->form != decimal::kind::finite || value->scale > 4) continue;
      for (auto& p : pending_) p.add(f, node, -1);
      value->coefficient *= 10;
      ++value->scale;
      for (auto& p : pending_) p.add(f, node, 1);
      db_.sql.run(fmt::format("UPDATE facts_{} SET {} = '{}' WHERE id = {}", node, fact_inputs()[free_numeric].name,
                              value->text(), f.id));
    }
  }

  std::uint16_t random_node() { return static_cast<std::uint16_t>(random_.below(node_count)); }

  void truncate_share(std::uint16_t node) {
    for (std::size_t v = 0; v < plan_.views.size(); ++v) must(writer_->truncate(v, node_index{node}));
  }

  /// Of all nodes that share history: what one has is in the shares of all.
  void truncate(std::uint16_t node) {
    apply();
    for (std::uint16_t n = 0; n < node_count; ++n) {
      if (together_[n] != together_[node]) continue;
      truncate_share(n);
      rows_[n].clear();
      db_.sql.run(fmt::format("TRUNCATE facts_{}", n));
    }
  }

  void read_anew(std::uint16_t node) {
    apply();
    for (std::uint16_t n = 0; n < node_count; ++n) {
      if (together_[n] != together_[node]) continue;
      truncate_share(n);
      for (const auto& f : rows_[n])
        for (auto& p : pending_) p.add(f, n, 1);
      begun_.push_back(n);
    }
  }

  /// Some or all rows, as with a shard: the writer is told of no row.
  void move(std::uint16_t from, std::uint16_t to) {
    if (from == to) return;
    auto& rows = rows_[from];
    const auto count = random_.chance(1, 3) ? rows.size() : random_.below(rows.size() + 1);
    std::string ids = "0";
    for (std::size_t i = 0; i < count; ++i) {
      std::swap(rows[random_.below(rows.size())], rows.back());
      ids += ", " + std::to_string(rows.back().id);
      rows_[to].push_back(rows.back());
      rows.pop_back();
    }
    db_.sql.run(fmt::format("WITH moved AS (DELETE FROM facts_{} WHERE id IN ({}) RETURNING *) INSERT INTO facts_{} "
                            "SELECT * FROM moved",
                            from, ids, to));
    postgres::share_move told{node_index{from}, node_index{to}, {}};
    for (std::size_t v = 0; v < plan_.views.size() && rows.empty(); ++v)
      if (random_.chance(3, 4)) told.emptied.push_back(v);
    moves_.push_back(std::move(told));
    join(together_, from, to);
  }

  void tell_shares() {
    next_shares_ = shares_;
    for (const auto n : begun_) {
      must(writer_->begin_share(node_index{n}));
      next_shares_[n] = static_cast<std::uint16_t>(node_count + n);
    }
    for (const auto& m : moves_) {
      must(writer_->move_share(m));
      join(next_shares_, m.from.value, m.to.value);
    }
  }

  void check_shares() {
    const auto found = must(writer_->share_groups());
    REQUIRE(found.size() == node_count);
    for (std::uint16_t a = 0; a < node_count; ++a)
      for (std::uint16_t b = 0; b < a; ++b) CHECK((found[a] == found[b]) == (shares_[a] == shares_[b]));
  }

  /// All that is pending, in one batch or cut into several.
  void apply() {
    for (std::size_t v = 0; v < pending_.size(); ++v) {
      const auto whole = pending_[v].take();
      if (whole.rows() == 0) continue;
      must(writer_->settle(v));
      for (std::size_t from = 0; from < whole.rows();) {
        const auto count = random_.chance(1, 2) ? whole.rows() : 1 + random_.below(5);
        batch part;
        for (const auto& c : whole.columns) part.columns.emplace_back(c.type);
        for (; from < whole.rows() && part.rows() < count; ++from) {
          for (std::size_t c = 0; c < whole.columns.size(); ++c) part.columns[c].append_from(whole.columns[c], from);
          part.weights.push_back(1);
        }
        must(writer_->apply(v, part));
      }
    }
  }

  void commit() {
    for (std::uint16_t n = 0; n < node_count; ++n) {
      if (random_.chance(1, 3)) continue;
      const auto at =
          std::find_if(frontier_.begin(), frontier_.end(), [&](const auto& f) { return f.node.value >= n; });
      if (at == frontier_.end() || at->node.value != n)
        frontier_.insert(at, {node_index{n}, fmt::format("weir_facts_n{}", n + 1), "71234567890", 1, {}, {}, 0});
    }
    for (auto& entry : frontier_) {
      entry.position.value += 1 + random_.below(1ULL << 40U);
      entry.confirmed.value = entry.position.value - random_.below(2);
      entry.commit_time_us = static_cast<std::int64_t>(random_.below(1'000'000'000'000'000));
    }
    ++last_.value;
    must(writer_->commit(last_, frontier_));
    db_.sql.run("COMMIT");
    // names of groups again between 0 and node_count
    for (std::uint16_t n = 0; n < node_count; ++n)
      shares_[n] = static_cast<std::uint16_t>(std::find(next_shares_.begin(), next_shares_.end(), next_shares_[n]) -
                                              next_shares_.begin());
    begun_.clear();
    moves_.clear();
    check_shares();
  }

  void compare() {
    for (const auto& view : plan_.views) {
      const auto expected = oracle_sql(view, all_facts);
      const auto shown = view_rows_sql(view);
      INFO("view " << view.name << " after cut " << last_.value);
      // A view without keys has its row from the first cut on; before, nothing.
      if (last_.value == 0 && view.keys.empty()) {
        CHECK(db_.sql.rows(shown).empty());
        continue;
      }
      CHECK(first_row(fmt::format("({}) EXCEPT ALL ({})", expected, shown)) == "");
      CHECK(first_row(fmt::format("({}) EXCEPT ALL ({})", shown, expected)) == "");
      CHECK(db_.sql.number(fmt::format("SELECT count(*) FROM (SELECT 1 FROM weir.state_facts_{} {} HAVING "
                                       "sum(weir_rows) <= 0) AS empty_groups",
                                       view.name, group_by_keys(view))) == 0);
    }
  }

  static std::string group_by_keys(const view_plan& view) {
    std::string keys;
    for (std::size_t k = 1; k <= view.keys.size(); ++k) keys += fmt::format("{}k{}", k == 1 ? "GROUP BY " : ", ", k);
    return keys;
  }

  std::string first_row(const std::string& sql) {
    const auto rows = db_.sql.rows(sql);
    std::string line;
    for (std::size_t c = 0; !rows.empty() && c < rows[0].size(); ++c) line += rows[0][c].value_or("NULL") + " | ";
    return line;
  }

  struct database {
    explicit database(const std::string& c) : conninfo(c), sql(c) {}
    postgres::connection connect() const { return must(postgres::connection::open(conninfo, {})); }
    std::string conninfo;
    sql_session sql;
  };

  database db_;
  pipeline_plan plan_;
  postgres::connection lease_session_ = db_.connect();
  postgres::lease_grant grant_;
  seeded_random random_;
  std::optional<postgres::view_writer> writer_;
  std::vector<delta_sums> pending_;
  std::map<std::uint16_t, std::vector<fact>> rows_;
  std::vector<postgres::frontier_entry> frontier_;
  share_groups shares_{0, 1, 2}; ///< durably
  share_groups together_{};      ///< in this cut: whose shares have rows of each other
  share_groups next_shares_{};   ///< as the writer was told
  std::vector<std::uint16_t> begun_;
  std::vector<postgres::share_move> moves_;
  epoch last_;
  std::int64_t last_id_ = 0;
};

} // namespace weir::test
