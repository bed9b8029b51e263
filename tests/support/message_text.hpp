#pragma once

#include <fmt/format.h>

#include <string>
#include <variant>

#include "runtime/pgoutput/message.hpp"

namespace weir::test {

namespace detail {

inline std::string value_text(const pgoutput::tuple_value& v) {
  switch (v.kind) {
    case pgoutput::value_kind::null: return "null";
    case pgoutput::value_kind::unchanged: return "unchanged";
    case pgoutput::value_kind::binary: return fmt::format("{} binary bytes", v.size);
    case pgoutput::value_kind::text: break;
  }
  if (v.size > 40) return fmt::format("'{}...' ({} bytes)", v.bytes().substr(0, 8), v.size);
  return fmt::format("'{}'", v.bytes());
}

inline std::string tuple_text(const pgoutput::tuple& values) {
  std::string out;
  for (const auto& v : values) out += (out.empty() ? "" : ", ") + value_text(v);
  return "(" + out + ")";
}

struct message_text {
  std::string operator()(const pgoutput::begin& m) const {
    return fmt::format("begin final={} time={} xid={}", to_string(m.final_lsn), m.commit_time_us, m.id.value);
  }
  std::string operator()(const pgoutput::commit& m) const {
    return fmt::format("commit at={} end={} time={}", to_string(m.commit_lsn), to_string(m.end_lsn), m.commit_time_us);
  }
  std::string operator()(const pgoutput::origin& m) const {
    return fmt::format("origin '{}' at={}", m.name, to_string(m.origin_lsn));
  }
  std::string operator()(const pgoutput::relation& m) const {
    auto out = fmt::format("relation {} {}.{} identity={}", m.oid.value, m.schema, m.table, m.replica_identity);
    for (const auto& c : m.columns) {
      out += fmt::format(" {}{}:{}/{}", c.in_identity ? "*" : "", c.name, c.type_oid, c.typmod);
    }
    return out;
  }
  std::string operator()(const pgoutput::type_name& m) const {
    return fmt::format("type {} {}.{}", m.oid, m.schema, m.name);
  }
  std::string operator()(const pgoutput::row_change& m) const {
    using pgoutput::row_kind;
    const char* what = m.kind == row_kind::insert ? "insert" : m.kind == row_kind::update ? "update" : "delete";
    auto out = fmt::format("{} {}", what, m.relation.value);
    if (m.old == pgoutput::old_row::key) out += " old key " + tuple_text(m.old_values);
    if (m.old == pgoutput::old_row::full) out += " old " + tuple_text(m.old_values);
    if (m.kind != row_kind::removal) out += " new " + tuple_text(m.new_values);
    return out;
  }
  std::string operator()(const pgoutput::truncate& m) const {
    auto out = fmt::format("truncate{}{}", m.cascade ? " cascade" : "", m.restart_identity ? " restart identity" : "");
    for (const auto& r : m.relations) out += fmt::format(" {}", r.value);
    return out;
  }
  std::string operator()(const pgoutput::logical_message& m) const {
    return fmt::format("message{} at={} '{}' '{}'", m.transactional ? " transactional" : "", to_string(m.position),
                       m.prefix, m.content);
  }
  std::string operator()(const pgoutput::begin_prepare& m) const {
    return fmt::format("begin prepare at={} end={} time={} xid={} '{}'", to_string(m.prepare_lsn), to_string(m.end_lsn),
                       m.prepare_time_us, m.id.value, m.gid);
  }
  std::string operator()(const pgoutput::prepare& m) const {
    return fmt::format("prepare at={} end={} time={} xid={} '{}'", to_string(m.prepare_lsn), to_string(m.end_lsn),
                       m.prepare_time_us, m.id.value, m.gid);
  }
  std::string operator()(const pgoutput::commit_prepared& m) const {
    return fmt::format("commit prepared at={} end={} time={} xid={} '{}'", to_string(m.commit_lsn),
                       to_string(m.end_lsn), m.commit_time_us, m.id.value, m.gid);
  }
  std::string operator()(const pgoutput::rollback_prepared& m) const {
    return fmt::format("rollback prepared end of prepare={} end={} times={} {} xid={} '{}'",
                       to_string(m.prepare_end_lsn), to_string(m.end_lsn), m.prepare_time_us, m.rollback_time_us,
                       m.id.value, m.gid);
  }
};

} // namespace detail

/// One line that says all of a message but long values.
inline std::string to_text(const pgoutput::message& m) { return std::visit(detail::message_text{}, m); }

} // namespace weir::test
