#include "runtime/verify/verify.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "runtime/cluster/about_node.hpp"
#include "runtime/postgres/connection.hpp"
#include "runtime/postgres/progress.hpp"
#include "runtime/verify/node_probe.hpp"
#include "runtime/verify/share_tables.hpp"

namespace weir::verify {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{20};

/// One verification, from its connections to its report.
class verification {
public:
  verification(const pipeline_plan& plan, const request& what, postgres::connection target)
      : plan_(plan), what_(what), target_(std::move(target)),
        shares_(target_, plan), common_{plan, what.views, what.choice, what.patience, shares_},
        frontier_(plan.nodes.size()) {
    for (std::size_t n = 0; n < plan.nodes.size(); ++n)
      probes_.push_back(std::make_unique<node_probe>(common_, node_index{static_cast<std::uint16_t>(n)}));
  }

  result<report> run() {
    WEIR_TRY(prepare_target());
    WEIR_TRY(on_each_node([](node_probe& p) { return p.load(); }));
    WEIR_TRY(check_shards());
    WEIR_TRY(await_frontier());
    // The long way first, so that the transaction below is a short one.
    WEIR_TRY(advance());
    WEIR_TRY(target_.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    WEIR_TRY(read_frontier());
    WEIR_TRY(advance());
    return compare();
  }

private:
  status prepare_target() {
    WEIR_TRY(check_registered());
    // A policy that hides rows of a view from this role is to be an error, not a difference.
    WEIR_TRY(target_.execute("SET row_security = off; SET statement_timeout = 0; SET lock_timeout = 0; "
                             "SET idle_in_transaction_session_timeout = 0"));
    if (const auto question = sample_check_sql(what_.choice); !question.empty()) {
      WEIR_ASSIGN(const auto answer, target_.query(question));
      common_.sample_check = answer.at(0, 0);
    }
    for (const auto v : what_.views) {
      WEIR_TRY(check_range(plan_.views[v]));
      WEIR_TRY(shares_.make(v));
    }
    return {};
  }

  status check_registered() {
    const std::vector<postgres::parameter> name{plan_.name};
    WEIR_ASSIGN(const auto schema, target_.query("SELECT to_regclass('weir.pipelines') IS NOT NULL"));
    std::string registered;
    if (schema.at(0, 0) == "t") {
      WEIR_ASSIGN(const auto row, target_.query("SELECT fingerprint FROM weir.pipelines WHERE pipeline = $1", name));
      if (row.rows() > 0) registered = row.at(0, 0);
    }
    if (!registered.empty() && compare_fingerprint(registered, plan_) == plan_likeness::same) return {};
    if (registered.empty())
      return error{errc::definition_changed,
                   fmt::format("pipeline {} has never run into {}", plan_.name, target_.address()),
                   "verify looks at a pipeline that runs: weir run"};
    return error{errc::definition_changed,
                 fmt::format("pipeline {} is registered in {} with another definition", plan_.name, target_.address()),
                 "verify with the definition that runs: SELECT definition FROM weir.pipelines has it"};
  }

  status check_range(const view_plan& view) {
    const auto question = range_check_sql(what_.choice, view, target_);
    if (question.empty()) return {};
    auto answer = target_.execute(question);
    if (answer || kind_of(answer.error().code) != failure_kind::poison) return answer;
    return error{errc::invalid_text_representation,
                 fmt::format("--keys: the first key of view {} is of type {}, and one end is no such value", view.name,
                             to_sql(view.keys.front().type)),
                 answer.error().message};
  }

  /// All nodes at once. The first error, in the order of nodes, that is not about another node's.
  status on_each_node(const std::function<status(node_probe&)>& work) {
    std::vector<std::optional<error>> failures(probes_.size());
    {
      std::vector<std::jthread> threads;
      for (std::size_t n = 0; n < probes_.size(); ++n)
        threads.emplace_back([&, n] {
          auto done = work(*probes_[n]);
          if (done || common_.abandoned.exchange(true)) return;
          failures[n] = about_node(plan_.nodes[n].name, std::move(done).error());
        });
    }
    for (auto& failure : failures)
      if (failure) return *std::move(failure);
    return {};
  }

  /// Each shard was read once, or they moved while the nodes were read.
  status check_shards() const {
    std::vector<const ownership*> owned;
    std::vector<bool> sharded;
    for (const auto& probe : probes_)
      if (probe->owned()) owned.push_back(&*probe->owned());
    for (const auto& source : plan_.sources) sharded.push_back(is_sharded(source.kind));
    if (owned.size() < probes_.size()) return {};
    const auto wrong = not_owned_once(owned, sharded);
    if (wrong.empty()) return {};
    return error{errc::timeout,
                 fmt::format("shards of {} moved while the nodes were read", plan_.sources[wrong.front()].name),
                 "verify again when the move is over"};
  }

  status advance() {
    return on_each_node([this](node_probe& p) { return p.advance(frontier_[p.node().value]); });
  }

  status read_frontier() {
    WEIR_ASSIGN(const auto now, postgres::progress::read(target_, plan_));
    cut_ = now.last();
    for (const auto& entry : now.frontier()) {
      frontier_[entry.node.value] = entry.position;
      const auto& probe = *probes_[entry.node.value];
      if (entry.system_id == probe.identity().system_id) continue;
      return error{errc::wrong_server,
                   fmt::format("node {} is another server (system identifier {}) than the one in the views ({})",
                               probe.spec().name, probe.identity().system_id, entry.system_id),
                   "verify with the connection strings that the pipeline runs with"};
    }
    return {};
  }

  /// Waits until the views hold at least what was read of every node.
  status await_frontier() {
    const auto deadline = steady::now() + what_.patience;
    for (;;) {
      WEIR_TRY(read_frontier());
      const node_probe* behind = nullptr;
      for (const auto& probe : probes_)
        if (frontier_[probe->node().value] < probe->position()) behind = probe.get();
      if (behind == nullptr) return {};
      if (steady::now() >= deadline) return not_there(*behind);
      std::this_thread::sleep_for(look_interval);
    }
  }

  error not_there(const node_probe& behind) {
    const auto at = frontier_[behind.node().value];
    const auto where = at == lsn{} ? std::string("have had no first cut") : "hold it up to " + to_string(at);
    const std::vector<postgres::parameter> name{plan_.name};
    const auto state = target_.query("SELECT state FROM weir.status WHERE pipeline = $1", name);
    const bool stopped = state && state->rows() > 0 && state->at(0, 0) != "running";
    return {errc::timeout,
            fmt::format("node {}: the views {}, and did not get to {}, where it was read, within {} ms{}",
                        behind.spec().name, where, to_string(behind.position()), what_.patience.count(),
                        stopped ? ": the pipeline does not run" : ""),
            stopped ? "start it: weir run" : "`weir status` says how far each node is; a longer --timeout waits on"};
  }

  result<report> compare() {
    report found{cut_, frontier_, {}};
    for (const auto v : what_.views) {
      WEIR_ASSIGN(auto compared, shares_.compare(v, what_.choice));
      found.views.push_back(std::move(compared));
    }
    WEIR_TRY(target_.execute("COMMIT"));
    return found;
  }

  const pipeline_plan& plan_;
  const request& what_;
  postgres::connection target_;
  share_tables shares_;
  probe_context common_;
  std::vector<std::unique_ptr<node_probe>> probes_;
  epoch cut_;
  std::vector<lsn> frontier_; ///< by node; 0 before the first cut
};

} // namespace

result<report> run(const pipeline_plan& plan, const request& what) {
  postgres::connect_options options;
  options.application_name = fmt::format("weir {} verify", plan.name);
  WEIR_ASSIGN(auto target, postgres::connection::open(plan.target.conninfo, options));
  return verification(plan, what, std::move(target)).run();
}

} // namespace weir::verify
