#include "dsl/bind_test.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bind_test_values.hpp"
#include "dsl/source_scope.hpp"
#include "dsl/syntax_test.hpp"
#include "runtime/base/suggest.hpp"

namespace weir::dsl {
namespace {

template <class... Do>
struct overloaded : Do... {
  using Do::operator()...;
};
template <class... Do>
overloaded(Do...) -> overloaded<Do...>;

class test_binder {
public:
  test_binder(const syntax& program, const cluster_catalog& catalogs, const bound_pipeline& pipeline,
              const test_declaration& test, diagnostics& found)
      : program_(program), catalogs_(catalogs), pipeline_(pipeline), test_(test), found_(found) {}

  bound_test run() {
    out_.name = test_.test.text;
    out_.where = test_.test.where;
    for (const auto& node : pipeline_.nodes) out_.script.workers.push_back(node.name);
    for (const auto& s : test_.steps) {
      const auto written = place_of(s.where);
      if (auto what = std::visit([&](const auto& as) { return bind(s, as); }, s.what))
        out_.script.steps.push_back({written, *std::move(what)});
    }
    if (!expects_)
      found_.push_back({severity::warning, code::expects_nothing, test_.test.where, "this test expects nothing",
                        "end with: expect VIEW …;"});
    return std::move(out_);
  }

private:
  using bound_step = std::optional<decltype(rehearsal::step::what)>;

  std::nullopt_t report(code c, span where, std::string message, std::string hint = {}) {
    found_.push_back({severity::error, c, where, std::move(message), std::move(hint)});
    return std::nullopt;
  }

  rehearsal::place place_of(span where) {
    out_.places.push_back(where);
    return static_cast<rehearsal::place>(out_.places.size() - 1);
  }

  bound_step bind(const test_step& s, const given_step& g) {
    if (started_)
      return report(code::given_too_late, s.where, "weir has been started by a step before this one",
                    "rows that are there from the beginning come first; later ones are inserted: w1: insert into …");
    auto rows = bind_part(g.rows);
    if (!rows) return std::nullopt;
    return rehearsal::given{*std::move(rows)};
  }

  bound_step bind(const test_step&, const change_step& c) {
    started_ = true;
    rehearsal::change out;
    bool failed = false;
    for (const auto& p : c.parts) {
      auto bound = bind_part(p);
      failed = failed || !bound;
      if (bound) out.parts.push_back(*std::move(bound));
    }
    if (failed) return std::nullopt;
    return out;
  }

  bound_step bind(const test_step&, const deliver_step& d) {
    started_ = true;
    rehearsal::deliver out;
    for (const auto& worker : d.workers)
      if (const auto w = worker_at(worker)) out.workers.push_back(*w);
    if (d.workers.empty())
      for (std::size_t w = 0; w < pipeline_.nodes.size(); ++w) out.workers.push_back(w);
    return out;
  }

  bound_step bind(const test_step&, const fail_step& f) {
    started_ = true;
    const auto w = worker_at(f.worker);
    if (!w) return std::nullopt;
    if (!failed_.insert(*w).second)
      return report(code::worker_state, f.worker.where, fmt::format("worker \"{}\" has failed already", f.worker.text),
                    fmt::format("it returns with: recover {};", f.worker.text));
    return rehearsal::fail{*w};
  }

  bound_step bind(const test_step&, const recover_step& r) {
    const auto w = worker_at(r.worker);
    if (!w) return std::nullopt;
    if (failed_.erase(*w) == 0)
      return report(code::worker_state, r.worker.where, fmt::format("worker \"{}\" has not failed", r.worker.text),
                    fmt::format("it goes away with: fail {};", r.worker.text));
    return rehearsal::recover{*w};
  }

  bound_step bind(const test_step&, const restart_step&) {
    started_ = true;
    return rehearsal::restart{};
  }

  bound_step bind(const test_step&, const wait_step& w) {
    started_ = true;
    return rehearsal::wait{w.time};
  }

  bound_step bind(const test_step&, const expect_error_step& e) {
    started_ = expects_ = true;
    return rehearsal::expect_error{e.text};
  }

  bound_step bind(const test_step&, const expect_rows_step& e) {
    started_ = expects_ = true;
    const auto view = std::find_if(pipeline_.views.begin(), pipeline_.views.end(),
                                   [&](const bound_view& v) { return v.name == e.view.text; });
    if (view == pipeline_.views.end()) return unknown_view(e.view);
    rehearsal::expect_rows out{static_cast<std::size_t>(view - pipeline_.views.begin()), {}};
    bool failed = false;
    for (const auto& row : e.rows) {
      if (!check_count(row, view->outputs.size(), "columns", e.view)) {
        failed = true;
        continue;
      }
      auto& values = out.rows.emplace_back();
      for (std::size_t i = 0; i < row.values.size(); ++i) {
        // Not the modifier: it would round what is expected.
        auto value = bind_constant(row.values[i], {view->outputs[i].type.id, -1}, found_);
        failed = failed || !value;
        if (value) values.push_back(*std::move(value));
      }
    }
    if (failed) return std::nullopt;
    return out;
  }

  std::nullopt_t unknown_view(const name& view) {
    std::vector<std::string> names;
    for (const auto& v : pipeline_.views) names.push_back(v.name);
    const bool declared = std::any_of(program_.views.begin(), program_.views.end(),
                                      [&](const view_declaration& v) { return v.view.text == view.text; });
    const bool unbuilt = std::any_of(pipeline_.unbuilt.begin(), pipeline_.unbuilt.end(),
                                     [&](const logical_view& v) { return v.name == view.text && !v.table.empty(); });
    if (unbuilt)
      return report(code::view_not_written, view.where,
                    fmt::format("view \"{}\" has no rows: weir cannot keep it current yet", view.text),
                    "W0409 says what there is no operator for");
    if (declared)
      return report(code::view_not_written, view.where,
                    fmt::format("view \"{}\" has no table: it is a part of those that read it", view.text),
                    "give it a sink, or expect rows of a view that reads it");
    return report(code::unknown_view, view.where, fmt::format("no view \"{}\" is declared", view.text),
                  did_you_mean(view.text, names));
  }

  bool check_count(const value_row& row, std::size_t columns, std::string_view what, const name& of) {
    if (row.values.size() == columns) return true;
    report(code::wrong_number_of_values, row.where,
           fmt::format("{} value{} for the {} {} of \"{}\"", row.values.size(), row.values.size() == 1 ? "" : "s",
                       columns, what, of.text));
    return false;
  }

  std::optional<std::size_t> worker_at(const name& worker) {
    const auto& names = out_.script.workers;
    const auto found = std::find(names.begin(), names.end(), worker.text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    auto hint = did_you_mean(worker.text, names);
    if (hint.empty()) hint = fmt::format("there are: {}", fmt::join(names, ", "));
    return report(code::unknown_worker, worker.where, fmt::format("the cluster has no worker \"{}\"", worker.text),
                  std::move(hint));
  }

  std::optional<rehearsal::part> bind_part(const worker_statement& p) {
    rehearsal::part out;
    const auto worker = p.worker ? worker_at(*p.worker) : 0;
    const auto table = table_at(p.what.table);
    if (!worker || !table) return std::nullopt;
    auto what = bind_change(p.what, out_.script.tables[*table].is, scopes_[*table], found_);
    if (!what) return std::nullopt;
    what->table = *table;
    return rehearsal::part{*worker, *std::move(what), place_of(p.what.where)};
  }

  /// The place of a source among the tables of the script.
  std::optional<std::size_t> table_at(const name& source) {
    auto& tables = out_.script.tables;
    for (std::size_t i = 0; i < tables.size(); ++i)
      if (tables[i].source == source.text) return i;
    const auto declared = std::find_if(program_.sources.begin(), program_.sources.end(),
                                       [&](const source_declaration& s) { return s.source.text == source.text; });
    if (declared == program_.sources.end()) {
      std::vector<std::string> names;
      for (const auto& s : program_.sources) names.push_back(s.source.text);
      auto hint = did_you_mean(source.text, names);
      if (hint.empty()) hint = fmt::format("tests write to sources; there are: {}", fmt::join(names, ", "));
      return report(code::table_not_read, source.where, fmt::format("no source \"{}\" is declared", source.text),
                    std::move(hint));
    }
    diagnostics told; // by bind()
    auto scope = find_source(*declared, catalogs_, told);
    if (!scope)
      return report(code::table_not_read, source.where, fmt::format("source \"{}\" cannot be read", source.text));
    tables.push_back({source.text, *scope->tables.front()});
    scopes_.push_back(*std::move(scope));
    return tables.size() - 1;
  }

  const syntax& program_;
  const cluster_catalog& catalogs_;
  const bound_pipeline& pipeline_;
  const test_declaration& test_;
  diagnostics& found_;
  bound_test out_;
  std::vector<source_scope> scopes_; ///< by place in script::tables
  std::set<std::size_t> failed_;
  bool started_ = false;
  bool expects_ = false;
};

} // namespace

bound_tests bind_tests(const syntax& program, const cluster_catalog& catalogs, const bound_pipeline& pipeline) {
  bound_tests out;
  std::set<std::string> names;
  for (const auto& test : program.tests) {
    diagnostics found;
    if (!names.insert(test->test.text).second)
      found.push_back({severity::error, code::test_declared_twice, test->test.where, "another test has this name",
                       "a name tells in a line what the test is about"});
    auto bound = test_binder(program, catalogs, pipeline, *test, found).run();
    if (!has_errors(found)) out.tests.push_back(std::move(bound));
    out.found.insert(out.found.end(), found.begin(), found.end());
  }
  sort(out.found);
  return out;
}

std::vector<std::string> workers_named(const syntax& program) {
  std::set<std::string> names;
  const auto add = [&](const worker_statement& p) {
    if (p.worker) names.insert(p.worker->text);
  };
  for (const auto& test : program.tests)
    for (const auto& s : test->steps)
      std::visit(overloaded{[&](const given_step& g) { add(g.rows); },
                            [&](const change_step& c) { std::for_each(c.parts.begin(), c.parts.end(), add); },
                            [&](const deliver_step& d) {
                              for (const auto& w : d.workers) names.insert(w.text);
                            },
                            [&](const fail_step& f) { names.insert(f.worker.text); }, [](const auto&) {}},
                 s.what);
  if (names.empty()) names.insert("w1");
  return {names.begin(), names.end()};
}

} // namespace weir::dsl
