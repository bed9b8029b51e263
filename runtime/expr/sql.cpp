#include "runtime/expr/sql.hpp"

#include <fmt/format.h>

#include "runtime/expr/infix_symbol.hpp"

namespace weir {
namespace {

bool orders_strings(const expression& e) noexcept {
  return e.op >= operation::less && e.op <= operation::greater_equal && is_string(e.args.front().type.id);
}

/// A type without its modifier: a modifier would round or cut the value, and evaluation does not.
std::string plain_type(data_type type) { return to_sql(data_type{type.id, -1}); }

class sql_printer {
public:
  sql_printer(std::span<const std::string> columns, const sql_quoter& quote) : columns_(columns), quote_(quote) {}

  std::string print(const expression& e) const {
    switch (e.op) {
      case operation::column: return columns_[static_cast<std::size_t>(e.column_index)];
      case operation::literal:
        return fmt::format("{}::{}", e.literal_is_null ? "null" : quote_.literal(e.literal_text), plain_type(e.type));
      case operation::cast: return fmt::format("cast({} as {})", print(e.args[0]), plain_type(e.type));
      case operation::negate: return fmt::format("(- {})", print(e.args[0]));
      case operation::logical_not: return fmt::format("(not {})", print(e.args[0]));
      case operation::is_null: return fmt::format("({} is null)", print(e.args[0]));
      case operation::is_not_null: return fmt::format("({} is not null)", print(e.args[0]));
      case operation::in_list: return fmt::format("({} in ({}))", print(e.args[0]), join(e, 1, ", ", ""));
      default:
        // Evaluation orders strings by their bytes, whatever the database's collation is.
        return fmt::format(
            "({})", join(e, 0, fmt::format(" {} ", infix_symbol(e.op)), orders_strings(e) ? " collate \"C\"" : ""));
    }
  }

private:
  std::string join(const expression& e, std::size_t first, std::string_view between, std::string_view after) const {
    std::string out;
    for (std::size_t i = first; i < e.args.size(); ++i) {
      if (i > first) out += between;
      out += print(e.args[i]);
      out += after;
    }
    return out;
  }

  std::span<const std::string> columns_;
  const sql_quoter& quote_;
};

} // namespace

std::string to_sql(const expression& e, std::span<const std::string> columns, const sql_quoter& quote) {
  return sql_printer(columns, quote).print(e);
}

} // namespace weir
