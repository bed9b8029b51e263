#include <fmt/format.h>

#include "runtime/expr/infix_symbol.hpp"
#include "runtime/plan/explain.hpp"

namespace weir {
namespace {

/// How tightly an operator binds, as in PostgreSQL; 0 is the loosest.
int binding(const expression& e) noexcept {
  switch (e.op) {
    case operation::logical_or: return 1;
    case operation::logical_and: return 2;
    case operation::logical_not: return 3;
    case operation::is_null:
    case operation::is_not_null:
    case operation::is_true:
    case operation::is_false:
    case operation::is_distinct: return 4;
    case operation::equal:
    case operation::not_equal:
    case operation::less:
    case operation::less_equal:
    case operation::greater:
    case operation::greater_equal: return 5;
    case operation::in_list: return 6;
    case operation::add:
    case operation::subtract: return 8;
    case operation::multiply:
    case operation::divide:
    case operation::modulo: return 9;
    case operation::negate: return 10;
    case operation::cast: return 11;
    case operation::call:
      if (e.function == function::like || e.function == function::ilike) return 6;
      if (e.function == function::concatenate) return 7;
      if (e.function == function::times || e.function == function::over) return 9;
      return is_infix(e.function) ? 8 : 12;
    default: return 12;
  }
}

class describer {
public:
  explicit describer(const std::vector<source_column>& columns) : columns_(columns) {}

  /// With parentheses if it binds less tightly than what is around it.
  std::string operator()(const expression& e, int around) const {
    if (is_widening(e)) return (*this)(e.args.front(), around);
    const int own = binding(e);
    auto text = bare(e, own);
    return own < around ? "(" + text + ")" : text;
  }

private:
  std::string bare(const expression& e, int own) const {
    switch (e.op) {
      case operation::column: return columns_[static_cast<std::size_t>(e.column_index)].name;
      case operation::literal: return literal(e);
      case operation::logical_not: return "not " + (*this)(e.args[0], own);
      case operation::negate: return "-" + (*this)(e.args[0], own + 1);
      case operation::is_null: return (*this)(e.args[0], own) + " is null";
      case operation::is_not_null: return (*this)(e.args[0], own) + " is not null";
      case operation::in_list: return (*this)(e.args[0], own + 1) + " in (" + list(e, 1) + ")";
      case operation::cast: return (*this)(e.args[0], own) + "::" + to_sql(e.type);
      case operation::case_when: return case_when(e);
      case operation::coalesce: return "coalesce(" + list(e, 0) + ")";
      case operation::null_if: return "nullif(" + list(e, 0) + ")";
      case operation::greatest: return "greatest(" + list(e, 0) + ")";
      case operation::least: return "least(" + list(e, 0) + ")";
      case operation::is_distinct:
        return (*this)(e.args[0], own + 1) + " is distinct from " + (*this)(e.args[1], own + 1);
      case operation::is_true: return (*this)(e.args[0], own) + " is true";
      case operation::is_false: return (*this)(e.args[0], own) + " is false";
      case operation::call:
        if (e.function == function::extract)
          return fmt::format("extract({} from {})", e.args[0].literal_text, (*this)(e.args[1], 0));
        if (is_infix(e.function)) return infix(e, own, sql_name(e.function));
        return fmt::format("{}({}{})", sql_name(e.function), list(e, 0),
                           is_bytewise(e.function) ? " collate \"C\"" : "");
      default: return infix(e, own, infix_symbol(e.op));
    }
  }

  std::string infix(const expression& e, int own, const char* sign) const {
    std::string text = (*this)(e.args[0], own);
    if (e.function == function::ilike) text += " collate \"C\"";
    for (std::size_t i = 1; i < e.args.size(); ++i) text += fmt::format(" {} {}", sign, (*this)(e.args[i], own + 1));
    return text;
  }

  std::string case_when(const expression& e) const {
    std::string text = "case";
    for (std::size_t i = 0; i + 1 < e.args.size(); i += 2)
      text += fmt::format(" when {} then {}", (*this)(e.args[i], 0), (*this)(e.args[i + 1], 0));
    return text + fmt::format(" else {} end", (*this)(e.args.back(), 0));
  }

  std::string list(const expression& e, std::size_t from) const {
    std::string text;
    for (std::size_t i = from; i < e.args.size(); ++i) text += (i > from ? ", " : "") + (*this)(e.args[i], 0);
    return text;
  }

  static std::string literal(const expression& e) {
    if (e.literal_is_null) return "null";
    if (e.type.id == type_id::boolean) return e.literal_text == "t" ? "true" : "false";
    if (is_number(e.type.id) && e.literal_text.find_first_of("NnIi") == std::string::npos) return e.literal_text;
    std::string text = "'";
    for (const char c : e.literal_text) {
      text += c;
      if (c == '\'') text += c;
    }
    return text + "'";
  }

  const std::vector<source_column>& columns_;
};

} // namespace

std::string describe(const expression& e, const std::vector<source_column>& columns) {
  return describer(columns)(e, 0);
}

} // namespace weir
