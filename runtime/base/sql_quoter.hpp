#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Quotes for SQL. The one implementation that reaches a server uses libpq's own functions (postgres/quoter.hpp).
class sql_quoter {
public:
  virtual ~sql_quoter() = default;
  virtual std::string identifier(std::string_view name) const = 0;
  virtual std::string literal(std::string_view text) const = 0;
};

} // namespace weir
