#include "runtime/capture/shard_stream.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "runtime/capture/binding.hpp"

namespace weir::capture {

namespace {

template <class Number>
Number number_of(std::string_view text) {
  Number n{};
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

std::optional<std::size_t> place_of(const pgoutput::relation& m, std::string_view column) {
  const auto at = std::find_if(m.columns.begin(), m.columns.end(), [&](const auto& c) { return c.name == column; });
  if (at == m.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(at - m.columns.begin());
}

/// A qualified name as regclass prints it, without what depends on keywords and letters.
std::string unquoted(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != '"'; });
  return out;
}

constexpr std::int32_t placement_active = 1;

} // namespace

shard_stream::shard_stream(const std::vector<source_plan>& sources, ownership_tracker from)
    : sources_(sources), tracker_(std::move(from)) {
  for (std::size_t i = 0; i < sources_.size(); ++i)
    source_by_table_.try_emplace(unquoted(sources_[i].schema + "." + sources_[i].table), i);
}

std::optional<std::size_t> shard_stream::source_of(std::string_view table) const {
  const auto at = source_by_table_.find(unquoted(table));
  if (at == source_by_table_.end()) return std::nullopt;
  return at->second; // one of the coordinator's own tables, too: it is being distributed
}

void shard_stream::take_relation(const pgoutput::relation& m) {
  catalogs_.erase(m.oid);
  catalog_columns at;
  at.width = m.columns.size();
  const auto fill = [&](std::initializer_list<std::pair<std::string_view, std::size_t catalog_columns::*>> wanted) {
    for (const auto& [name, member] : wanted) {
      const auto place = place_of(m, name);
      if (!place) return;
      at.*member = *place;
    }
    catalogs_.emplace(m.oid, at);
  };
  if (m.table == "pg_dist_shard") {
    at.what = catalog::shards;
    fill({{"shardid", &catalog_columns::id},
          {"logicalrelid", &catalog_columns::table},
          {"shardminvalue", &catalog_columns::first},
          {"shardmaxvalue", &catalog_columns::last}});
  } else if (m.table == "pg_dist_placement") {
    at.what = catalog::placements;
    fill({{"placementid", &catalog_columns::id},
          {"shardid", &catalog_columns::shard},
          {"shardstate", &catalog_columns::state},
          {"groupid", &catalog_columns::group}});
  }
}

bool shard_stream::take_row(const pgoutput::row_change& row) {
  const auto at = catalogs_.find(row.relation);
  if (at == catalogs_.end()) return false;
  if (at->second.what == catalog::shards)
    take_shard(at->second, row);
  else
    take_placement(at->second, row);
  return true;
}

void shard_stream::take_shard(const catalog_columns& at, const pgoutput::row_change& row) {
  const auto& values = row.kind == pgoutput::row_kind::removal ? row.old_values : row.new_values;
  if (values.size() != at.width) return;
  const auto id = number_of<shard_id>(values[at.id].bytes());
  if (row.kind == pgoutput::row_kind::removal) {
    if (tracker_.now().find(id) != nullptr || !open_.empty()) open_.emplace_back(shard_removed{id});
    return;
  }
  const auto source = source_of(values[at.table].bytes());
  if (!source) return;
  shard s{id, *source, {}, 0, {}};
  const bool hashed = values[at.first].kind == pgoutput::value_kind::text;
  if (hashed)
    s.range = {number_of<std::int32_t>(values[at.first].bytes()), number_of<std::int32_t>(values[at.last].bytes())};
  open_.emplace_back(shard_put{std::move(s)});
}

void shard_stream::take_placement(const catalog_columns& at, const pgoutput::row_change& row) {
  const auto& values = row.kind == pgoutput::row_kind::removal ? row.old_values : row.new_values;
  if (values.size() != at.width) return;
  const auto id = number_of<std::int64_t>(values[at.id].bytes());
  const bool gone =
      row.kind == pgoutput::row_kind::removal || number_of<std::int32_t>(values[at.state].bytes()) != placement_active;
  if (gone)
    open_.emplace_back(placement_removed{id});
  else
    open_.emplace_back(placement_put{
        id, {number_of<shard_id>(values[at.shard].bytes()), number_of<group_id>(values[at.group].bytes())}});
}

ownership_record shard_stream::recorded() const {
  return {std::make_shared<const std::string>(tracker_.text()), {}, {}, {}};
}

result<std::optional<ownership_record>> shard_stream::recorded(const ownership_change& change) const {
  if (!change.any) return std::optional<ownership_record>{};
  if (!change.reshaped.empty()) {
    const auto& source = sources_[change.reshaped.front()];
    return error{
        errc::source_reshaped,
        fmt::format("table {} was distributed anew: its shards are not those that were read", quoted_table(source)),
        "nothing is lost: its views are read anew"};
  }
  auto out = recorded();
  out.handovers = change.handovers;
  out.takeovers = change.takeovers;
  out.emptied = change.emptied;
  return std::optional(std::move(out));
}

result<std::optional<ownership_record>> shard_stream::commit() {
  if (open_.empty()) return std::optional<ownership_record>{};
  ++version_;
  return recorded(tracker_.commit(std::exchange(open_, {})));
}

std::optional<ownership_record> shard_stream::prepare(const std::string& gid) {
  if (open_.empty()) return std::nullopt;
  ++version_;
  tracker_.prepare(gid, std::exchange(open_, {}));
  return recorded();
}

result<std::optional<ownership_record>> shard_stream::decide(const std::string& gid, bool committed) {
  if (!tracker_.has_prepared(gid)) return std::optional<ownership_record>{};
  ++version_;
  if (committed) {
    const auto change = tracker_.commit_prepared(gid);
    // Of other tables: still it is not prepared any more.
    return change.any ? recorded(change) : std::optional(recorded());
  }
  tracker_.rollback_prepared(gid);
  return std::optional(recorded());
}

} // namespace weir::capture
