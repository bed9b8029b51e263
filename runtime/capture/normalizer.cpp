#include "runtime/capture/normalizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "runtime/base/mutation.hpp"
#include "runtime/capture/binding.hpp"
#include "runtime/capture/shard_stream.hpp"
#include "runtime/capture/staging.hpp"
#include "runtime/pgoutput/frame.hpp"
#include "runtime/pgoutput/message.hpp"
#include "runtime/pgoutput/row_change.hpp"

namespace weir::capture {

namespace {

enum class transaction : std::uint8_t { none, plain, prepared };

/// A relation of the stream, and what its rows feed.
struct published_relation {
  std::vector<binding> bindings;
  // Raw capture: a table with a number at the end of its name. Whether it is a shard's, and whose, is found out when a
  // row comes, and again when what the node owns has changed: the message itself may come long before.
  std::vector<std::byte> message;     ///< its Relation message
  std::uint64_t version = 0;          ///< of the ownership that `bindings` stand for; 0: none yet
  std::optional<shard_id> shard = {}; ///< the one whose rows count
};

error out_of_place(const char* what) { return {errc::invalid_value, fmt::format("pgoutput: {}", what)}; }

error another_table(const source_plan& plan) {
  return {errc::schema_changed,
          fmt::format("table {} is another table than the one that was read", quoted_table(plan))};
}

error wrong_width(const source_plan& plan, std::size_t sent, std::size_t declared) {
  return {errc::invalid_value, fmt::format("table {}: a row of {} columns came, its Relation message has {}",
                                           quoted_table(plan), sent, declared)};
}

} // namespace

struct normalizer::impl {
  impl(const pipeline_plan& p, normalizer_limits l, staging s, std::optional<ownership_tracker> owned)
      : sources(p.sources), translated(p.capture == capture_mode::logical), limits(l), waiting(std::move(s)) {
    if (owned) shards.emplace(sources, *std::move(owned));
  }

  std::vector<source_plan> sources;
  bool translated = false; ///< by Citus: logical capture
  normalizer_limits limits;
  staging waiting;
  std::optional<shard_stream> shards; ///< raw capture
  /// The tables that were read, by oid: an ALTER TABLE … RENAME leaves a table what it is.
  std::unordered_map<table_oid, std::pair<std::string, std::string>> names;
  wire_types types;
  /// By oid, what each relation feeds; nothing, for one that is not in the plan.
  std::unordered_map<table_oid, published_relation> relations;
  std::pair<table_oid, published_relation*> last_relation = {{}, nullptr};
  std::string gid;                     ///< of the open transaction
  std::vector<std::string> depends_on; ///< moves that the open transaction's rows come after
  /// Citus' pg_dist_transaction, and the place of its gid: what the node began, and the names of the parts.
  std::optional<std::pair<table_oid, std::size_t>> participants;
  transaction open = transaction::none;
  bool has_complete = false; ///< something waits that is not part of the open transaction
  pgoutput::row_change row;  ///< kept for its memory

  status consume(std::span<const std::byte> chunk, std::vector<effect>& out);
  status take_payload(std::span<const std::byte> payload, std::vector<effect>& out);
  status take_row(std::span<const std::byte> payload, std::vector<effect>& out);
  status take_row(const binding& bound);
  status take_other();
  status decide(const std::string& prepared, bool committed);
  status take_update(const binding& bound);
  status check_old(const binding& bound, const char* statement) const;
  result<published_relation*> find(table_oid oid);
  status look_again(published_relation& r);
  void depend_on_move(shard_id shard);
  void begin(transaction kind, transaction_begin b);
  void end(transaction_end e);
  void flush(std::vector<effect>& out);

  status on(const pgoutput::begin& m);
  status on(const pgoutput::commit& m);
  status take_relation(const pgoutput::relation& m, std::span<const std::byte> payload);
  bool has_rows_itself(table_kind kind) const;
  bool is_read_elsewhere(const source_plan& source) const;
  status on(const pgoutput::truncate& m);
  status on(const pgoutput::begin_prepare& m);
  status on(const pgoutput::prepare& m);
  status on(const pgoutput::commit_prepared& m);
  status on(const pgoutput::rollback_prepared& m);
  status on(const pgoutput::row_change&) { return {}; } // take_row has it
  status on(const pgoutput::relation&) { return {}; }   // take_relation has it
  status on(const pgoutput::origin&) { return {}; }     // wherever a change came from first, it is in the table
  status on(const pgoutput::type_name& m) {
    types.add(m);
    return {};
  }
  status on(const pgoutput::logical_message&) { return {}; } // a heartbeat's effect is its transaction
};

status normalizer::impl::consume(std::span<const std::byte> chunk, std::vector<effect>& out) {
  while (!chunk.empty()) {
    WEIR_ASSIGN(const auto payload, pgoutput::take_frame(chunk));
    WEIR_ASSIGN(const auto frame, pgoutput::decode_frame(payload));
    if (const auto* data = std::get_if<pgoutput::xlog_data>(&frame)) {
      WEIR_TRY(take_payload(data->payload, out));
      continue;
    }
    if (open != transaction::none) continue;
    const auto& alive = std::get<pgoutput::keepalive>(frame);
    waiting.add(progress{alive.end, alive.server_time_us, alive.reply_requested});
    has_complete = true;
  }
  return {};
}

status normalizer::impl::take_payload(std::span<const std::byte> payload, std::vector<effect>& out) {
  if (!payload.empty() && pgoutput::is_row_tag(payload.front())) return take_row(payload, out);
  WEIR_ASSIGN(const auto message, pgoutput::decode(payload));
  if (const auto* relation = std::get_if<pgoutput::relation>(&message)) return take_relation(*relation, payload);
  return std::visit([&](const auto& m) { return on(m); }, message);
}

status normalizer::impl::take_row(std::span<const std::byte> payload, std::vector<effect>& out) {
  WEIR_TRY(pgoutput::decode_row(payload, row));
  if (open == transaction::none) return out_of_place("a row outside a transaction");
  WEIR_ASSIGN(auto* relation, find(row.relation));
  if (relation->bindings.empty()) return take_other();
  if (relation->shard) depend_on_move(*relation->shard);
  for (const auto& bound : relation->bindings) {
    WEIR_TRY(take_row(bound));
    if (waiting.row_count(bound.source) >= limits.batch_rows ||
        waiting.size_bytes(bound.source) >= limits.batch_bytes) {
      flush(out);
    }
  }
  return {};
}

status normalizer::impl::take_row(const binding& bound) {
  const auto& plan = sources[bound.source];
  if (row.old != pgoutput::old_row::none && row.old_values.size() != bound.wire_columns) {
    return wrong_width(plan, row.old_values.size(), bound.wire_columns);
  }
  if (row.kind != pgoutput::row_kind::removal && row.new_values.size() != bound.wire_columns) {
    return wrong_width(plan, row.new_values.size(), bound.wire_columns);
  }
  switch (row.kind) {
    case pgoutput::row_kind::insert: return waiting.add_row(bound, row.new_values, 1);
    case pgoutput::row_kind::update: return take_update(bound);
    case pgoutput::row_kind::removal: break;
  }
  WEIR_TRY(check_old(bound, "a DELETE"));
  return waiting.add_row(bound, row.old_values, -1);
}

/// A row of a table that no view reads: perhaps of Citus' catalogs, perhaps the name of a part of this distributed
/// transaction.
status normalizer::impl::take_other() {
  if (shards && shards->take_row(row)) return {};
  const bool named = participants && row.relation == participants->first && row.kind == pgoutput::row_kind::insert &&
                     participants->second < row.new_values.size();
  if (named) waiting.add(participant{std::string(row.new_values[participants->second].bytes())});
  return {};
}

/// Does the old row have what the views need?
status normalizer::impl::check_old(const binding& bound, const char* statement) const {
  if (row.old != pgoutput::old_row::key || bound.key_suffices) return {};
  const auto& plan = sources[bound.source];
  switch (what_is(bound, plan, row.old_values)) {
    case old_tuple::whole: return {};
    case old_tuple::unclear: return old_row_unclear(plan);
    case old_tuple::key: break;
  }
  return old_row_lacks_columns(plan, bound, statement);
}

/// The shard came with a move that is prepared here and may be committed elsewhere: what this transaction does to it
/// comes after all that the old owner has, so it must not be shown without the move.
void normalizer::impl::depend_on_move(shard_id shard) {
  const auto& move = shards->pending(shard);
  if (move.empty() || std::find(depends_on.begin(), depends_on.end(), move) != depends_on.end()) return;
  depends_on.push_back(move);
  waiting.add(follows{move});
}

status normalizer::impl::take_update(const binding& bound) {
  if (row.old == pgoutput::old_row::none) {
    // Without an old row no column of the replica identity has changed.
    if (bound.key_suffices && !bound.always_old) return {};
    return old_row_lacks_columns(sources[bound.source], bound, "an UPDATE");
  }
  WEIR_TRY(check_old(bound, "an UPDATE"));
  bool differs = false;
  for (const auto wire : bound.wire_of) {
    auto& value = row.new_values[wire];
    if (value.kind == pgoutput::value_kind::unchanged) value = row.old_values[wire];
    differs = differs || value != row.old_values[wire];
  }
  if (!differs) return {}; // the old and the new row cancel
  WEIR_TRY(waiting.add_row(bound, row.old_values, -1));
  return waiting.add_row(bound, row.new_values, 1);
}

result<published_relation*> normalizer::impl::find(table_oid oid) {
  if (last_relation.second == nullptr || last_relation.first != oid) {
    const auto at = relations.find(oid);
    if (at == relations.end())
      return error{errc::invalid_value, fmt::format("pgoutput: no Relation message came for oid {}", oid.value)};
    last_relation = {oid, &at->second};
  }
  auto& found = *last_relation.second;
  if (!found.message.empty() && found.version != shards->version()) WEIR_TRY(look_again(found));
  return &found;
}

/// Is this the table of a shard that the node owns?
status normalizer::impl::look_again(published_relation& r) {
  r.version = shards->version();
  r.bindings.clear();
  r.shard.reset();
  WEIR_ASSIGN(const auto message, pgoutput::decode(r.message));
  const auto& m = std::get<pgoutput::relation>(message);
  const auto number = shard_number(m.table);
  const auto* shard = number ? shards->counting(*number) : nullptr;
  if (number && mutated(mutation::copies_counted)) shard = shards->now().find(*number);
  if (shard == nullptr) return {};
  const auto& source = sources[shard->source];
  using likeness = ownership::likeness;
  const auto like = shards->now().compare(*shard, m.table, m.oid.value);
  if (like == likeness::other || (like == likeness::shard && source.schema != m.schema && shard->oid != m.oid.value))
    return {};
  if (like == likeness::unclear)
    return error{errc::ownership_unclear, fmt::format("table {}.{} has the number of a shard of {}, but not its name",
                                                      m.schema, m.table, quoted_table(source))};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].schema != source.schema || sources[i].table != source.table) continue;
    WEIR_ASSIGN(auto bound, bind(i, sources[i], m, types));
    r.bindings.push_back(std::move(bound));
  }
  r.shard = *number;
  shards->remember_table(*number, m.table, m.oid.value);
  return {};
}

void normalizer::impl::begin(transaction kind, transaction_begin b) {
  open = kind;
  gid = b.gid;
  depends_on.clear();
  waiting.add(std::move(b));
}

void normalizer::impl::end(transaction_end e) {
  open = transaction::none;
  has_complete = true;
  waiting.add(e);
}

void normalizer::impl::flush(std::vector<effect>& out) {
  waiting.flush(out);
  has_complete = false;
}

status normalizer::impl::on(const pgoutput::begin& m) {
  if (open != transaction::none) return out_of_place("Begin inside a transaction");
  begin(transaction::plain, {m.final_lsn, m.commit_time_us, m.id});
  return {};
}

status normalizer::impl::on(const pgoutput::commit& m) {
  if (open != transaction::plain) return out_of_place("Commit without Begin");
  if (shards) {
    WEIR_ASSIGN(auto changed, shards->commit());
    if (changed) waiting.add(*std::move(changed));
  }
  end({transaction_end::outcome::committed, m.commit_lsn, m.end_lsn, m.commit_time_us});
  return {};
}

status normalizer::impl::take_relation(const pgoutput::relation& m, std::span<const std::byte> payload) {
  last_relation.second = nullptr;
  auto& known = relations[m.oid];
  known = {};
  if (m.schema == "pg_catalog") {
    if (shards) shards->take_relation(m);
    if (m.table != "pg_dist_transaction") return {};
    const auto at = std::find_if(m.columns.begin(), m.columns.end(), [](const auto& c) { return c.name == "gid"; });
    if (at != m.columns.end()) participants.emplace(m.oid, static_cast<std::size_t>(at - m.columns.begin()));
    return {};
  }
  if (shards && shard_number(m.table)) known.message.assign(payload.begin(), payload.end());
  const auto was_read = names.find(m.oid);
  const auto schema = was_read == names.end() ? m.schema : std::string_view(was_read->second.first);
  const auto table = was_read == names.end() ? m.table : std::string_view(was_read->second.second);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].schema != schema || sources[i].table != table || !has_rows_itself(sources[i].kind)) continue;
    if (was_read == names.end() && is_read_elsewhere(sources[i])) return another_table(sources[i]);
    WEIR_ASSIGN(auto bound, bind(i, sources[i], m, types));
    known.bindings.push_back(std::move(bound));
    known.message.clear();
  }
  return {};
}

/// Is another table known to be the one that was read under this name?
bool normalizer::impl::is_read_elsewhere(const source_plan& source) const {
  return std::any_of(names.begin(), names.end(), [&](const auto& known) {
    return known.second.first == source.schema && known.second.second == source.table;
  });
}

/// With raw capture the rows of a distributed table are in its shards' tables; those of an ordinary table count where
/// the coordinator has it.
bool normalizer::impl::has_rows_itself(table_kind kind) const {
  if (!shards) return true;
  return !is_sharded(kind) && (kind != table_kind::coordinator || shards->now().group() == 0);
}

status normalizer::impl::on(const pgoutput::truncate& m) {
  if (open == transaction::none) return out_of_place("Truncate outside a transaction");
  for (const auto oid : m.relations) {
    WEIR_ASSIGN(const auto* relation, find(oid));
    if (relation->shard) depend_on_move(*relation->shard);
    for (const auto& bound : relation->bindings) {
      const auto& source = sources[bound.source];
      // Citus tells of it on one node, wherever the rows are, and also where they stay.
      if (translated && source.kind != table_kind::coordinator)
        return error{errc::source_reshaped, fmt::format("table {} was truncated", quoted_table(source)),
                     "nothing is lost: the views are read anew"};
      waiting.add_truncate(bound.source);
    }
  }
  return {};
}

status normalizer::impl::on(const pgoutput::begin_prepare& m) {
  if (open != transaction::none) return out_of_place("Begin Prepare inside a transaction");
  begin(transaction::prepared, {m.prepare_lsn, m.prepare_time_us, m.id, std::string(m.gid)});
  return {};
}

status normalizer::impl::on(const pgoutput::prepare& m) {
  if (open != transaction::prepared) return out_of_place("Prepare without Begin Prepare");
  if (shards)
    if (auto changed = shards->prepare(gid)) waiting.add(*std::move(changed));
  end({transaction_end::outcome::prepared, m.prepare_lsn, m.end_lsn, m.prepare_time_us});
  return {};
}

status normalizer::impl::decide(const std::string& prepared, bool committed) {
  if (!shards) return {};
  WEIR_ASSIGN(auto changed, shards->decide(prepared, committed));
  if (changed) waiting.add(*std::move(changed));
  return {};
}

status normalizer::impl::on(const pgoutput::commit_prepared& m) {
  if (open != transaction::none) return out_of_place("Commit Prepared inside a transaction");
  WEIR_TRY(decide(std::string(m.gid), true));
  waiting.add(prepared_decision{std::string(m.gid), m.id, true, {}, m.commit_lsn, m.end_lsn, m.commit_time_us});
  has_complete = true;
  return {};
}

status normalizer::impl::on(const pgoutput::rollback_prepared& m) {
  if (open != transaction::none) return out_of_place("Rollback Prepared inside a transaction");
  WEIR_TRY(decide(std::string(m.gid), false));
  waiting.add(prepared_decision{std::string(m.gid), m.id, false, m.prepare_end_lsn, {}, m.end_lsn, m.rollback_time_us});
  has_complete = true;
  return {};
}

result<normalizer> normalizer::make(const pipeline_plan& plan, normalizer_limits limits,
                                    std::optional<ownership_tracker> owned, std::span<const table_shape> tables) {
  WEIR_ASSIGN(auto waiting, staging::make(plan));
  auto state = std::make_unique<impl>(plan, limits, std::move(waiting), std::move(owned));
  for (const auto& t : tables) state->names.try_emplace(table_oid{t.oid}, t.schema, t.name);
  return normalizer(std::move(state));
}

normalizer::normalizer(std::unique_ptr<impl> state) : state_(std::move(state)) {}
normalizer::normalizer(normalizer&&) noexcept = default;
normalizer& normalizer::operator=(normalizer&&) noexcept = default;
normalizer::~normalizer() = default;

status normalizer::consume(std::span<const std::byte> chunk, std::vector<effect>& out) {
  auto outcome = state_->consume(chunk, out);
  if (state_->has_complete || !outcome) state_->flush(out);
  return outcome;
}

} // namespace weir::capture
