#include "runtime/postgres/progress.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "runtime/postgres/array_text.hpp"

namespace weir::postgres {
namespace {

constexpr const char* read_frontier =
    "SELECT f.node, slot, system_id, timeline, position, confirmed, "
    "coalesce((extract(epoch FROM commit_time - '2000-01-01 00:00:00+00'::timestamptz) * 1000000)::bigint, 0), "
    "isolated, ownership, shapes FROM weir.frontier AS f WHERE pipeline = $1 AND NOT EXISTS (SELECT FROM weir.members "
    "AS m "
    "WHERE m.pipeline = f.pipeline AND m.node = f.node AND m.left_at IS NOT NULL)";

/// The vector is read back from the frontier that the same transaction has just moved: nodes that stayed are in it.
constexpr const char* write_cut =
    "INSERT INTO weir.cuts (pipeline, number, positions) SELECT $1, $2::bigint, "
    "coalesce(jsonb_object_agg(node, position), '{}') FROM weir.frontier WHERE pipeline = $1";

/// So many cuts are kept, and up to a batch more: what goes is a range of the index, and goes rarely.
constexpr std::uint64_t kept_cuts = 10'000;
constexpr std::uint64_t cuts_a_batch = 100;
constexpr const char* forget_cuts = "DELETE FROM weir.cuts WHERE pipeline = $1 AND number <= $2::bigint";

constexpr const char* next_rows =
    "unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::pg_lsn[], $7::pg_lsn[], $8::bigint[], $9::bool[], "
    "$10::text[], $11::pg_lsn[], $12::text[]) AS u(node, slot, system_id, timeline, position, confirmed, commit_us, "
    "isolated, ownership, before, shapes)";

constexpr const char* commit_time = "CASE WHEN u.commit_us <> 0 THEN '2000-01-01 00:00:00+00'::timestamptz + "
                                    "interval '1 microsecond' * u.commit_us END";

std::string advance_sql() {
  return fmt::format(
      "UPDATE weir.frontier AS f SET slot = u.slot, system_id = u.system_id, timeline = u.timeline, "
      "position = u.position, confirmed = u.confirmed, isolated = u.isolated, "
      "ownership = coalesce(u.ownership, f.ownership), shapes = coalesce(u.shapes, f.shapes), commit_time = {} FROM {} "
      "WHERE f.pipeline = $1 AND f.node = u.node AND f.position = u.before",
      commit_time, next_rows);
}

std::string start_sql() {
  return fmt::format("INSERT INTO weir.frontier (pipeline, node, slot, system_id, timeline, position, confirmed, "
                     "isolated, ownership, shapes, commit_time) SELECT $1, u.node, u.slot, u.system_id, u.timeline, "
                     "u.position, u.confirmed, u.isolated, u.ownership, u.shapes, {} "
                     "FROM {} WHERE u.before IS NULL ON CONFLICT DO NOTHING",
                     commit_time, next_rows);
}

template <class Number>
Number number_of(std::string_view text) {
  Number n{};
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

} // namespace

progress::progress(const pipeline_plan& plan)
    : pipeline_(plan.name), advance_{advance_sql(), "advancing the frontier"}, start_{start_sql(),
                                                                                      "starting the frontier"},
      cut_{write_cut, "recording the cut"}, forget_{forget_cuts, "forgetting old cuts"} {
  for (const auto& node : plan.nodes) nodes_.push_back(node.name);
}

result<node_index> progress::node_named(std::string_view name) const {
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i] == name) return node_index{static_cast<std::uint16_t>(i)};
  return error{
      errc::definition_changed,
      fmt::format("the frontier of pipeline {} has a node {} that its definition does not name", pipeline_, name),
      "restore the node in the cluster's list, or start over: weir drop, then weir run"};
}

result<progress> progress::read(connection& target, const pipeline_plan& plan) {
  progress found(plan);
  const std::vector<parameter> name{plan.name};
  WEIR_ASSIGN(const query_result rows, target.query(read_frontier, name));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    frontier_entry entry;
    WEIR_ASSIGN(entry.node, found.node_named(rows.at(i, 0)));
    entry.slot = rows.at(i, 1);
    entry.system_id = rows.at(i, 2);
    entry.timeline = number_of<std::int32_t>(rows.at(i, 3));
    WEIR_ASSIGN(entry.position, parse_lsn(rows.at(i, 4)));
    WEIR_ASSIGN(entry.confirmed, parse_lsn(rows.at(i, 5)));
    entry.commit_time_us = number_of<std::int64_t>(rows.at(i, 6));
    entry.isolated = rows.at(i, 7) == "t";
    if (!rows.is_null(i, 8)) entry.ownership = std::make_shared<const std::string>(rows.at(i, 8));
    entry.shapes = rows.at(i, 9);
    found.frontier_.push_back(std::move(entry));
  }
  std::sort(found.frontier_.begin(), found.frontier_.end(),
            [](const auto& a, const auto& b) { return a.node < b.node; });
  WEIR_ASSIGN(const query_result cut,
              target.query("SELECT coalesce(max(number), 0) FROM weir.cuts WHERE pipeline = $1", name));
  found.last_ = epoch{number_of<std::uint64_t>(cut.at(0, 0))};
  return found;
}

const frontier_entry* progress::durable(node_index node) const {
  for (const auto& entry : frontier_)
    if (entry.node == node) return &entry;
  return nullptr;
}

status progress::check(epoch number, std::span<const frontier_entry> next) const {
  if (number <= last_)
    return error{errc::internal,
                 fmt::format("cut {} of pipeline {} follows cut {}", number.value, pipeline_, last_.value)};
  for (const auto& entry : next)
    if (entry.node.value >= nodes_.size())
      return error{errc::internal, fmt::format("the frontier names node {} of {}", entry.node.value, nodes_.size())};
  return {};
}

std::vector<parameter> progress::arrays(std::span<const frontier_entry> next) const {
  array_text nodes, slots, systems, timelines, positions, confirmed, times, isolated, ownership, before, shapes;
  for (const auto& entry : next) {
    nodes.append_quoted(nodes_[entry.node.value]);
    slots.append_quoted(entry.slot);
    systems.append_quoted(entry.system_id);
    timelines.append_quoted(std::to_string(entry.timeline));
    positions.append_quoted(to_string(entry.position));
    confirmed.append_quoted(to_string(entry.confirmed));
    times.append_quoted(std::to_string(entry.commit_time_us));
    isolated.append_quoted(entry.isolated ? "t" : "f");
    if (entry.ownership)
      ownership.append_quoted(*entry.ownership);
    else
      ownership.append_null();
    const auto* known = durable(entry.node);
    if (known != nullptr)
      before.append_quoted(to_string(known->position));
    else
      before.append_null();
    if (known != nullptr && known->shapes == entry.shapes)
      shapes.append_null(); // a long text, and the same for months
    else
      shapes.append_quoted(entry.shapes);
  }
  return {pipeline_,        nodes.take(), slots.take(),    systems.take(),   timelines.take(), positions.take(),
          confirmed.take(), times.take(), isolated.take(), ownership.take(), before.take(),    shapes.take()};
}

status progress::send(statement_pipe& pipe, epoch number, std::span<const frontier_entry> next) {
  WEIR_TRY(check(number, next));
  const auto values = arrays(next);
  const auto known = static_cast<std::size_t>(
      std::count_if(next.begin(), next.end(), [this](const auto& entry) { return durable(entry.node) != nullptr; }));
  const auto expect = [this](std::size_t rows) {
    return [rows, pipeline = pipeline_](const query_result& r) -> status {
      if (r.affected() == rows) return {};
      return error{errc::lease_lost, fmt::format("the frontier of pipeline {} was moved by somebody else", pipeline),
                   "another runtime writes this pipeline; nothing of this cut was committed"};
    };
  };
  if (known > 0) WEIR_TRY(pipe.send(advance_, values, expect(known)));
  if (known < next.size()) WEIR_TRY(pipe.send(start_, values, expect(next.size() - known)));
  const std::vector<parameter> cut_values{pipeline_, std::to_string(number.value)};
  WEIR_TRY(pipe.send(cut_, cut_values));
  if (number.value <= kept_cuts || number.value / cuts_a_batch == last_.value / cuts_a_batch) return {};
  const std::vector<parameter> old{pipeline_, std::to_string(number.value - kept_cuts)};
  return pipe.send(forget_, old);
}

status progress::isolate(statement_pipe& pipe, node_index node) {
  const auto* known = durable(node);
  if (known == nullptr || known->isolated) return {};
  isolating_.push_back(node);
  const std::vector<parameter> values{pipeline_, nodes_.at(node.value), to_string(known->position)};
  return pipe.send_once("UPDATE weir.frontier SET isolated = true WHERE pipeline = $1 AND node = $2 "
                        "AND position = $3::pg_lsn",
                        "isolating a node", values);
}

status progress::forget(statement_pipe& pipe, node_index node) {
  leaving_.push_back(node);
  const std::vector<parameter> values{pipeline_, nodes_.at(node.value)};
  return pipe.send_once("DELETE FROM weir.frontier WHERE pipeline = $1 AND node = $2", "forgetting a node", values);
}

void progress::remember(epoch number, std::span<const frontier_entry> next) {
  last_ = number;
  for (const auto node : std::exchange(leaving_, {}))
    std::erase_if(frontier_, [&](const auto& f) { return f.node == node; });
  for (const auto node : std::exchange(isolating_, {}))
    for (auto& f : frontier_) f.isolated = f.isolated || f.node == node;
  for (const auto& entry : next) {
    const auto at =
        std::find_if(frontier_.begin(), frontier_.end(), [&](const auto& f) { return f.node >= entry.node; });
    if (at != frontier_.end() && at->node == entry.node) {
      auto ownership = entry.ownership ? entry.ownership : std::move(at->ownership);
      *at = entry;
      at->ownership = std::move(ownership);
    } else {
      frontier_.insert(at, entry);
    }
  }
}

} // namespace weir::postgres
