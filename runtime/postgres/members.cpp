#include "runtime/postgres/members.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/postgres/array_text.hpp"
#include "runtime/postgres/transaction.hpp"

namespace weir::postgres {
namespace {

constexpr const char* read_members = "SELECT node, number, share, address, left_at IS NOT NULL FROM weir.members WHERE "
                                     "pipeline = $1 ORDER BY number";

constexpr const char* hold_lease = "SELECT FROM weir.lease WHERE pipeline = $1 AND fence = $2::bigint FOR KEY SHARE";

constexpr const char* add_members =
    "INSERT INTO weir.members (pipeline, node, number, share, address) SELECT $1, node, number, number, address FROM "
    "(SELECT u.node, u.address, known.next + row_number() OVER (ORDER BY u.place) - 1 AS number "
    "FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS u(node, address, place), "
    "(SELECT coalesce(max(number) + 1, 0) AS next FROM weir.members WHERE pipeline = $1) AS known "
    "WHERE NOT EXISTS (SELECT FROM weir.members AS m WHERE m.pipeline = $1 AND m.node = u.node)) AS added";

/// Who left has no share group but its own, so it comes back into that.
constexpr const char* update_members =
    "UPDATE weir.members AS m SET address = u.address, left_at = NULL FROM unnest($2::text[], $3::text[]) "
    "AS u(node, address) WHERE m.pipeline = $1 AND m.node = u.node AND (m.address <> u.address OR m.left_at IS NOT "
    "NULL)";

constexpr const char* write_changes =
    "UPDATE weir.members AS m SET share = u.share, left_at = CASE WHEN u.is_gone THEN now() END "
    "FROM unnest($2::text[], $3::smallint[], $4::bool[]) AS u(node, share, is_gone) "
    "WHERE m.pipeline = $1 AND m.node = u.node";

std::uint16_t number_of(std::string_view text) {
  std::uint16_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

} // namespace

status members::read(connection& target, const pipeline_plan& plan) {
  const std::vector<parameter> name{plan.name};
  WEIR_ASSIGN(const query_result rows, target.query(read_members, name));
  all_.clear();
  for (std::size_t i = 0; i < rows.rows(); ++i)
    all_.push_back({std::string(rows.at(i, 0)), number_of(rows.at(i, 1)), number_of(rows.at(i, 2)),
                    std::string(rows.at(i, 3)), rows.at(i, 4) == "t"});
  places_.clear();
  for (const auto& node : plan.nodes)
    places_.push_back(static_cast<std::size_t>(
        std::find_if(all_.begin(), all_.end(), [&](const member& m) { return m.name == node.name; }) - all_.begin()));
  return {};
}

/// Is a node of the plan not in the table as it should be?
bool members::lacks(const pipeline_plan& plan) const {
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (places_[i] == all_.size() || all_[places_[i]].left ||
        all_[places_[i]].address != redact(plan.nodes[i].conninfo))
      return true;
  return false;
}

status members::write(connection& target, const pipeline_plan& plan, const lease_grant& grant) {
  const std::vector<parameter> fence{plan.name, std::to_string(grant.fence)};
  WEIR_ASSIGN(const query_result mine, target.query(hold_lease, fence));
  if (mine.rows() == 0)
    return error{errc::lease_lost, fmt::format("pipeline {} is no longer {}'s to write", plan.name, grant.holder),
                 "another runtime has taken the pipeline over"};
  array_text names, addresses;
  for (const auto& node : plan.nodes) {
    names.append_quoted(node.name);
    addresses.append_quoted(redact(node.conninfo));
  }
  const std::vector<parameter> nodes{plan.name, names.take(), addresses.take()};
  WEIR_TRY(target.execute(add_members, nodes));
  return target.execute(update_members, nodes);
}

result<members> members::open(connection& target, const pipeline_plan& plan, const lease_grant& grant) {
  members found(plan.name);
  WEIR_TRY(found.read(target, plan));
  if (found.lacks(plan)) {
    WEIR_TRY(in_transaction(target, [&] { return write(target, plan, grant); }));
    WEIR_TRY(found.read(target, plan));
  }
  found.remember();
  return found;
}

std::vector<std::uint16_t> members::shares() const { return durable_shares_; }

std::optional<std::uint16_t> members::heir(node_index node) const {
  const auto& leaver = of(node);
  for (const auto& m : all_)
    if (m.share == leaver.share && m.number != leaver.number && !m.left) return m.number;
  return {};
}

/// There are as many names of groups as members, so one is free if this member's own is not in use by others.
void members::begin_share(node_index node) {
  auto& alone = of(node);
  const auto taken = [&](std::uint16_t share) {
    return std::any_of(all_.begin(), all_.end(),
                       [&](const member& m) { return m.share == share && m.number != alone.number; });
  };
  if (!taken(alone.share)) return;
  std::uint16_t share = 0;
  while (taken(share)) ++share;
  alone.share = share;
  alone.changed = true;
}

void members::join(node_index a, node_index b) {
  const auto [kept, given_up] = std::minmax({of(a).share, of(b).share});
  if (kept == given_up) return;
  for (auto& m : all_) {
    if (m.share != given_up) continue;
    m.share = kept;
    m.changed = true;
  }
}

void members::leave(node_index node) {
  begin_share(node);
  of(node).left = true;
  of(node).changed = true;
}

status members::send(statement_pipe& pipe) {
  array_text names, shares, gone;
  bool any = false;
  for (const auto& m : all_) {
    if (!m.changed) continue;
    any = true;
    names.append_quoted(m.name);
    shares.append_quoted(std::to_string(m.share));
    gone.append_quoted(m.left ? "t" : "f");
  }
  if (!any) return {};
  const std::vector<parameter> values{pipeline_, names.take(), shares.take(), gone.take()};
  return pipe.send_once(write_changes, "writing who shares what", values);
}

void members::remember() {
  durable_shares_.clear();
  for (const auto place : places_) durable_shares_.push_back(all_[place].share);
  for (auto& m : all_) m.changed = false;
}

} // namespace weir::postgres
