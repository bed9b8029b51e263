#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "runtime/base/sql_quoter.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::verify {

/// Values of a view's first key, in text form; both ends are in it, and an end that is missing is open.
struct key_range {
  std::optional<std::string> from;
  std::optional<std::string> to;
};

/// Which groups of a view are looked at. A view without keys is one row, which always is.
struct group_choice {
  double percent = 100;   ///< of the groups, by a hash of their keys
  std::uint32_t seed = 0; ///< other groups for another seed
  std::optional<key_range> keys;
};

/// The choice as a condition in SQL; "" if every group is chosen.
///
/// Law      equal keys are chosen on every server or on none, if all give sample_check_sql the same answer.
/// Input    `keys[i]` is the SQL text of the view's key i.
std::string condition_sql(const group_choice& choice, const view_plan& view, std::span<const std::string> keys,
                          const sql_quoter& quote);

/// A question to which servers that hash alike have the same answer: the hash depends on the encoding of a database and
/// the byte order of a machine. "" if nothing is hashed.
std::string sample_check_sql(const group_choice& choice);

/// A question that a server can answer only if the ends of the range are values of the view's first key; "" if there
/// is nothing to ask.
std::string range_check_sql(const group_choice& choice, const view_plan& view, const sql_quoter& quote);

} // namespace weir::verify
