#include "runtime/cluster/table_kind.hpp"

namespace weir {

const char* to_string(table_kind kind) noexcept {
  switch (kind) {
    case table_kind::plain: return "plain";
    case table_kind::distributed: return "distributed";
    case table_kind::single_shard: return "single shard";
    case table_kind::reference: return "reference";
    case table_kind::citus_local: return "local, in Citus' metadata";
    case table_kind::coordinator: return "local to the coordinator";
  }
  return "?";
}

} // namespace weir
