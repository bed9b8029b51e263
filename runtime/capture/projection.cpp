#include "runtime/capture/projection.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "runtime/capture/gather.hpp"

namespace weir::capture {

namespace {

using failure = projected::failure;

void mark_reads(const expression& e, std::vector<bool>& reads) {
  if (e.op == operation::column) reads[static_cast<std::size_t>(e.column_index)] = true;
  for (const auto& arg : e.args) mark_reads(arg, reads);
}

/// The expression over a batch that has only the columns `used`; what is missing there is added.
void narrow(expression& e, std::vector<std::size_t>& used) {
  if (e.op == operation::column) {
    const auto column = static_cast<std::size_t>(e.column_index);
    auto at = std::find(used.begin(), used.end(), column);
    if (at == used.end()) at = used.insert(used.end(), column);
    e.column_index = static_cast<std::int32_t>(at - used.begin());
  }
  for (auto& arg : e.args) narrow(arg, used);
}

/// Takes the rows of `failures` out of `rows`; both are ascending.
void drop_failed(std::vector<std::uint32_t>& rows, const std::vector<failure>& failures) {
  auto next = failures.begin();
  std::erase_if(rows, [&](std::uint32_t row) {
    while (next != failures.end() && next->source_row < row) ++next;
    return next != failures.end() && next->source_row == row;
  });
}

/// In order, the first failure of each row only.
void tidy(std::vector<failure>& failures) {
  std::stable_sort(failures.begin(), failures.end(),
                   [](const failure& a, const failure& b) { return a.source_row < b.source_row; });
  const auto same_row = [](const failure& a, const failure& b) { return a.source_row == b.source_row; };
  failures.erase(std::unique(failures.begin(), failures.end(), same_row), failures.end());
}

} // namespace

result<projection> projection::make(const view_plan& view, std::size_t source_columns) {
  projection p;
  p.reads_.assign(source_columns, false);
  if (view.filter) {
    mark_reads(*view.filter, p.reads_);
    WEIR_ASSIGN(auto filter, evaluator::make(*view.filter));
    p.filter_.emplace(std::move(filter));
  }
  for (const auto& key : view.keys) WEIR_TRY(p.add_output(key));
  for (const auto& input : view.inputs) WEIR_TRY(p.add_output(input));
  return p;
}

status projection::add_output(const expression& e) {
  mark_reads(e, reads_);
  output& added = outputs_.emplace_back();
  if (e.op == operation::column) {
    added.column = static_cast<std::size_t>(e.column_index);
    return {};
  }
  computes_ = true;
  expression narrowed = e;
  narrow(narrowed, used_);
  WEIR_ASSIGN(auto computed, evaluator::make(std::move(narrowed)));
  added.computed.emplace(std::move(computed));
  return {};
}

projected projection::run(const source_rows& from) {
  projected out;
  std::vector<row_error> errors;
  if (filter_) {
    filter_->select(from.rows(), out.source_rows, errors);
    for (auto& e : errors) out.failures.push_back({e.row, std::move(e.message), {}});
    errors.clear();
  } else {
    out.source_rows.resize(from.rows().rows());
    std::iota(out.source_rows.begin(), out.source_rows.end(), 0U);
  }
  if (!from.bad().empty()) drop_bad(from, out);

  batch made;
  if (!out.source_rows.empty()) {
    made.weights = gather(from.rows().weights, out.source_rows);
    batch input;
    if (computes_) {
      for (const auto c : used_) input.columns.push_back(gather(from.rows().columns[c], out.source_rows));
      input.weights = made.weights;
    }
    for (const auto& o : outputs_) {
      made.columns.push_back(o.computed ? o.computed->evaluate(input, errors)
                                        : gather(from.rows().columns[o.column], out.source_rows));
    }
    if (!errors.empty()) keep_computed(from, errors, made, out);
  }
  tidy(out.failures);
  for (auto& f : out.failures) {
    if (f.row_text.empty()) f.row_text = from.row_text(f.source_row);
  }
  if (!out.source_rows.empty()) out.rows = std::make_shared<const batch>(std::move(made));
  return out;
}

void projection::drop_bad(const source_rows& from, projected& out) const {
  // What the filter says of a value that is missing is not a cause: bad values come first.
  std::vector<failure> failures;
  for (const auto& bad : from.bad()) {
    if (reads_[bad.column]) failures.push_back({bad.row, bad.cause, bad.row_text});
  }
  std::move(out.failures.begin(), out.failures.end(), std::back_inserter(failures));
  tidy(failures);
  out.failures = std::move(failures);
  drop_failed(out.source_rows, out.failures);
}

void projection::keep_computed(const source_rows& from, const std::vector<row_error>& errors, batch& made,
                               projected& out) const {
  std::vector<bool> failed(out.source_rows.size(), false);
  for (const auto& e : errors) {
    failed[e.row] = true;
    out.failures.push_back({out.source_rows[e.row], e.message, from.row_text(out.source_rows[e.row])});
  }
  std::vector<std::uint32_t> kept;
  std::vector<std::uint32_t> kept_source_rows;
  for (std::uint32_t row = 0; row < failed.size(); ++row) {
    if (failed[row]) continue;
    kept.push_back(row);
    kept_source_rows.push_back(out.source_rows[row]);
  }
  for (auto& c : made.columns) c = gather(c, kept);
  made.weights = gather(made.weights, kept);
  out.source_rows = std::move(kept_source_rows);
}

} // namespace weir::capture
