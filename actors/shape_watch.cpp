#include "actors/shape_watch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weir {

namespace {

using kind = capture::table_drift::kind;

/// A migration may rename a table away and put another in its place, each in a transaction of its own.
constexpr int looks_until_gone = 3;

bool reads(const expression& e, std::size_t column) {
  if (e.op == operation::column) return e.column_index == static_cast<std::int32_t>(column);
  return std::any_of(e.args.begin(), e.args.end(), [&](const expression& a) { return reads(a, column); });
}

bool reads(const view_plan& view, std::size_t column) {
  const auto in = [&](const std::vector<expression>& all) {
    return std::any_of(all.begin(), all.end(), [&](const expression& e) { return reads(e, column); });
  };
  return (view.filter && reads(*view.filter, column)) || in(view.keys) || in(view.inputs);
}

/// The views of the source that read one of these columns; without columns, all.
std::vector<std::string> views_of(const pipeline_plan& plan, const source_plan& source,
                                  const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  for (const auto& view : plan.views) {
    const auto& from = plan.sources[view.source];
    if (from.schema != source.schema || from.table != source.table) continue;
    bool concerned = columns.empty();
    for (std::size_t i = 0; i < from.columns.size(); ++i)
      concerned = concerned ||
                  (std::find(columns.begin(), columns.end(), from.columns[i].name) != columns.end() && reads(view, i));
    if (concerned) names.push_back(view.name);
  }
  return names;
}

std::vector<std::uint32_t> oids_of(const std::vector<table_shape>& shapes) {
  std::vector<std::uint32_t> oids;
  for (const auto& t : shapes) oids.push_back(t.oid);
  return oids;
}

} // namespace

shape_watch::shape_watch(const pipeline_plan& plan, node_index node) : plan_(plan) {
  const auto group = plan.nodes[node.value].group;
  for (const auto& s : plan.sources)
    if (s.kind != table_kind::coordinator || group.value_or(0) == 0) sources_.push_back(s);
}

result<std::vector<table_shape>> shape_watch::read(node_port& port) {
  return port.table_shapes(sources_, oids_of(before_));
}

status shape_watch::begin(node_port& port, const std::string& known) {
  if (sources_.empty()) return {};
  if (!known.empty()) {
    WEIR_ASSIGN(before_, parse_shapes(known));
  }
  WEIR_ASSIGN(const auto now, read(port));
  if (now.empty() && before_.empty()) return {};
  WEIR_TRY(judge(now, true));
  for (const auto& source : sources_)
    if (const auto drift = capture::compare(source, now); drift.what != kind::none) return failure_of(source, drift);
  before_ = capture::used_of(sources_, now);
  identity_changed_ = false; // whoever begins looks at the publication anyway
  digest_.clear();
  return {};
}

result<bool> shape_watch::look(node_port& port) {
  if (before_.empty()) return false;
  WEIR_ASSIGN(auto digest, port.table_shapes_digest(sources_, oids_of(before_)));
  if (digest == digest_ && missing_ == 0) return false;
  WEIR_ASSIGN(const auto now, read(port));
  WEIR_TRY(judge(now, false));
  digest_ = std::move(digest);
  if (missing_ > 0) return false;
  auto used = capture::used_of(sources_, now);
  return std::exchange(before_, used) != used;
}

status shape_watch::judge(const std::vector<table_shape>& now, bool at_once) {
  bool something_missing = false;
  for (const auto& source : sources_) {
    const auto* before = capture::shape_of(source, before_);
    if (before == nullptr) continue;
    const auto drift = capture::compare(source, *before, now);
    identity_changed_ = identity_changed_ || drift.what == kind::identity;
    if (drift.what == kind::none || drift.what == kind::identity) continue;
    if (drift.what != kind::gone || at_once || missing_ + 1 == looks_until_gone) return failure_of(source, drift);
    something_missing = true;
  }
  missing_ = something_missing ? missing_ + 1 : 0;
  return {};
}

std::string shape_watch::text() const { return before_.empty() ? std::string() : to_text(before_); }

error shape_watch::failure_of(const source_plan& source, const capture::table_drift& drift) const {
  const auto views = views_of(plan_, source, drift.columns);
  auto message = fmt::format("{} (views: {})", drift.text, fmt::join(views, ", "));
  switch (drift.what) {
    case kind::gone: return {errc::schema_changed, std::move(message), drift.cure};
    case kind::widened: return {errc::source_widened, std::move(message)};
    // Citus makes another table of one that it distributes anew.
    case kind::replaced:
      return {plan_.capture == capture_mode::tables ? errc::source_rewritten : errc::source_reshaped,
              std::move(message)};
    default: return {errc::source_rewritten, std::move(message)};
  }
}

} // namespace weir
