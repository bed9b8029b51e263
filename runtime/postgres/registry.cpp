#include "runtime/postgres/registry.hpp"

#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "runtime/postgres/array_text.hpp"

namespace weir::postgres {
namespace {

const char* to_string(event_level level) {
  switch (level) {
    case event_level::info: return "info";
    case event_level::warning: return "warning";
    case event_level::error: return "error";
  }
  return "error";
}

/// NOTIFY takes less than 8000 bytes: a longer message is cut there, not in the table.
constexpr const char* insert_event =
    "WITH e AS (INSERT INTO weir.events (pipeline, level, name, node, message) VALUES ($1, $2, $3, $4, $5) "
    "RETURNING id, at, pipeline, level, name, node, message), "
    "whole AS (SELECT to_json(e)::text AS payload FROM e), "
    "short AS (SELECT json_build_object('id', id, 'at', at, 'pipeline', left(pipeline, 63), 'level', level, "
    "'name', left(name, 63), 'node', left(node, 63), 'message', left(message, 500) || '…')::text AS payload FROM e) "
    "SELECT pg_notify('weir', CASE WHEN octet_length(whole.payload) < 8000 THEN whole.payload ELSE short.payload END), "
    "e.id FROM e, whole, short";

constexpr std::int64_t events_a_batch = 100;
/// Found by the index, and not too many at once: the lease is renewed on the same connection.
constexpr const char* forget_events =
    "DELETE FROM weir.events WHERE id IN (SELECT id FROM weir.events WHERE pipeline = $1 "
    "ORDER BY id DESC OFFSET 10000 LIMIT 10000)";

status forget_old_events(connection& target) {
  WEIR_ASSIGN(const query_result rows, target.query("SELECT pipeline FROM weir.pipelines ORDER BY pipeline"));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const std::vector<parameter> pipeline{std::string(rows.at(i, 0))};
    WEIR_TRY(target.execute(forget_events, pipeline));
  }
  return {};
}

constexpr const char* upsert_nodes =
    "WITH gone AS (DELETE FROM weir.nodes WHERE pipeline = $1 AND node <> ALL ($2::text[])) "
    "INSERT INTO weir.nodes (pipeline, node, address, slot, state, received, confirmed, flushed, lag_bytes, "
    "lag_seconds, failures, last_error, kept_bytes, kept_percent, kept_seconds_left) SELECT $1, * FROM "
    "unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::pg_lsn[], $7::pg_lsn[], $8::pg_lsn[], $9::bigint[], "
    "$10::double precision[], $11::int[], $12::text[], $13::bigint[], $14::int[], $15::double precision[]) "
    "ON CONFLICT (pipeline, node) DO UPDATE SET address = excluded.address, slot = excluded.slot, "
    "state = excluded.state, received = excluded.received, confirmed = excluded.confirmed, flushed = excluded.flushed, "
    "lag_bytes = excluded.lag_bytes, lag_seconds = excluded.lag_seconds, failures = excluded.failures, "
    "last_error = excluded.last_error, kept_bytes = excluded.kept_bytes, kept_percent = excluded.kept_percent, "
    "kept_seconds_left = excluded.kept_seconds_left, updated = now()";

constexpr const char* select_nodes =
    "SELECT node, address, slot, state, received, confirmed, flushed, lag_bytes, lag_seconds, failures, last_error, "
    "kept_bytes, kept_percent, kept_seconds_left FROM weir.nodes WHERE pipeline = $1 ORDER BY node";

template <class Number>
Number number_of(std::string_view text) {
  Number n{};
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

std::string text_at(const query_result& rows, std::size_t row, std::size_t column) {
  return std::string(rows.at(row, column));
}

result<std::vector<node_status>> read_nodes(connection& target, const std::string& pipeline) {
  const std::vector<parameter> name{pipeline};
  WEIR_ASSIGN(const query_result rows, target.query(select_nodes, name));
  std::vector<node_status> nodes;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    node_status n;
    n.node = text_at(rows, i, 0);
    n.address = text_at(rows, i, 1);
    n.slot = text_at(rows, i, 2);
    n.state = text_at(rows, i, 3);
    WEIR_ASSIGN(n.received, parse_lsn(rows.at(i, 4)));
    WEIR_ASSIGN(n.confirmed, parse_lsn(rows.at(i, 5)));
    WEIR_ASSIGN(n.flushed, parse_lsn(rows.at(i, 6)));
    n.lag_bytes = number_of<std::int64_t>(rows.at(i, 7));
    if (!rows.is_null(i, 8)) n.lag_seconds = number_of<double>(rows.at(i, 8));
    n.failures = number_of<int>(rows.at(i, 9));
    n.last_error = text_at(rows, i, 10);
    if (!rows.is_null(i, 11)) n.kept_bytes = number_of<std::int64_t>(rows.at(i, 11));
    if (!rows.is_null(i, 12)) n.kept_percent = number_of<int>(rows.at(i, 12));
    if (!rows.is_null(i, 13)) n.kept_seconds_left = number_of<double>(rows.at(i, 13));
    nodes.push_back(std::move(n));
  }
  return nodes;
}

/// Counted where that is quick and allowed; else the planner's estimate.
result<std::int64_t> count_groups(connection& target, const std::string& schema, const std::string& table) {
  const std::vector<parameter> name{schema, table};
  WEIR_ASSIGN(const query_result size,
              target.query("SELECT greatest(c.reltuples, 0)::bigint, pg_relation_size(c.oid) < 64 * 1024 * 1024 AND "
                           "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') "
                           "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
                           "WHERE n.nspname = $1 AND c.relname = $2",
                           name));
  if (size.rows() == 0) return std::int64_t{0}; // somebody dropped the table
  if (size.at(0, 1) != "t") return number_of<std::int64_t>(size.at(0, 0));
  WEIR_ASSIGN(const query_result count, target.query("SELECT count(*) FROM " + target.qualified(schema, table)));
  return number_of<std::int64_t>(count.at(0, 0));
}

result<std::vector<view_status>> read_views(connection& target, const std::string& pipeline) {
  const std::vector<parameter> name{pipeline};
  WEIR_ASSIGN(
      const query_result rows,
      target.query("SELECT view, sink_schema, sink_table FROM weir.views WHERE pipeline = $1 ORDER BY view", name));
  std::vector<view_status> views;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto schema = text_at(rows, i, 1);
    const auto table = text_at(rows, i, 2);
    WEIR_ASSIGN(const std::int64_t groups, count_groups(target, schema, table));
    views.push_back({text_at(rows, i, 0), schema + "." + table, groups});
  }
  return views;
}

} // namespace

status record_event(connection& target, const std::string& pipeline, const event& e) {
  const std::vector<parameter> values{pipeline, to_string(e.level), e.name, e.node, e.message};
  WEIR_ASSIGN(const query_result row, target.query(insert_event, values));
  // Numbers are shared by all pipelines: whoever draws the round one cleans up for all.
  return number_of<std::int64_t>(row.at(0, 1)) % events_a_batch == 0 ? forget_old_events(target) : status{};
}

status record_nodes(connection& target, const std::string& pipeline, std::span<const node_status> nodes) {
  if (nodes.empty()) return {};
  array_text names, addresses, slots, states, received, confirmed, flushed, bytes, seconds, failures, errors;
  array_text kept, percent, left;
  const auto append = [](array_text& to, const auto& value) {
    if (value)
      to.append_quoted(fmt::format("{}", *value));
    else
      to.append_null();
  };
  for (const auto& n : nodes) {
    names.append_quoted(n.node);
    addresses.append_quoted(n.address);
    slots.append_quoted(n.slot);
    states.append_quoted(n.state);
    received.append_quoted(weir::to_string(n.received));
    confirmed.append_quoted(weir::to_string(n.confirmed));
    flushed.append_quoted(weir::to_string(n.flushed));
    bytes.append_quoted(std::to_string(n.lag_bytes));
    append(seconds, n.lag_seconds);
    append(kept, n.kept_bytes);
    append(percent, n.kept_percent);
    append(left, n.kept_seconds_left);
    failures.append_quoted(std::to_string(n.failures));
    errors.append_quoted(n.last_error);
  }
  const std::vector<parameter> values{pipeline,      names.take(),    addresses.take(), slots.take(),
                                      states.take(), received.take(), confirmed.take(), flushed.take(),
                                      bytes.take(),  seconds.take(),  failures.take(),  errors.take(),
                                      kept.take(),   percent.take(),  left.take()};
  return target.execute(upsert_nodes, values);
}

result<std::vector<pipeline_status>> read_status(connection& target) {
  WEIR_ASSIGN(const query_result installed,
              target.query("SELECT to_regclass('weir.status') IS NOT NULL, to_regclass('weir.holds') IS NOT NULL"));
  if (installed.at(0, 0) != "t") return std::vector<pipeline_status>{};
  if (installed.at(0, 1) != "t")
    return error{errc::unsupported, fmt::format("schema weir in {} was made by an earlier weir", target.address()),
                 "the next `weir run` brings it up to date"};
  WEIR_ASSIGN(
      const query_result rows,
      target.query("SELECT pipeline, state, coalesce(holder, ''), coalesce(epoch, 0), "
                   "extract(epoch FROM cut_age), dead_letters, consistency FROM weir.status ORDER BY pipeline"));
  std::vector<pipeline_status> pipelines;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    pipeline_status p;
    p.pipeline = text_at(rows, i, 0);
    p.state = text_at(rows, i, 1);
    p.holder = text_at(rows, i, 2);
    p.epoch = number_of<std::int64_t>(rows.at(i, 3));
    if (!rows.is_null(i, 4)) p.cut_age_seconds = number_of<double>(rows.at(i, 4));
    p.dead_letters = number_of<std::int64_t>(rows.at(i, 5));
    p.consistency = text_at(rows, i, 6);
    WEIR_ASSIGN(p.nodes, read_nodes(target, p.pipeline));
    WEIR_ASSIGN(p.views, read_views(target, p.pipeline));
    WEIR_ASSIGN(p.holds, read_holds(target, p.pipeline));
    pipelines.push_back(std::move(p));
  }
  return pipelines;
}

} // namespace weir::postgres
