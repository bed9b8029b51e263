#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::test {

/// A number a test can sum without the code under test: coefficient * 10^-scale, or special.
struct number {
  decimal::kind form = decimal::kind::finite;
  std::int64_t coefficient = 0;
  int scale = 0;

  std::string text() const;
};

/// One row of the source `facts`: keys, then the inputs in the order of `fact_inputs()`.
struct fact {
  std::int64_t id = 0;
  std::optional<std::string> region; ///< nullable key
  std::optional<number> price;       ///< nullable key, 1.0 and 1.00 are one group
  std::string shop;                  ///< key, never null
  std::int64_t day = 0;              ///< key, never null: days since 2000-01-01
  std::vector<std::optional<number>> inputs;
};

struct fact_input {
  std::string name;
  data_type type;
  std::optional<int> fixed_scale;
};
const std::vector<fact_input>& fact_inputs();

fact random_fact(seeded_random& random, std::int64_t id);
/// "CREATE TABLE <name> (…)" of the facts, and the VALUES of one.
std::string create_facts_sql(const std::string& name);
std::string values_sql(const fact& f);

/// A pipeline over three nodes with views of every shape: by_price (two nullable keys), by_shop (two keys, never
/// null), overall (no key), each with every aggregate over every input; prices (keys alone); by_region (one nullable
/// key) with counts and exact sums; some_shops (one nullable key) and at_all (no key), which compute with totals and
/// show only some groups.
pipeline_plan facts_plan();
/// The view's rows by PostgreSQL itself, over the relation `from`, every value as text.
std::string oracle_sql(const view_plan& view, const std::string& from);
/// The rows of the view table in the same form.
std::string view_rows_sql(const view_plan& view);

/// Deltas of one view, summed by group and node, without any code of weir.
class delta_sums {
public:
  explicit delta_sums(const view_plan& view) : view_(view) {}
  void add(const fact& f, std::uint16_t node, std::int64_t weight);
  bool empty() const { return groups_.empty(); }
  /// The state batch; forgets the sums.
  batch take();

private:
  struct input_sum {
    std::int64_t count = 0;
    int128 sum = 0; ///< at scale 6
    int scale = 0;
    std::int64_t nan = 0, positive = 0, negative = 0;
    std::vector<std::int64_t> scales;
  };
  struct group {
    fact key;
    std::uint16_t node = 0;
    std::int64_t rows = 0;
    std::vector<input_sum> inputs;
  };
  std::string group_key(const fact& f, std::uint16_t node) const;
  void append(const group& g, batch& out) const;

  const view_plan& view_;
  std::map<std::string, group> groups_;
};

} // namespace weir::test
