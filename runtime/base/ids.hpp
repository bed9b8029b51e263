#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace weir {

/// An integer that is not to be mixed up with other integers. `Tag` only tells one from another.
template <class Tag, class Rep>
struct strong_id {
  using rep = Rep;
  Rep value{};

  constexpr strong_id() = default;
  constexpr explicit strong_id(Rep v) : value(v) {}
  friend constexpr auto operator<=>(const strong_id&, const strong_id&) = default;
};

/// A byte position in ONE node's write-ahead log. Positions of different nodes never compare.
using lsn = strong_id<struct lsn_tag, std::uint64_t>;
/// A transaction id of ONE node; wraps around, so never ordered.
using xid = strong_id<struct xid_tag, std::uint32_t>;
/// A relation's oid on ONE node and in ONE connection's Relation messages.
using table_oid = strong_id<struct table_oid_tag, std::uint32_t>;
/// A node's place in its cluster's list, from 0; what the durable identity is says cluster/node.hpp.
using node_index = strong_id<struct node_index_tag, std::uint16_t>;
/// The number of a cut, counted up from 1 over the life of a pipeline.
using epoch = strong_id<struct epoch_tag, std::uint64_t>;

/// "16/B374D848", as PostgreSQL prints pg_lsn.
std::string to_string(lsn position);
/// The inverse of to_string.  Errors: `errc::invalid_value`.
result<lsn> parse_lsn(std::string_view text);

} // namespace weir

template <class Tag, class Rep>
struct std::hash<weir::strong_id<Tag, Rep>> {
  std::size_t operator()(const weir::strong_id<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value); }
};
