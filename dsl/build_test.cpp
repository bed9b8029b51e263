#include "dsl/build_test.hpp"

#include <algorithm>
#include <utility>

#include "dsl/build_expression.hpp"
#include "dsl/grammar.hpp"
#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

namespace g = grammar;
using rehearsal::change_kind;

class test_builder {
public:
  explicit test_builder(word_builder& words) : words_(words) {}

  test_declaration build(const tree& node) {
    test_declaration out;
    const tree& called = *node.children.front();
    out.test = {name_of(called.string_view()), words_.span_of(called)};
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const tree& child = *node.children[i];
      auto& step = out.steps.emplace_back();
      step.where = line_of(child);
      fill(child, step);
    }
    return out;
  }

private:
  /// Of a step what stands in its first line.
  span line_of(const tree& node) const {
    auto where = words_.span_of(node);
    auto text = node.string_view();
    text = text.substr(0, text.find('\n'));
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    where.end = where.begin + static_cast<std::uint32_t>(text.size());
    return where;
  }

  void fill(const tree& node, test_step& step) {
    if (node.is_type<g::given_step>())
      step.what = given_step{given(node)};
    else if (node.is_type<g::change_step>())
      step.what = change_step{std::nullopt, {statement(*node.children.front())}};
    else if (node.is_type<g::transaction_step>())
      step.what = transaction(node);
    else if (node.is_type<g::deliver_step>())
      step.what = deliver(node);
    else if (node.is_type<g::fail_step>())
      step.what = fail_step{words_.name_from(*node.children.front())};
    else if (node.is_type<g::recover_step>())
      step.what = recover_step{words_.name_from(*node.children.front())};
    else if (node.is_type<g::restart_step>())
      step.what = restart_step{};
    else if (node.is_type<g::wait_step>())
      step.what = wait_step{words_.duration_from(*node.children.front()).value_or(std::chrono::milliseconds(0))};
    else if (node.is_type<g::expect_error>())
      step.what = expect_error_step{word_builder::string_from(*node.children.front())};
    else
      step.what = expectation(node);
  }

  worker_statement given(const tree& node) {
    worker_statement out;
    std::size_t at = 0;
    if (node.children[at]->is_type<g::worker_label>()) out.worker = words_.name_from(*node.children[at++]->children[0]);
    out.what.where = line_of(node);
    out.what.table = words_.name_from(*node.children[at++]);
    for (; at < node.children.size(); ++at) out.what.rows.push_back(row(*node.children[at]));
    return out;
  }

  change_step transaction(const tree& node) {
    change_step out{words_.name_from(*node.children.front()), {}};
    for (std::size_t i = 1; i < node.children.size(); ++i) out.parts.push_back(statement(*node.children[i]));
    return out;
  }

  deliver_step deliver(const tree& node) {
    deliver_step out;
    for (const auto& child : node.children)
      if (!child->is_type<g::all_workers>()) out.workers.push_back(words_.name_from(*child));
    return out;
  }

  expect_rows_step expectation(const tree& node) {
    expect_rows_step out{words_.name_from(*node.children.front()), {}};
    for (std::size_t i = 1; i < node.children.size(); ++i)
      if (!node.children[i]->is_type<g::is_empty>()) out.rows.push_back(row(*node.children[i]));
    return out;
  }

  worker_statement statement(const tree& node) {
    worker_statement out{words_.name_from(*node.children[0]->children[0]), {}};
    const tree& what = *node.children[1];
    auto& s = out.what;
    s.where = line_of(what);
    s.table = words_.name_from(*what.children.front());
    if (what.is_type<g::update_statement>()) s.kind = change_kind::update;
    if (what.is_type<g::delete_statement>()) s.kind = change_kind::remove;
    if (what.is_type<g::truncate_statement>()) s.kind = change_kind::truncate;
    for (std::size_t i = 1; i < what.children.size(); ++i) {
      const tree& child = *what.children[i];
      if (child.is_type<g::column_names>()) {
        for (const auto& column : child.children)
          if (!column->is_type<g::close_mark>()) s.columns.push_back(words_.name_from(*column));
      } else if (child.is_type<g::value_row>()) {
        s.rows.push_back(row(child));
      } else if (child.is_type<g::assignment>()) {
        s.columns.push_back(words_.name_from(*child.children[0]));
        s.values.push_back(build_expression(*child.children[1], words_));
      } else {
        s.condition = build_expression(*child.children.front(), words_);
      }
    }
    return out;
  }

  /// Its children: the mark that opens it, the values, the mark that closes it.
  value_row row(const tree& node) {
    value_row out{words_.span_from(*node.children.front(), *node.children.back()), {}};
    for (std::size_t i = 1; i + 1 < node.children.size(); ++i)
      out.values.push_back(build_expression(*node.children[i], words_));
    return out;
  }

  word_builder& words_;
};

} // namespace

std::shared_ptr<const test_declaration> build_test(const tree& node, word_builder& words) {
  return std::make_shared<const test_declaration>(test_builder(words).build(node));
}

} // namespace weir::dsl
