#include "actors/rehearsal/rehearse.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "actors/rehearsal/weir_run.hpp"
#include "runtime/rehearsal/row_difference.hpp"

namespace weir::rehearsal {
namespace {

using namespace std::chrono_literals;

constexpr auto step_time = 100ms;
constexpr auto longest_start = 60s;   ///< of virtual time, until the first cut
constexpr auto longest_return = 120s; ///< until weir reads again what has come back: retries are at most so far apart

/// What a rehearsal does not have: a coordinator that is asked, and shards.
std::shared_ptr<const pipeline_plan> plain(pipeline_plan plan) {
  plan.coordinator.reset();
  plan.capture = capture_mode::tables;
  for (auto& s : plan.sources) {
    s.kind = table_kind::plain;
    s.partitioned = false;
  }
  return std::make_shared<const pipeline_plan>(std::move(plan));
}

class player {
public:
  player(const pipeline_plan& plan, const script& s) : plan_(plain(plan)), script_(s), stage_(*plan_, s) {
    for (const auto& view : plan_->views) pace_ = std::max(pace_, view.sink.every);
    pace_ = 2 * pace_ + 250ms; // a cut may have been closed just now; then what is waited for has to come around
  }

  outcome run() {
    const auto began = stage_.now;
    outcome out;
    for (const auto& s : script_.steps) {
      at_ = s.written;
      if (!std::holds_alternative<expect_error>(s.what)) out.failed = unexpected();
      if (!out.failed) out.failed = std::visit([this](const auto& what) { return play(what); }, s.what);
      if (out.failed) break;
    }
    if (!out.failed) out.failed = unexpected();
    out.cuts = stage_.target.cuts;
    out.weir_time = std::chrono::duration_cast<std::chrono::milliseconds>(stage_.now - began);
    return out;
  }

private:
  using played = std::optional<failure>;

  played fail_here(std::string message, std::vector<std::string> lines = {}, std::string hint = {}) {
    return failure{at_, std::move(message), std::move(lines), std::move(hint)};
  }

  // weir

  std::vector<std::string> last_reports() const {
    constexpr std::size_t most = 5;
    const auto& all = stage_.reports;
    const auto first = all.size() > most ? all.size() - most : 0;
    return {all.begin() + static_cast<std::ptrdiff_t>(first), all.end()};
  }

  played pass(std::chrono::milliseconds time) {
    if (weir_ && !weir_->run_for(time))
      return fail_here("weir does not come to rest: this is a bug of weir", last_reports());
    if (!weir_ || !weir_->outcome() || ended_) return {};
    ended_ = true;
    const auto& o = *weir_->outcome();
    const auto why = o.failure ? o.failure->message : o.replan ? o.replan->why : "it was stopped";
    stage_.reports.push_back(why);
    refused_ = failure{at_, fmt::format("the pipeline has ended: {}", why), {}, o.failure ? o.failure->hint : ""};
    return {};
  }

  played start() {
    if (weir_) return {};
    weir_ = std::make_unique<weir_run>(stage_, plan_);
    const auto until = stage_.now + longest_start;
    while (stage_.target.durable().last.value == 0 && !ended_) {
      if (stage_.now >= until) return fail_here("weir has not shown anything yet", last_reports());
      if (auto failed = pass(step_time)) return failed;
    }
    return {};
  }

  /// Until weir reads what it can, and has shown it.
  played catch_up() {
    const auto until = stage_.now + longest_return;
    const auto reads_all = [&] {
      for (std::uint16_t w = 0; w < stage_.workers.size(); ++w)
        if (stage_.workers[w].up() && !weir_->has_read(node_index{w})) return false;
      return true;
    };
    while (!reads_all() && !ended_) {
      if (stage_.now >= until) return fail_here("weir does not read the workers again", last_reports());
      if (auto failed = pass(step_time)) return failed;
    }
    return pass(pace_);
  }

  /// A refusal that nobody expected.
  played unexpected() { return std::exchange(refused_, std::nullopt); }

  // the steps

  played play(const given& g) {
    auto& w = stage_.workers[g.rows.worker];
    auto draft = w.begin();
    if (auto done = worker::run(draft, g.rows.what); !done) return refuse(g.rows, done.error());
    w.found(std::move(draft));
    return {};
  }

  /// PostgreSQL would not do it: the next step expects that, or the script fails here.
  played refuse(const part& p, const error& why) {
    refused_ = failure{p.written, fmt::format("{}: {}", script_.workers[p.worker], why.message), {}, why.hint};
    stage_.reports.push_back(why.message);
    return {};
  }

  played play(const change& c) {
    if (auto failed = start()) return failed;
    std::map<std::size_t, worker::draft> drafts;
    for (const auto& p : c.parts) {
      auto& w = stage_.workers[p.worker];
      auto [draft, fresh] = drafts.try_emplace(p.worker, w.begin());
      if (!w.up()) return refuse(p, {errc::connection_failed, "the worker has failed: it refuses connections"});
      if (auto done = worker::run(draft->second, p.what); !done) return refuse(p, done.error());
    }
    const auto time = stage_.time_us();
    if (drafts.size() == 1) {
      stage_.workers[drafts.begin()->first].commit(std::move(drafts.begin()->second), time);
      return {};
    }
    ++distributed_;
    const auto gid = [&](std::size_t w) { return fmt::format("citus_0_4000_{}_{}", distributed_, w); };
    for (auto& [w, draft] : drafts) stage_.workers[w].prepare(gid(w), std::move(draft), time);
    for (const auto& [w, draft] : drafts) stage_.workers[w].commit_prepared(gid(w), time);
    return {};
  }

  played play(const deliver& d) {
    if (auto failed = start()) return failed;
    for (const auto w : d.workers) stage_.workers[w].deliver();
    return pass(pace_);
  }

  played play(const fail& f) {
    if (auto failed = start()) return failed;
    stage_.workers[f.worker].go_away();
    return pass(pace_);
  }

  played play(const recover& r) {
    stage_.workers[r.worker].come_back();
    return catch_up();
  }

  played play(const restart&) {
    if (auto failed = start()) return failed;
    weir_.reset();
    ended_ = false;
    weir_ = std::make_unique<weir_run>(stage_, plan_);
    return catch_up();
  }

  played play(const wait& w) {
    if (auto failed = start()) return failed;
    return pass(w.time);
  }

  played play(const expect_error& e) {
    if (auto failed = start()) return failed;
    const auto& all = stage_.reports;
    const auto hit = std::find_if(all.begin() + static_cast<std::ptrdiff_t>(reports_seen_), all.end(),
                                  [&](const std::string& r) { return r.find(e.text) != std::string::npos; });
    if (hit == all.end()) {
      std::vector<std::string> since(all.begin() + static_cast<std::ptrdiff_t>(reports_seen_), all.end());
      return fail_here(since.empty() ? fmt::format("expected an error with '{}', nothing was reported", e.text)
                                     : fmt::format("expected an error with '{}'; reported was:", e.text),
                       std::move(since));
    }
    reports_seen_ = static_cast<std::size_t>(hit - all.begin()) + 1;
    refused_.reset();
    return {};
  }

  played play(const expect_rows& e) {
    if (auto failed = start()) return failed;
    const auto& view = plan_->views[e.view];
    const auto found = stage_.target.durable().views[e.view].rows();
    if (!found) return fail_here(found.error().message);
    const auto compared = compare_rows(view, e.rows, *found);
    if (!compared) return fail_here(fmt::format("an expected value cannot be computed: {}", compared.error().message));
    if (compared->same) return {};
    const auto rows = [](std::size_t n) { return n == 0 ? "no row" : n == 1 ? "1 row" : fmt::format("{} rows", n); };
    return fail_here(fmt::format("view {}: expected {} (-), found {} (+)", view.name, rows(compared->expected),
                                 rows(compared->found)),
                     compared->lines);
  }

  std::shared_ptr<const pipeline_plan> plan_;
  const script& script_;
  stage stage_;
  std::unique_ptr<weir_run> weir_;
  std::chrono::milliseconds pace_{0};
  place at_ = 0;
  played refused_;
  bool ended_ = false;           ///< this life of weir, by itself
  std::size_t reports_seen_ = 0; ///< by expectations
  std::uint64_t distributed_ = 0;
};

} // namespace

outcome rehearse(const pipeline_plan& plan, const script& s) { return player(plan, s).run(); }

} // namespace weir::rehearsal
