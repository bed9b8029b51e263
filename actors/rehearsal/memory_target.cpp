#include "actors/rehearsal/memory_target.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "actors/rehearsal/stage.hpp"

namespace weir::rehearsal {
namespace {

class session final : public postgres::view_target {
public:
  session(stage& s, std::shared_ptr<const bool> alive, postgres::lease_grant grant)
      : stage_(s), alive_(std::move(alive)), grant_(std::move(grant)), known_(s.target.durable()) {}

  result<std::vector<postgres::frontier_entry>> frontier() override { return known_.frontier; }
  result<epoch> last_epoch() override { return known_.last; }
  result<std::vector<std::uint16_t>> share_groups() override { return known_.shares; }

  status begin() override {
    open_ = known_;
    return use();
  }
  status apply(std::size_t view, const batch& state) override {
    WEIR_TRY(use());
    return open_->views[view].add(state);
  }
  status settle(std::size_t) override { return use(); }
  status truncate(std::size_t view, node_index node) override {
    WEIR_TRY(use());
    open_->views[view].truncate(node);
    return {};
  }
  status dead_letters(std::span<const postgres::dead_letter> letters) override {
    WEIR_TRY(use());
    for (const auto& l : letters)
      letters_.push_back(fmt::format("dead letter of view {}: {}: {}", l.view, l.cause, l.row));
    return {};
  }
  status isolate(node_index node) override {
    WEIR_TRY(use());
    for (auto& entry : open_->frontier)
      if (entry.node == node) entry.isolated = true;
    return {};
  }
  status begin_share(node_index node) override {
    WEIR_TRY(use());
    auto& shares = open_->shares;
    std::uint16_t share = 0;
    const auto taken = [&] {
      for (std::size_t n = 0; n < shares.size(); ++n)
        if (n != node.value && shares[n] == share) return true;
      return false;
    };
    while (taken()) ++share;
    shares.at(node.value) = share;
    return {};
  }
  status move_share(const postgres::share_move& move) override {
    WEIR_TRY(use());
    auto& shares = open_->shares;
    const auto [kept, given_up] = std::minmax({shares.at(move.from.value), shares.at(move.to.value)});
    std::replace(shares.begin(), shares.end(), std::uint16_t{given_up}, std::uint16_t{kept});
    for (const auto view : move.emptied) WEIR_TRY(open_->views[view].give(move.from, move.to));
    return {};
  }
  status leave(node_index) override { return error{errc::internal, "no node leaves a cluster in a rehearsal"}; }

  status commit(epoch number, std::span<const postgres::frontier_entry> next) override {
    WEIR_TRY(use());
    if (stage_.target.fence != grant_.fence) return error{errc::lease_lost, "the lease was taken over"};
    open_->last = number;
    for (const auto& entry : next) {
      auto& all = open_->frontier;
      const auto at = std::find_if(all.begin(), all.end(), [&](const auto& f) { return f.node >= entry.node; });
      if (at == all.end() || at->node != entry.node)
        all.insert(at, entry);
      else
        *at = entry;
    }
    known_ = *std::exchange(open_, std::nullopt);
    stage_.target.commit(known_);
    ++stage_.target.cuts;
    for (auto& l : std::exchange(letters_, {})) stage_.reports.push_back(std::move(l));
    return {};
  }

private:
  status use() const {
    if (*alive_) return {};
    return error{errc::connection_lost, "the program is dead"};
  }

  stage& stage_;
  std::shared_ptr<const bool> alive_;
  postgres::lease_grant grant_;
  memory_target::content known_;
  std::optional<memory_target::content> open_;
  std::vector<std::string> letters_; ///< of the open cut
};

class registry final : public pipeline_registry {
public:
  registry(stage& s, std::shared_ptr<const bool> alive) : stage_(s), alive_(std::move(alive)) {}

  status connect() override {
    connected_ = true;
    return use();
  }
  void disconnect() noexcept override { connected_ = false; }
  bool connected() const noexcept override { return connected_; }
  result<postgres::lease_grant> enroll(std::chrono::milliseconds) override {
    WEIR_TRY(use());
    return postgres::lease_grant{++stage_.target.fence, "rehearsal"};
  }
  status resume(const postgres::lease_grant& grant) override { return renew(grant); }
  status renew(const postgres::lease_grant& grant) override {
    WEIR_TRY(use());
    if (grant.fence == stage_.target.fence) return {};
    return error{errc::lease_lost, "the lease was taken over"};
  }
  status release(const postgres::lease_grant&) override { return use(); }
  status record(const postgres::event& what) override {
    WEIR_TRY(use());
    if (what.level != postgres::event_level::info) stage_.reports.push_back(what.message);
    return {};
  }
  status record(std::span<const postgres::node_status>, const postgres::cut_state&) override { return use(); }

private:
  status use() {
    if (*alive_ && connected_) return {};
    connected_ = false;
    return error{errc::connection_lost, "the program is dead"};
  }

  stage& stage_;
  std::shared_ptr<const bool> alive_;
  bool connected_ = false;
};

} // namespace

memory_target::memory_target(const pipeline_plan& plan) {
  for (const auto& view : plan.views) durable_.views.emplace_back(view);
  for (std::size_t n = 0; n < plan.nodes.size(); ++n) durable_.shares.push_back(static_cast<std::uint16_t>(n));
}

result<std::unique_ptr<postgres::view_target>> open_session(stage& s, std::shared_ptr<const bool> alive,
                                                            const postgres::lease_grant& grant) {
  return std::unique_ptr<postgres::view_target>(new session(s, std::move(alive), grant));
}

std::shared_ptr<pipeline_registry> open_registry(stage& s, std::shared_ptr<const bool> alive) {
  return std::make_shared<registry>(s, std::move(alive));
}

} // namespace weir::rehearsal
