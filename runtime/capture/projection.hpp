#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/capture/source_rows.hpp"
#include "runtime/expr/evaluate.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::capture {

/// What a projection made of the waiting rows of its source.
struct projected {
  /// A row that could not be computed.
  struct failure {
    std::uint32_t source_row = 0;
    std::string cause;
    std::string row_text;
  };
  std::shared_ptr<const batch> rows;      ///< keys, inputs, weights; null if no row is left
  std::vector<std::uint32_t> source_rows; ///< where each row of `rows` came from, ascending
  std::vector<failure> failures;          ///< ascending, each row once
};

/// filter, keys and inputs of one view, over many rows of its source at a time.
class projection {
public:
  /// Errors   those of evaluator::make
  static result<projection> make(const view_plan& view, std::size_t source_columns);

  /// Law      each row of `from` is in the output, among the failures, or filtered out.
  projected run(const source_rows& from);

private:
  /// A key or an input: a bare column of the source, or computed from `used_` columns.
  struct output {
    std::size_t column = 0;
    std::optional<evaluator> computed;
  };

  status add_output(const expression& e);
  void drop_bad(const source_rows& from, projected& out) const;
  void keep_computed(const source_rows& from, const std::vector<row_error>& errors, batch& made, projected& out) const;

  std::optional<evaluator> filter_;
  std::vector<output> outputs_;   ///< keys, then inputs
  std::vector<std::size_t> used_; ///< columns of the source that computed outputs read, in their order
  bool computes_ = false;         ///< is some output computed?
  std::vector<bool> reads_;       ///< by column of the source: does anything of the view read it?
};

} // namespace weir::capture
