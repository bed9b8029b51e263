#include <algorithm>

#include <fmt/format.h>

#include "runtime/base/human_text.hpp"
#include "runtime/doctor/checks.hpp"

namespace weir::doctor {

namespace {

constexpr std::int64_t much_wal = std::int64_t{1} << 30;
constexpr double old_prepared_seconds = 3600;
constexpr double long_running_seconds = 300;

const slot_facts* own_slot(const node_facts& node) {
  for (const auto& s : node.slots)
    if (s.name == node.slot) return &s;
  return nullptr;
}

/// Those of moves and splits under way, and weir's own that go with their connection.
bool is_passing(const slot_facts& s) {
  return s.temporary || s.name.starts_with("citus_shard_move_slot_") || s.name.starts_with("citus_shard_split_slot_");
}

void check_own_slot(const node_facts& node, findings_of& out) {
  const auto* s = own_slot(node);
  if (s == nullptr) {
    if (node.known)
      out.fail("slot", fmt::format("slot {} is gone: changes since then are lost", node.slot), load_anew);
    else
      out.ok("slot", fmt::format("slot {} is made by the first run", node.slot));
    return;
  }
  if (s->of_another_database)
    return out.fail("slot",
                    fmt::format("slot {} is that of a pipeline of the same name in database {}", s->name, s->database),
                    fmt::format("give one of the two pipelines another name; or, if the other one is gone: SELECT "
                                "pg_drop_replication_slot('{}');",
                                s->name));
  if (s->wal_status == "lost")
    return out.fail("slot", fmt::format("slot {} was invalidated: its WAL is gone", s->name), load_anew);
  if (!s->logical || s->plugin != "pgoutput" || !s->two_phase)
    return out.fail("slot",
                    fmt::format("slot {} is not weir's: it does not decode with pgoutput and two_phase", s->name),
                    fmt::format("SELECT pg_drop_replication_slot('{}');", s->name));
  const auto kept = fmt::format("slot {} keeps {} of WAL", s->name, human_bytes(s->kept_bytes));
  if (s->wal_status == "unreserved")
    return out.fail("slot", kept + " and is about to be invalidated", "start weir now: the next checkpoint removes it");
  if (!s->active)
    return out.warn("slot", kept + ", and nobody reads it",
                    "start weir; or `weir drop FILE` if it is not to come back");
  out.ok("slot", kept + " and is being read");
}

void check_limit(const node_facts& node, findings_of& out) {
  const auto& log = node.log;
  const auto in_directory =
      log.directory_bytes ? fmt::format("; pg_wal holds {} now", human_bytes(*log.directory_bytes)) : std::string();
  if (log.slot_limit_bytes < 0)
    return out.ok("slot_limit",
                  "max_slot_wal_keep_size is -1: a slot nobody reads keeps WAL until the disk is full" + in_directory);
  const auto limit = fmt::format("max_slot_wal_keep_size is {}", human_bytes(log.slot_limit_bytes));
  const auto cure = fmt::format("ALTER SYSTEM SET max_slot_wal_keep_size = '{}MB'; SELECT pg_reload_conf();",
                                std::max(4 * log.slot_limit_bytes, 4 * log.max_wal_bytes) >> 20U);
  const auto* s = own_slot(node);
  if (s != nullptr && s->safe_bytes) {
    const auto left = std::max<std::int64_t>(*s->safe_bytes, 0);
    const auto text = fmt::format("{}, and {} may still be written before the slot is lost{}", limit, human_bytes(left),
                                  in_directory);
    if (left * 5 < log.slot_limit_bytes) return out.fail("slot_limit", text, cure);
    if (left * 2 < log.slot_limit_bytes) return out.warn("slot_limit", text, cure);
    return out.ok("slot_limit", text);
  }
  if (log.slot_limit_bytes < log.max_wal_bytes)
    return out.warn("slot_limit",
                    fmt::format("{}, less than max_wal_size ({}): a short outage loses the slot{}", limit,
                                human_bytes(log.max_wal_bytes), in_directory),
                    cure);
  out.ok("slot_limit", limit + in_directory);
}

void check_foreign_slots(const node_facts& node, findings_of& out) {
  std::size_t well = 0;
  for (const auto& s : node.slots) {
    if (s.name == node.slot || is_passing(s)) continue;
    const auto lost = s.wal_status == "lost";
    if (!lost && s.kept_bytes < much_wal) {
      ++well;
      continue;
    }
    const bool of_weir = s.name.starts_with("weir_");
    const auto sentence = lost ? fmt::format("slot {} was invalidated and takes a place", s.name)
                               : fmt::format("slot {} ({}{}) keeps {} of WAL", s.name,
                                             s.database.empty() ? "physical" : "database " + s.database,
                                             s.active ? "" : ", not read", human_bytes(s.kept_bytes));
    out.warn("other_slots", sentence,
             of_weir ? fmt::format("weir drop its definition; or SELECT pg_drop_replication_slot('{}');", s.name)
                     : fmt::format("if nobody needs it: SELECT pg_drop_replication_slot('{}');", s.name));
  }
  if (well > 0) out.ok("other_slots", fmt::format("{} other slots keep little WAL", well));
}

} // namespace

void check_slots(const node_facts& node, findings_of& out) {
  check_own_slot(node, out);
  check_limit(node, out);
  check_foreign_slots(node, out);
}

void check_waiting(const node_facts& node, findings_of& out) {
  const bool to_make = own_slot(node) == nullptr;
  bool calm = true;
  for (const auto& p : node.prepared) {
    if (p.age_seconds < old_prepared_seconds) continue;
    calm = false;
    out.warn(
        "prepared",
        fmt::format("transaction {} of {} has been prepared for {}: {}", p.literal, p.owner,
                    human_seconds(p.age_seconds),
                    to_make ? "a slot cannot be made before it ends" : "the slot keeps its WAL until it ends"),
        p.name.starts_with("citus_")
            ? "SELECT recover_prepared_transactions(); -- on the node that began it, usually the coordinator"
            : fmt::format("ROLLBACK PREPARED {0}; -- or COMMIT PREPARED {0}, as its other parts ended", p.literal));
  }
  for (const auto& r : node.running) {
    if (!to_make || r.age_seconds < long_running_seconds) continue;
    calm = false;
    out.warn("running",
             fmt::format("process {} ({}, {}) has been in a transaction for {}: the slot cannot be made before it ends",
                         r.pid, r.application.empty() ? "unnamed" : r.application, r.state,
                         human_seconds(r.age_seconds)),
             fmt::format("SELECT pg_terminate_backend({});", r.pid));
  }
  if (calm) out.ok("waiting", "no old transaction is in the way");
}

} // namespace weir::doctor
