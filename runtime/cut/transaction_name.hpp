#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace weir::cut {

/// Which distributed transaction a prepared transaction is a part of.
struct distributed_name {
  std::string name;                       ///< equal for all its parts
  std::optional<std::uint32_t> initiator; ///< Citus' group of the node that began it
};

/// Reads names of prepared transactions.
///
/// Citus calls a part citus_<group>_<pid>_<number>_<connection>; the first three fields name the distributed
/// transaction. Source: Citus, transaction/remote_transaction.c.
class name_rule {
public:
  /// Citus' names, and none else.
  name_rule() = default;
  /// Also names that `pattern` (ECMAScript) matches somewhere: its first group, or the whole match, is the
  /// distributed transaction's name.
  ///
  /// Errors   `errc::invalid_value` it is no regular expression
  static result<name_rule> make(const std::string& pattern);

  /// Empty if the prepared transaction stands alone.
  std::optional<distributed_name> match(std::string_view gid) const;

private:
  std::shared_ptr<const std::regex> pattern_;
};

} // namespace weir::cut
