#include <fmt/format.h>

#include "runtime/doctor/checks.hpp"

namespace weir::doctor {

namespace {

void check_schema(const target_facts& t, findings_of& out) {
  const auto& s = t.server;
  if (!t.schema_there) {
    if (s.may_create_in_database) return out.ok("schema", "schema weir is made by the first run");
    return out.fail("schema", fmt::format("there is no schema weir, and role {} may not make one", s.quoted_role),
                    fmt::format("CREATE SCHEMA weir AUTHORIZATION {};", s.quoted_role));
  }
  if (t.schema_version > t.wanted_version)
    return out.fail("schema",
                    fmt::format("schema weir is of version {}; this weir knows {}", t.schema_version, t.wanted_version),
                    "run the newer weir that made it");
  if (!t.owns_schema)
    return out.fail("schema", fmt::format("schema weir is not owned by role {}", s.quoted_role),
                    fmt::format("ALTER SCHEMA weir OWNER TO {}; -- and its tables too", s.quoted_role));
  if (t.schema_version == 0) return out.ok("schema", "schema weir is filled by the first run");
  if (t.schema_version < t.wanted_version)
    return out.ok("schema", fmt::format("schema weir of version {} is brought to {} by the next run", t.schema_version,
                                        t.wanted_version));
  out.ok("schema", fmt::format("schema weir is of version {}", t.schema_version));
}

void check_pipeline(const target_facts& t, findings_of& out) {
  if (t.registered && !t.same_definition)
    out.fail("definition", "the pipeline is registered with another definition",
             "weir drop the old definition; or give this one another name");
  else
    out.ok("definition", t.registered ? "the pipeline is registered with this definition" : "the pipeline is new here");
  out.ok("holder", t.holder.empty() ? "nobody runs it now" : "it is run by " + t.holder);
}

} // namespace

void check_target(const target_facts& t, findings_of& out) {
  const auto& s = t.server;
  out.ok("reachable", "answers at " + s.address);
  if (s.version < 150000)
    out.fail("version", fmt::format("PostgreSQL {} is too old: weir writes to 15 and later", s.version_text),
             "upgrade the server");
  else
    out.ok("version", "PostgreSQL " + s.version_text);
  if (s.in_recovery) out.fail("primary", "the server is a standby", "name the primary as target");
  if (!s.synchronous_commit)
    out.fail("synchronous_commit",
             "synchronous_commit is off: a crash of the target takes back cuts that the nodes were told to forget",
             fmt::format("ALTER ROLE {} SET synchronous_commit = 'on';", s.quoted_role));
  else
    out.ok("synchronous_commit", "what is committed is durable");
  check_time_zones(s, out);
  check_letters(s, out);
  if (s.connections.left() < 2 && t.holder.empty())
    out.fail("connections",
             fmt::format("max_connections: {} of {} are taken", s.connections.taken, s.connections.places),
             "raise max_connections, and restart the server");
  else
    out.ok("connections",
           fmt::format("max_connections: {} of {} are taken", s.connections.taken, s.connections.places));
  check_schema(t, out);
  check_pipeline(t, out);
  for (const auto& sink : t.sinks) {
    if (sink.unfit)
      out.fail("sink", sink.unfit->message, sink.unfit->hint);
    else
      out.ok("sink", fmt::format("view {} can be written into {}", sink.view, sink.sql_name));
  }
  for (const auto& e : t.unread) out.warn("not_examined", e.message, e.hint);
}

} // namespace weir::doctor
