#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/pgoutput/message.hpp"
#include "tests/support/property.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir {
namespace {

namespace gen = rc::gen;

/// Texts that the views of generated messages look into; they stay where they are.
using text_pool = std::vector<std::string>;

std::uint64_t any_number() { return *gen::arbitrary<std::uint64_t>(); }
lsn any_lsn() { return lsn{any_number()}; }
std::int64_t any_time() { return *gen::arbitrary<std::int64_t>(); }
xid any_xid() { return xid{*gen::arbitrary<std::uint32_t>()}; }
table_oid any_oid() { return table_oid{*gen::arbitrary<std::uint32_t>()}; }

std::string_view any_text(text_pool& pool) {
  pool.push_back(*gen::arbitrary<std::string>());
  return pool.back();
}

/// What ends with a zero byte on the wire holds none.
std::string_view any_name(text_pool& pool) {
  pool.push_back(*gen::container<std::string>(gen::inRange('\x01', '\x7f')));
  return pool.back();
}

pgoutput::tuple any_tuple(text_pool& pool) {
  pgoutput::tuple values(*gen::inRange<std::size_t>(0, 8));
  for (auto& v : values) {
    using pgoutput::value_kind;
    v.kind = *gen::element(value_kind::null, value_kind::unchanged, value_kind::text, value_kind::binary);
    if (v.kind == value_kind::null || v.kind == value_kind::unchanged) continue;
    const auto text = any_text(pool);
    v.data = text.data();
    v.size = static_cast<std::uint32_t>(text.size());
  }
  return values;
}

pgoutput::row_change any_row(text_pool& pool) {
  using pgoutput::old_row;
  using pgoutput::row_kind;
  pgoutput::row_change row;
  row.kind = *gen::element(row_kind::insert, row_kind::update, row_kind::removal);
  row.relation = any_oid();
  if (row.kind == row_kind::update) row.old = *gen::element(old_row::none, old_row::key, old_row::full);
  if (row.kind == row_kind::removal) row.old = *gen::element(old_row::key, old_row::full);
  if (row.old != old_row::none) row.old_values = any_tuple(pool);
  if (row.kind != row_kind::removal) row.new_values = any_tuple(pool);
  return row;
}

pgoutput::relation any_relation(text_pool& pool) {
  pgoutput::relation r{any_oid(), any_name(pool), any_name(pool), *gen::element('d', 'n', 'f', 'i'), {}};
  if (r.schema.empty()) r.schema = "pg_catalog";
  r.columns.resize(*gen::inRange<std::size_t>(0, 8));
  for (auto& c : r.columns) {
    c = {*gen::arbitrary<bool>(), any_name(pool), *gen::arbitrary<std::uint32_t>(), *gen::arbitrary<std::int32_t>()};
  }
  return r;
}

pgoutput::message any_message(text_pool& pool) {
  namespace pg = pgoutput;
  switch (*gen::inRange(0, 12)) {
    case 0: return pg::begin{any_lsn(), any_time(), any_xid()};
    case 1: return pg::commit{any_lsn(), any_lsn(), any_time()};
    case 2: return pg::origin{any_lsn(), any_name(pool)};
    case 3: return any_relation(pool);
    case 4: return pg::type_name{*gen::arbitrary<std::uint32_t>(), "s", any_name(pool)};
    case 5: {
      pg::truncate t{*gen::arbitrary<bool>(), *gen::arbitrary<bool>(), {}};
      for (auto left = *gen::inRange(0, 5); left > 0; --left) t.relations.push_back(any_oid());
      return t;
    }
    case 6: return pg::logical_message{*gen::arbitrary<bool>(), any_lsn(), any_name(pool), any_text(pool)};
    case 7: return pg::begin_prepare{any_lsn(), any_lsn(), any_time(), any_xid(), any_name(pool)};
    case 8: return pg::prepare{any_lsn(), any_lsn(), any_time(), any_xid(), any_name(pool)};
    case 9: return pg::commit_prepared{any_lsn(), any_lsn(), any_time(), any_xid(), any_name(pool)};
    case 10: return pg::rollback_prepared{any_lsn(), any_lsn(), any_time(), any_time(), any_xid(), any_name(pool)};
    default: return any_row(pool);
  }
}

} // namespace

TEST_CASE("pgoutput: a message that is written decodes to itself") {
  test::require_property("decode(encode(m)) == m", [] {
    text_pool pool;
    pool.reserve(64);
    const auto m = any_message(pool);
    const auto payload = test::encode(m);
    const auto decoded = pgoutput::decode(payload);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == m);
  });
}

TEST_CASE("pgoutput: a message of another length is an error") {
  test::require_property("a prefix is truncated, a longer one has trailing bytes", [] {
    text_pool pool;
    pool.reserve(64);
    auto payload = test::encode(any_message(pool));
    payload.push_back(std::byte{*gen::arbitrary<std::uint8_t>()});
    const auto longer = pgoutput::decode(payload);
    RC_ASSERT_FALSE(longer.has_value());
    RC_ASSERT(longer.error().code == errc::trailing_bytes);
    payload.resize(*gen::inRange<std::size_t>(0, payload.size() - 1));
    const auto shorter = pgoutput::decode(payload);
    RC_ASSERT_FALSE(shorter.has_value());
    RC_ASSERT(shorter.error().code == errc::truncated);
  });
}

} // namespace weir
