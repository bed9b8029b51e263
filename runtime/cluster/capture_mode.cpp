#include "runtime/cluster/capture_mode.hpp"

namespace weir {

const char* to_string(capture_mode mode) noexcept {
  switch (mode) {
    case capture_mode::tables: return "tables";
    case capture_mode::raw: return "raw";
    case capture_mode::logical: return "logical";
  }
  return "?";
}

} // namespace weir
