#include <nlohmann/json.hpp>

#include "runtime/base/mutation.hpp"
#include "runtime/cluster/ownership_tracker.hpp"

namespace weir {
namespace {

using nlohmann::json;

json to_json(const shard& s) { return {s.id, s.source, s.range.first, s.range.last, s.oid, s.relation}; }

shard shard_from(const json& s) { return {s.at(0), s.at(1), {s.at(2), s.at(3)}, s.at(4), s.at(5).get<std::string>()}; }

json to_json(const translation& t) {
  auto files = json::array();
  for (const auto& [oid, file] : t.files) files.push_back({oid, file});
  return {{"tables", t.tables}, {"placements", t.placements}, {"files", files}};
}

translation translation_from(const json& from) {
  translation out{from.at("tables"), from.at("placements"), {}};
  for (const auto& f : from.at("files")) out.files.emplace(f.at(0), f.at(1));
  return out;
}

json to_json(const ownership& o) {
  auto shards = json::array();
  for (const auto& [id, s] : o.shards()) shards.push_back(to_json(s));
  auto placements = json::array();
  for (const auto& [id, p] : o.placements()) placements.push_back({id, p.shard, p.group});
  auto partitions = json::array();
  for (const auto& [oid, file] : o.partitions) partitions.push_back({oid, file});
  json out{{"group", o.group()}, {"shards", shards}, {"placements", placements}, {"partitions", partitions}};
  if (o.translated) out["translated"] = to_json(*o.translated);
  return out;
}

ownership ownership_from(const json& from) {
  ownership out(from.at("group").get<group_id>());
  for (const auto& s : from.at("shards")) out.put(shard_from(s));
  for (const auto& p : from.at("placements")) out.put(p.at(0).get<std::int64_t>(), placement{p.at(1), p.at(2)});
  for (const auto& p : from.at("partitions")) out.partitions.emplace(p.at(0), p.at(1));
  if (from.contains("translated")) out.translated = translation_from(from.at("translated"));
  return out;
}

struct change_to_json {
  json operator()(const shard_put& c) const { return {"shard", to_json(c.what)}; }
  json operator()(const shard_removed& c) const { return {"no shard", c.id}; }
  json operator()(const placement_put& c) const { return {"placement", c.id, c.what.shard, c.what.group}; }
  json operator()(const placement_removed& c) const { return {"no placement", c.id}; }
};

catalog_change change_from(const json& c) {
  const auto what = c.at(0).get<std::string>();
  if (what == "shard") return shard_put{shard_from(c.at(1))};
  if (what == "no shard") return shard_removed{c.at(1)};
  if (what == "placement") return placement_put{c.at(1), {c.at(2), c.at(3)}};
  return placement_removed{c.at(1)};
}

} // namespace

std::string ownership_tracker::text() const {
  auto prepared = json::array();
  for (const auto& [gid, changes] : prepared_) {
    if (mutated(mutation::pending_lost_with_connection)) break;
    auto list = json::array();
    for (const auto& c : changes) list.push_back(std::visit(change_to_json{}, c));
    prepared.push_back({{"gid", gid}, {"changes", list}});
  }
  return json{{"owned", to_json(committed_)}, {"prepared", prepared}}.dump(-1, ' ', false,
                                                                           json::error_handler_t::replace);
}

result<ownership_tracker> ownership_tracker::parse(std::string_view text) try {
  const auto from = json::parse(text);
  ownership_tracker out(ownership_from(from.at("owned")));
  for (const auto& p : from.at("prepared")) {
    std::vector<catalog_change> changes;
    for (const auto& c : p.at("changes")) changes.push_back(change_from(c));
    out.prepare(p.at("gid").get<std::string>(), std::move(changes));
  }
  return out;
} catch (const json::exception& e) {
  return error{errc::invalid_value, std::string("the recorded ownership of shards cannot be read: ") + e.what()};
}

} // namespace weir
