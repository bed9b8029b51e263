#include "runtime/cut/distributed.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/mutation.hpp"

namespace weir::cut {

bool distributed_transaction::sealed() const {
  if (mutated(mutation::sealed_without_samples)) return true;
  if (seal && seal->complete) return true;
  const auto has_come = [&](const std::string& gid) {
    return std::any_of(parts.begin(), parts.end(), [&](const distributed_part& p) { return p.gid == gid; });
  };
  return !expected.empty() && std::all_of(expected.begin(), expected.end(), has_come);
}

distributed_transaction* distributed_transactions::prepared(distributed_part part) {
  auto name = rule_.match(part.gid);
  if (!name) return nullptr;
  auto& whole = all_[name->name];
  if (!whole) {
    whole = std::make_unique<distributed_transaction>();
    whole->name = std::move(name->name);
    whole->initiator = name->initiator;
  }
  const auto same = [&](const distributed_part& p) { return p.node == part.node && p.gid == part.gid && !p.committed; };
  const auto before = std::find_if(whole->parts.begin(), whole->parts.end(), same);
  if (before != whole->parts.end()) {
    *before = std::move(part);
    return whole.get();
  }
  const auto on_same_node = [&](const distributed_part& p) { return p.node == part.node; };
  if (mutated(mutation::part_of_other_branch_lost) &&
      std::any_of(whole->parts.begin(), whole->parts.end(), on_same_node))
    return nullptr;
  whole->joined_since_seal = whole->seal != nullptr;
  whole->parts.push_back(std::move(part));
  return whole.get();
}

distributed_transaction* distributed_transactions::initiated(distributed_part part,
                                                             std::vector<std::string> participants, instant now) {
  auto name = rule_.match(participants.front());
  if (!name) return nullptr;
  auto& whole = all_[name->name];
  if (!whole) {
    whole = std::make_unique<distributed_transaction>();
    whole->name = std::move(name->name);
    whole->initiator = name->initiator;
  }
  part.committed = true;
  whole->parts.push_back(std::move(part));
  whole->expected = std::move(participants);
  seen_committed(*whole, now);
  return whole.get();
}

void distributed_transactions::announced(const std::vector<std::string>& participants) {
  const auto name = rule_.match(participants.front());
  if (!name) return;
  if (const auto found = all_.find(name->name); found != all_.end()) found->second->expected = participants;
}

void distributed_transactions::committed(distributed_transaction& whole, transaction_id part, std::uint64_t place,
                                         instant now) {
  const auto at =
      std::find_if(whole.parts.begin(), whole.parts.end(), [&](const distributed_part& p) { return p.id == part; });
  at->committed = true;
  at->place = place;
  seen_committed(whole, now);
}

void distributed_transactions::seen_committed(distributed_transaction& whole, instant now) {
  if (!whole.seal) whole.since = now;
  // A part that came after the seal was taken may belong to a later use of the name, whose other parts are yet to
  // come: then a later round has to tell.
  if (!whole.seal || whole.joined_since_seal) whole.seal = rounds_.next();
  whole.joined_since_seal = false;
}

void distributed_transactions::gone(distributed_transaction& whole, transaction_id part) {
  std::erase_if(whole.parts, [&](const distributed_part& p) { return p.id == part; });
  if (whole.parts.empty()) all_.erase(std::string(whole.name));
}

} // namespace weir::cut
