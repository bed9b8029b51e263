#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/view_writer.hpp"
#include "tests/property/postgres_target_model.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

// The views as the writer keeps them against PostgreSQL's own GROUP BY over tables that hold the same rows.

namespace weir::test {
namespace {

constexpr std::uint16_t node_count = 3;
constexpr const char* all_facts = "(SELECT * FROM facts_0 UNION ALL SELECT * FROM facts_1 UNION ALL SELECT * FROM "
                                  "facts_2) AS facts";

/// The writer and, in the same database, the mirror of all rows that it was told of.
class mirrored_views {
public:
  explicit mirrored_views(std::uint64_t seed) : random_(seed) {
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
    db_.sql.run("BEGIN");
    must(writer_->begin());
    for (auto action = random_.below(8); action > 0; --action) {
      const auto node = static_cast<std::uint16_t>(random_.below(node_count));
      if (random_.chance(1, 10))
        truncate(node);
      else if (random_.chance(1, 5))
        rescale(node, 1 + random_.below(4));
      else if (random_.chance(1, 2))
        insert(node, 1 + random_.below(12));
      else
        remove(node, 1 + random_.below(12));
      if (random_.chance(1, 2)) apply();
    }
    apply();
    if (random_.chance(1, 6)) {
      db_.sql.run("ROLLBACK");
      rows_ = before;
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

  void truncate(std::uint16_t node) {
    apply();
    for (std::size_t v = 0; v < plan_.views.size(); ++v) must(writer_->truncate(v, node_index{node}));
    rows_[node].clear();
    db_.sql.run(fmt::format("TRUNCATE facts_{}", node));
  }

  /// All that is pending, in one batch or cut into several.
  void apply() {
    for (std::size_t v = 0; v < pending_.size(); ++v) {
      const auto whole = pending_[v].take();
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
      CHECK(db_.sql.number(fmt::format("SELECT count(*) FROM weir.state_facts_{} WHERE weir_rows <= 0", view.name)) ==
            0);
    }
  }

  std::string first_row(const std::string& sql) {
    const auto rows = db_.sql.rows(sql);
    std::string line;
    for (std::size_t c = 0; !rows.empty() && c < rows[0].size(); ++c) line += rows[0][c].value_or("NULL") + " | ";
    return line;
  }

  target_database db_;
  pipeline_plan plan_ = facts_plan();
  postgres::connection lease_session_ = db_.connect();
  postgres::lease_grant grant_;
  seeded_random random_;
  std::optional<postgres::view_writer> writer_;
  std::vector<delta_sums> pending_;
  std::map<std::uint16_t, std::vector<fact>> rows_;
  std::vector<postgres::frontier_entry> frontier_;
  epoch last_;
  std::int64_t last_id_ = 0;
};

} // namespace

TEST_CASE("views equal their query after every cut, whatever came", "[target]") {
  seeded_random seeds(seed());
  for (int run = 0; run < 6; ++run) {
    mirrored_views views(seeds.next());
    for (int cut = 0; cut < 25; ++cut) views.cut();
  }
}

} // namespace weir::test
