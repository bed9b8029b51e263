#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/pgoutput/frame.hpp"
#include "runtime/pgoutput/message.hpp"

namespace weir::rehearsal {

using bytes = std::vector<std::byte>;

/// Appends big-endian fields.
class wire_writer {
public:
  wire_writer& u8(std::uint8_t v) { return number(v); }
  wire_writer& u16(std::uint16_t v) { return number(v); }
  wire_writer& u32(std::uint32_t v) { return number(v); }
  wire_writer& u64(std::uint64_t v) { return number(v); }
  wire_writer& i64(std::int64_t v) { return number(static_cast<std::uint64_t>(v)); }
  wire_writer& tag(char v) { return number(static_cast<std::uint8_t>(v)); }
  wire_writer& raw(std::string_view v) {
    const auto* from = reinterpret_cast<const std::byte*>(v.data());
    out_.insert(out_.end(), from, from + v.size());
    return *this;
  }
  wire_writer& c_string(std::string_view v) { return raw(v).u8(0); }
  bytes take() { return std::move(out_); }

private:
  template <class Unsigned>
  wire_writer& number(Unsigned v) {
    for (std::size_t i = sizeof v; i-- > 0;) out_.push_back(static_cast<std::byte>(v >> (8 * i)));
    return *this;
  }
  bytes out_;
};

namespace detail {

inline void write_tuple(wire_writer& out, const pgoutput::tuple& values) {
  out.u16(static_cast<std::uint16_t>(values.size()));
  for (const auto& v : values) {
    out.tag(static_cast<char>(v.kind));
    if (v.kind == pgoutput::value_kind::text || v.kind == pgoutput::value_kind::binary) out.u32(v.size).raw(v.bytes());
  }
}

/// Writes any message; the inverse of pgoutput::decode.
struct message_writer {
  wire_writer out;

  void operator()(const pgoutput::begin& m) {
    out.tag('B').u64(m.final_lsn.value).i64(m.commit_time_us).u32(m.id.value);
  }
  void operator()(const pgoutput::commit& m) {
    out.tag('C').u8(0).u64(m.commit_lsn.value).u64(m.end_lsn.value).i64(m.commit_time_us);
  }
  void operator()(const pgoutput::origin& m) { out.tag('O').u64(m.origin_lsn.value).c_string(m.name); }
  void operator()(const pgoutput::relation& m) {
    out.tag('R').u32(m.oid.value).c_string(m.schema == "pg_catalog" ? "" : m.schema).c_string(m.table);
    out.tag(m.replica_identity).u16(static_cast<std::uint16_t>(m.columns.size()));
    for (const auto& c : m.columns) {
      out.u8(c.in_identity ? 1 : 0).c_string(c.name).u32(c.type_oid).u32(static_cast<std::uint32_t>(c.typmod));
    }
  }
  void operator()(const pgoutput::type_name& m) {
    out.tag('Y').u32(m.oid).c_string(m.schema == "pg_catalog" ? "" : m.schema).c_string(m.name);
  }
  void operator()(const pgoutput::row_change& m) {
    using pgoutput::row_kind;
    out.tag(m.kind == row_kind::insert ? 'I' : m.kind == row_kind::update ? 'U' : 'D').u32(m.relation.value);
    if (m.old != pgoutput::old_row::none) {
      out.tag(m.old == pgoutput::old_row::key ? 'K' : 'O');
      write_tuple(out, m.old_values);
    }
    if (m.kind != row_kind::removal) {
      out.tag('N');
      write_tuple(out, m.new_values);
    }
  }
  void operator()(const pgoutput::truncate& m) {
    out.tag('T').u32(static_cast<std::uint32_t>(m.relations.size()));
    out.u8(static_cast<std::uint8_t>((m.cascade ? 1 : 0) | (m.restart_identity ? 2 : 0)));
    for (const auto& r : m.relations) out.u32(r.value);
  }
  void operator()(const pgoutput::logical_message& m) {
    out.tag('M').u8(m.transactional ? 1 : 0).u64(m.position.value).c_string(m.prefix);
    out.u32(static_cast<std::uint32_t>(m.content.size())).raw(m.content);
  }
  void operator()(const pgoutput::begin_prepare& m) {
    out.tag('b').u64(m.prepare_lsn.value).u64(m.end_lsn.value).i64(m.prepare_time_us).u32(m.id.value).c_string(m.gid);
  }
  void operator()(const pgoutput::prepare& m) {
    out.tag('P').u8(0).u64(m.prepare_lsn.value).u64(m.end_lsn.value).i64(m.prepare_time_us);
    out.u32(m.id.value).c_string(m.gid);
  }
  void operator()(const pgoutput::commit_prepared& m) {
    out.tag('K').u8(0).u64(m.commit_lsn.value).u64(m.end_lsn.value).i64(m.commit_time_us);
    out.u32(m.id.value).c_string(m.gid);
  }
  void operator()(const pgoutput::rollback_prepared& m) {
    out.tag('r').u8(0).u64(m.prepare_end_lsn.value).u64(m.end_lsn.value).i64(m.prepare_time_us);
    out.i64(m.rollback_time_us).u32(m.id.value).c_string(m.gid);
  }
};

} // namespace detail

/// The bytes of a message as pgoutput sends it.
inline bytes encode(const pgoutput::message& m) {
  detail::message_writer writer;
  std::visit(writer, m);
  return writer.out.take();
}

/// One value of a row to be sent: text, `nullptr` for NULL, or `unchanged()`.
struct wire_value {
  pgoutput::value_kind kind = pgoutput::value_kind::null;
  std::string text = {};

  wire_value(std::nullptr_t) {}
  wire_value(const char* value) : kind(pgoutput::value_kind::text), text(value) {}
  wire_value(std::string value) : kind(pgoutput::value_kind::text), text(std::move(value)) {}
  friend bool operator==(const wire_value&, const wire_value&) = default;
};
using wire_row = std::vector<wire_value>;

inline wire_value unchanged() {
  wire_value value = nullptr;
  value.kind = pgoutput::value_kind::unchanged;
  return value;
}

/// Views into `row`, which must outlive them.
inline pgoutput::tuple to_tuple(const wire_row& row) {
  pgoutput::tuple values;
  for (const auto& v : row) values.push_back({v.text.data(), static_cast<std::uint32_t>(v.text.size()), v.kind});
  return values;
}

/// Builds what a replication stream reads: frames, each a 4-byte native-endian length and a CopyData payload.
///
///   const auto chunk = wire_builder().begin(lsn{100}, 7, xid{1}).insert(oid, {"1", nullptr}).commit(…).take();
class wire_builder {
public:
  /// The 'w' frames that follow say that they start here.
  wire_builder& at(lsn position) {
    position_ = position;
    return *this;
  }

  wire_builder& message(const pgoutput::message& m) { return payload(encode(m)); }
  /// A message that may be anything.
  wire_builder& payload(std::span<const std::byte> content) {
    wire_writer out;
    out.tag('w').u64(position_.value).u64(position_.value).i64(0);
    out.raw({reinterpret_cast<const char*>(content.data()), content.size()});
    return frame(out.take());
  }
  /// A CopyData payload that may be anything.
  wire_builder& frame(std::span<const std::byte> content) {
    const auto size = static_cast<std::uint32_t>(content.size());
    const auto* length = reinterpret_cast<const std::byte*>(&size);
    starts_.push_back(out_.size());
    out_.insert(out_.end(), length, length + sizeof size);
    out_.insert(out_.end(), content.begin(), content.end());
    return *this;
  }

  wire_builder& keepalive(lsn end, std::int64_t server_time_us = 0, bool reply_requested = false) {
    wire_writer out;
    out.tag('k').u64(end.value).i64(server_time_us).u8(reply_requested ? 1 : 0);
    return frame(out.take());
  }

  wire_builder& begin(lsn final_lsn, std::int64_t time_us, xid id) {
    return message(pgoutput::begin{final_lsn, time_us, id});
  }
  wire_builder& commit(lsn commit_lsn, lsn end_lsn, std::int64_t time_us) {
    return message(pgoutput::commit{commit_lsn, end_lsn, time_us});
  }
  wire_builder& relation(const pgoutput::relation& r) { return message(r); }
  wire_builder& insert(table_oid table, const wire_row& row) {
    return message(pgoutput::row_change{pgoutput::row_kind::insert, table, pgoutput::old_row::none, {}, to_tuple(row)});
  }
  /// Without the old row: no column of the replica identity changed.
  wire_builder& update(table_oid table, const wire_row& row) {
    return message(pgoutput::row_change{pgoutput::row_kind::update, table, pgoutput::old_row::none, {}, to_tuple(row)});
  }
  wire_builder& update(table_oid table, pgoutput::old_row old, const wire_row& before, const wire_row& after) {
    return message(pgoutput::row_change{pgoutput::row_kind::update, table, old, to_tuple(before), to_tuple(after)});
  }
  wire_builder& remove(table_oid table, pgoutput::old_row old, const wire_row& before) {
    return message(pgoutput::row_change{pgoutput::row_kind::removal, table, old, to_tuple(before), {}});
  }
  wire_builder& truncate(std::vector<table_oid> tables) {
    return message(pgoutput::truncate{false, false, std::move(tables)});
  }
  wire_builder& logical_message(bool transactional, lsn position, std::string_view prefix, std::string_view content) {
    return message(pgoutput::logical_message{transactional, position, prefix, content});
  }
  wire_builder& begin_prepare(lsn prepare_lsn, lsn end_lsn, std::int64_t time_us, xid id, std::string_view gid) {
    return message(pgoutput::begin_prepare{prepare_lsn, end_lsn, time_us, id, gid});
  }
  wire_builder& prepare(lsn prepare_lsn, lsn end_lsn, std::int64_t time_us, xid id, std::string_view gid) {
    return message(pgoutput::prepare{prepare_lsn, end_lsn, time_us, id, gid});
  }
  wire_builder& commit_prepared(lsn commit_lsn, lsn end_lsn, std::int64_t time_us, xid id, std::string_view gid) {
    return message(pgoutput::commit_prepared{commit_lsn, end_lsn, time_us, id, gid});
  }
  wire_builder& rollback_prepared(lsn prepare_end_lsn, lsn end_lsn, std::int64_t time_us, xid id,
                                  std::string_view gid) {
    return message(pgoutput::rollback_prepared{prepare_end_lsn, end_lsn, time_us, time_us, id, gid});
  }

  std::size_t frames() const { return starts_.size(); }
  const bytes& chunk() const { return out_; }
  /// Frames [first, last).
  std::span<const std::byte> slice(std::size_t first, std::size_t last) const {
    const auto from = first < starts_.size() ? starts_[first] : out_.size();
    const auto to = last < starts_.size() ? starts_[last] : out_.size();
    return std::span(out_).subspan(from, to - from);
  }
  /// All frames; the builder is empty then.
  bytes take() {
    starts_.clear();
    return std::exchange(out_, {});
  }

private:
  bytes out_;
  std::vector<std::size_t> starts_;
  lsn position_;
};

} // namespace weir::rehearsal
