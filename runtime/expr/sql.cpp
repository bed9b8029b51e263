#include "runtime/expr/sql.hpp"

#include <fmt/format.h>

#include "runtime/expr/infix_symbol.hpp"

namespace weir {
namespace {

bool orders(operation op) noexcept {
  return (op >= operation::less && op <= operation::greater_equal) || op == operation::greatest ||
         op == operation::least;
}

/// What makes PostgreSQL order and fold strings by their bytes, as evaluation does, whatever the database's collation
/// is.
const char* bytewise(const expression& e) noexcept {
  if (e.op == operation::call) return is_bytewise(e.function) ? " collate \"C\"" : "";
  return orders(e.op) && is_string(e.args.front().type.id) ? " collate \"C\"" : "";
}

/// A type without its modifier: a modifier would round or cut the value, and only a cast does that.
std::string plain_type(const data_type& type) { return to_sql(without_modifier(type)); }

class sql_printer {
public:
  sql_printer(std::span<const std::string> columns, const sql_quoter& quote) : columns_(columns), quote_(quote) {}

  std::string print(const expression& e) const {
    switch (e.op) {
      case operation::column: return columns_[static_cast<std::size_t>(e.column_index)];
      case operation::literal:
        return fmt::format("{}::{}", e.literal_is_null ? "null" : quote_.literal(e.literal_text), plain_type(e.type));
      case operation::cast: return fmt::format("cast({} as {})", print(e.args[0]), to_sql(e.type));
      case operation::negate: return fmt::format("(- {})", print(e.args[0]));
      case operation::logical_not: return fmt::format("(not {})", print(e.args[0]));
      case operation::is_null: return fmt::format("({} is null)", print(e.args[0]));
      case operation::is_not_null: return fmt::format("({} is not null)", print(e.args[0]));
      case operation::in_list: return fmt::format("({} in ({}))", print(e.args[0]), join(e, 1, ", ", ""));
      case operation::case_when: return print_case(e);
      case operation::coalesce: return fmt::format("coalesce({})", join(e, 0, ", ", ""));
      case operation::null_if: return print_null_if(e);
      case operation::greatest: return fmt::format("greatest({})", join(e, 0, ", ", bytewise(e)));
      case operation::least: return fmt::format("least({})", join(e, 0, ", ", bytewise(e)));
      case operation::is_distinct: return fmt::format("({} is distinct from {})", print(e.args[0]), print(e.args[1]));
      case operation::call:
        if (e.function == function::moment_of || e.function == function::label_place) return print(e.args[0]);
        if (makes_case(e.function))
          return fmt::format("{}(cast({} as text) collate pg_catalog.\"default\")", sql_name(e.function),
                             print(e.args[0]));
        if (e.function == function::array_element) return fmt::format("({})[{}]", print(e.args[0]), print(e.args[1]));
        if (e.function == function::any_equal)
          return fmt::format("({} = any ({}))", print(e.args[0]), print(e.args[1]));
        if (!is_infix(e.function)) return fmt::format("{}({})", sql_name(e.function), join(e, 0, ", ", bytewise(e)));
        return fmt::format("({})", join(e, 0, fmt::format(" {} ", sql_name(e.function)), bytewise(e)));
      case operation::is_true: return fmt::format("({} is true)", print(e.args[0]));
      case operation::is_false: return fmt::format("({} is false)", print(e.args[0]));
      default: return fmt::format("({})", join(e, 0, fmt::format(" {} ", infix_symbol(e.op)), bytewise(e)));
    }
  }

private:
  std::string print_case(const expression& e) const {
    std::string out = "(case";
    for (std::size_t i = 0; i + 1 < e.args.size(); i += 2)
      out += fmt::format(" when {} then {}", print(e.args[i]), print(e.args[i + 1]));
    return out + fmt::format(" else {} end)", print(e.args.back()));
  }

  /// Its first argument may have been widened for the comparison: then the value is narrowed again.
  std::string print_null_if(const expression& e) const {
    const auto value = fmt::format("nullif({}, {})", print(e.args[0]), print(e.args[1]));
    if (e.type.id == e.args[0].type.id) return value;
    return fmt::format("cast({} as {})", value, plain_type(e.type));
  }

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
