#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/base/human_text.hpp"
#include "runtime/doctor/checks.hpp"
#include "runtime/postgres/letter_check.hpp"
#include "runtime/postgres/zone_check.hpp"

namespace weir::doctor {

namespace {

constexpr std::int64_t clock_tolerance_us = 5'000'000;
constexpr const char* then_restart = "; -- then restart the server";

void check_version(const server_facts& s, findings_of& out) {
  if (s.version < 150000)
    out.fail("version", fmt::format("PostgreSQL {} is too old: weir reads 15 and later", s.version_text),
             "upgrade the server");
  else
    out.ok("version", "PostgreSQL " + s.version_text);
}

void check_primary(const server_facts& s, findings_of& out) {
  if (s.in_recovery)
    out.fail("primary", "the server is a standby", "name the primary, or promote this one: SELECT pg_promote();");
  else
    out.ok("primary", "the server is a primary");
}

void check_capacity(const std::string& code, const std::string& setting, const capacity& c, std::int64_t needed,
                    std::int64_t wanted, const std::string& what, findings_of& out) {
  const auto sentence = fmt::format("{}: {} of {} are taken", setting, c.taken, c.places);
  const auto cure = fmt::format("ALTER SYSTEM SET {} = {}{}", setting, std::max(c.places, c.taken) + 10, then_restart);
  if (c.left() < needed)
    out.fail(code, fmt::format("{}; {}", sentence, what), cure);
  else if (c.left() < wanted)
    out.warn(code, fmt::format("{}; `weir verify` and moves of shards need some, too", sentence), cure);
  else
    out.ok(code, sentence);
}

bool slot_is_there(const node_facts& node) {
  return std::any_of(node.slots.begin(), node.slots.end(), [&](const slot_facts& s) { return s.name == node.slot; });
}

bool is_streaming(const node_facts& node) {
  return std::any_of(node.slots.begin(), node.slots.end(),
                     [&](const slot_facts& s) { return s.name == node.slot && s.active; });
}

void check_log(const node_facts& node, findings_of& out) {
  const auto& log = node.log;
  if (log.wal_level != "logical")
    out.fail("wal_level", fmt::format("wal_level is {}; logical replication needs logical", log.wal_level),
             fmt::format("ALTER SYSTEM SET wal_level = 'logical'{}", then_restart));
  else
    out.ok("wal_level", "wal_level is logical");
  const int slot = slot_is_there(node) ? 0 : 1;
  check_capacity("slots", "max_replication_slots", log.slots, slot, slot + 2, "weir needs one", out);
  const int sender = is_streaming(node) ? 0 : 1;
  check_capacity("senders", "max_wal_senders", log.senders, sender, sender + 2, "weir needs one", out);
  check_capacity("connections", "max_connections", node.server.connections, sender, sender + 2, "weir needs one", out);
}

/// Citus prepares every transaction that touches two nodes, moves of shards included.
void check_prepared_places(const node_facts& node, findings_of& out) {
  if (!node.citus) return;
  const auto& c = node.log.prepared;
  const auto cure = fmt::format("ALTER SYSTEM SET max_prepared_transactions = 200{}", then_restart);
  if (c.places == 0)
    out.fail("prepared_places", "max_prepared_transactions is 0: Citus cannot write to two nodes at once", cure);
  else if (c.left() * 5 < c.places)
    out.warn("prepared_places", fmt::format("{} of {} prepared transactions are in use", c.taken, c.places), cure);
  else
    out.ok("prepared_places", fmt::format("{} of {} prepared transactions are in use", c.taken, c.places));
}

void check_role(const node_facts& node, findings_of& out) {
  const auto& s = node.server;
  if (!s.replication_right && !s.superuser)
    out.fail("replication_right", fmt::format("role {} may not replicate", s.quoted_role),
             fmt::format("ALTER ROLE {} REPLICATION;", s.quoted_role));
  else
    out.ok("replication_right", fmt::format("role {} may replicate", s.quoted_role));
  if (node.replication_refused)
    out.fail("replication_connection", node.replication_refused->message, node.replication_refused->hint);
  else
    out.ok("replication_connection", "a replication connection can be made");
  if (s.statement_timeout != "0")
    out.warn("statement_timeout", fmt::format("statement_timeout is {}: it ends first loads, too", s.statement_timeout),
             fmt::format("ALTER ROLE {} SET statement_timeout = 0;", s.quoted_role));
}

void check_identity(const node_facts& node, findings_of& out) {
  if (node.expected_system_id.empty() || node.system_id.empty()) return;
  if (node.expected_system_id != node.system_id)
    out.fail("same_server",
             fmt::format("this is another server (system identifier {}) than the one that was read before ({})",
                         node.system_id, node.expected_system_id),
             "name the right address, or `weir drop` and `weir run`, which loads the views anew");
  else
    out.ok("same_server", "it is the server that was read before");
}

} // namespace

void check_time_zones(const server_facts& server, findings_of& out) {
  if (server.zones.empty()) return;
  if (server.zone_difference)
    out.fail("time_zones", *server.zone_difference, postgres::zone_cure);
  else
    out.ok("time_zones",
           fmt::format("its time zone files say the same as weir's of {}", fmt::join(server.zones, ", ")));
}

void check_letters(const server_facts& server, findings_of& out) {
  if (!server.uses_letters) return;
  if (server.letter_difference)
    out.fail("letters", *server.letter_difference, postgres::letter_cure);
  else
    out.ok("letters",
           "its lower() and upper() make the same of letters as those of the databases whose tables were read");
}

void check_server(const node_facts& node, findings_of& out) {
  const auto& s = node.server;
  check_version(s, out);
  check_primary(s, out);
  check_identity(node, out);
  check_log(node, out);
  check_prepared_places(node, out);
  check_role(node, out);
  if (!s.synchronous_commit)
    out.warn("synchronous_commit",
             "synchronous_commit is off: what is committed reaches the stream up to a second later, and a crash of the "
             "node takes it back",
             "ALTER SYSTEM SET synchronous_commit = 'on'; SELECT pg_reload_conf();");
  if (std::abs(s.clock_offset_us) > clock_tolerance_us)
    out.warn("clock",
             fmt::format("its clock is {} {} this host's: times of commits in weir.frontier are off by as much",
                         human_seconds(static_cast<double>(std::abs(s.clock_offset_us)) / 1e6),
                         s.clock_offset_us > 0 ? "ahead of" : "behind"),
             "synchronise the clocks of both hosts (NTP)");
  else
    out.ok("clock", fmt::format("its clock is within {} of this host's", human_seconds(clock_tolerance_us / 1e6)));
  check_time_zones(s, out);
  check_letters(s, out);
  for (const auto& e : node.unread) out.warn("not_examined", e.message, e.hint);
}

} // namespace weir::doctor
