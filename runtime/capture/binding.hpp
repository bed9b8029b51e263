#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/capture/wire_types.hpp"
#include "runtime/pgoutput/message.hpp"
#include "runtime/pgoutput/row_change.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::capture {

/// How the rows of one relation, as the wire sends them, become rows of one source.
struct binding {
  std::size_t source = 0;             ///< into pipeline_plan::sources
  std::size_t wire_columns = 0;       ///< values in each of the relation's tuples
  std::vector<std::uint16_t> wire_of; ///< for each column of the source: its place in a tuple
  std::vector<bool> in_identity;      ///< for each column of the source: does an old tuple of the key hold it?
  bool key_suffices = false;          ///< an old row that comes as a key holds all columns of the source
  bool always_old = false;            ///< REPLICA IDENTITY FULL: every UPDATE brings the old row
  /// Of a partitioned table, which is told by its root: the columns that an old tuple lacks if it is only a key.
  std::vector<std::uint16_t> beside_key;
};

/// What an old tuple is that came as one of the key.
enum class old_tuple : std::uint8_t { key, whole, unclear };

/// A partition's rows come under the name of its root, and are called keys or whole rows by the root's replica
/// identity, while what is in them is by the partition's own. Citus carries FULL to partitions, and loses it at roots.
old_tuple what_is(const binding& bound, const source_plan& plan, const pgoutput::tuple& old);

/// `errc::source_reshaped`: nobody can tell whether an old row is all there.
error old_row_unclear(const source_plan& plan);

/// Errors   `errc::schema_changed` a column of the source is not there, or its values do not have its type any more
result<binding> bind(std::size_t source, const source_plan& plan, const pgoutput::relation& wire,
                     const wire_types& types);

/// "\"public\".\"orders\"": for messages and their cures.
std::string quoted_table(const source_plan& plan);

/// `errc::replica_identity`: a change of the source came without the old values of columns that are needed.
error old_row_lacks_columns(const source_plan& plan, const binding& bound, const char* what);

} // namespace weir::capture
