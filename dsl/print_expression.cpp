#include <algorithm>
#include <iterator>

#include "dsl/identifier.hpp"
#include "dsl/print.hpp"
#include "dsl/print_words.hpp"

namespace weir::dsl {
namespace {

/// How tight a form binds, as the grammar has it; operands of one level print without parentheses on the left.
enum level : int {
  loosest,
  or_level = loosest,
  and_level,
  not_level,
  is_level,
  comparison_level,
  range_level,
  joining_level,
  sum_level,
  product_level,
  collate_level,
  sign_level,
  cast_level,
  primary_level
};

level level_of_operator(std::string_view text) {
  if (text == "or") return or_level;
  if (text == "and") return and_level;
  if (text == "+" || text == "-") return sum_level;
  if (text == "*" || text == "/" || text == "%") return product_level;
  constexpr std::string_view comparisons[] = {"=", "<>", "<", "<=", ">", ">="};
  return std::find(std::begin(comparisons), std::end(comparisons), text) == std::end(comparisons) ? joining_level
                                                                                                  : comparison_level;
}

level level_of(const syntax_expression& e) {
  switch (e.form) {
    case form::binary: return level_of_operator(e.text);
    case form::logical_not: return not_level;
    case form::is_null:
    case form::is_truth:
    case form::is_distinct: return is_level;
    case form::in_list:
    case form::in_query:
    case form::between:
    case form::like: return range_level;
    case form::collate: return collate_level;
    case form::negate:
    case form::plus: return sign_level;
    case form::cast: return cast_level;
    case form::quantified: return comparison_level;
    default: return primary_level;
  }
}

/// "timestamp (3) with time zone": the modifiers stand before the zone.
std::string type_text(const syntax_expression& e) {
  if (e.type_modifiers.empty()) return e.type;
  std::string modifiers;
  for (const auto& m : e.type_modifiers) modifiers += (modifiers.empty() ? "" : ", ") + m;
  auto zone = e.type.find(" with time zone");
  if (zone == std::string::npos) zone = e.type.find(" without time zone");
  if (zone == std::string::npos) zone = e.type.find("[]");
  const auto word = e.type.substr(0, zone);
  return word + '(' + modifiers + ')' + (zone == std::string::npos ? "" : e.type.substr(zone));
}

class expression_printer {
public:
  std::string out;

  void print(const syntax_expression& e, level least) {
    const bool enclosed = level_of(e) < least;
    if (enclosed) out += '(';
    print(e);
    if (enclosed) out += ')';
  }

private:
  void print(const syntax_expression& e) {
    switch (e.form) {
      case form::column: out += print_words::path(e.names); break;
      case form::integer:
      case form::decimal:
      case form::boolean: out += e.text; break;
      case form::string: out += print_words::string(e.text); break;
      case form::null: out += "null"; break;
      case form::typed_string: out += type_text(e) + ' ' + print_words::string(e.text); break;
      case form::cast:
        print(e.args[0], cast_level);
        out += "::" + type_text(e);
        break;
      case form::call: call(e); break;
      case form::negate:
      case form::plus:
        out += e.form == form::negate ? "- " : "+ "; // a second minus would begin a comment
        print(e.args[0], sign_level);
        break;
      case form::binary: binary(e); break;
      case form::logical_not:
        out += "not ";
        print(e.args[0], not_level);
        break;
      case form::is_null: is(e, "null"); break;
      case form::is_truth: is(e, e.text); break;
      case form::is_distinct:
        is(e, "distinct from ");
        print(e.args[1], comparison_level);
        break;
      case form::in_list:
        range(e, "in (");
        list(e.args, 1);
        out += ')';
        break;
      case form::in_query: range(e, "in (" + weir::dsl::print(*e.subquery) + ')'); break;
      case form::exists: out += "exists (" + weir::dsl::print(*e.subquery) + ')'; break;
      case form::scalar_query: out += '(' + weir::dsl::print(*e.subquery) + ')'; break;
      case form::row:
        out += e.args.size() == 1 ? "row(" : "(";
        list(e.args, 0);
        out += ')';
        break;
      case form::between:
        range(e, "between ");
        print(e.args[1], joining_level);
        out += " and ";
        print(e.args[2], joining_level);
        break;
      case form::like:
        range(e, e.text + ' ');
        print(e.args[1], joining_level);
        if (e.args.size() < 3) break;
        out += " escape ";
        print(e.args[2], joining_level);
        break;
      case form::array:
        out += "array[";
        list(e.args, 0);
        out += ']';
        break;
      case form::subscript: subscript(e); break;
      case form::quantified:
        print(e.args[0], range_level);
        out += ' ' + e.text + " (";
        print(e.args[1], loosest);
        out += ')';
        break;
      case form::collate:
        print(e.args[0], collate_level);
        out += " collate " + display_name(e.names.front().text);
        break;
      case form::searched_case: choice(e, 0); break;
      case form::simple_case: choice(e, 1); break;
    }
  }

  void binary(const syntax_expression& e) {
    const auto own = level_of(e);
    // comparisons do not chain; other operators do, from the left
    print(e.args[0], own == comparison_level ? range_level : own);
    out += ' ' + e.text + ' ';
    print(e.args[1], static_cast<level>(own + 1));
  }

  void subscript(const syntax_expression& e) {
    const auto base = e.args[0].form;
    const bool bare = base == form::column || base == form::subscript;
    if (!bare) out += '(';
    print(e.args[0]);
    if (!bare) out += ')';
    out += '[';
    print(e.args[1], loosest);
    out += ']';
  }

  void is(const syntax_expression& e, const std::string& what) {
    print(e.args[0], is_level);
    out += (e.negated ? " is not " : " is ") + what;
  }

  void range(const syntax_expression& e, const std::string& words) {
    print(e.args[0], joining_level);
    out += (e.negated ? " not " : " ") + words;
  }

  void list(const std::vector<syntax_expression>& all, std::size_t first) {
    for (std::size_t i = first; i < all.size(); ++i) {
      if (i > first) out += ", ";
      print(all[i], loosest);
    }
  }

  void call(const syntax_expression& e) {
    // words that are read otherwise before a parenthesis
    constexpr std::string_view special[] = {"substring", "trim", "extract", "position", "exists", "row"};
    const auto& first = e.names.front().text;
    const bool quoted = std::find(std::begin(special), std::end(special), first) != std::end(special);
    out += (quoted ? '"' + first + '"' : display_name(first));
    for (std::size_t i = 1; i < e.names.size(); ++i) out += '.' + display_name(e.names[i].text);
    out += '(';
    if (e.distinct) out += "distinct ";
    if (e.star) out += '*';
    list(e.args, 0);
    out += ')';
    if (e.filter.empty()) return;
    out += " filter (where ";
    print(e.filter.front(), loosest);
    out += ')';
  }

  void choice(const syntax_expression& e, std::size_t at) {
    out += "case";
    if (at > 0) {
      out += ' ';
      print(e.args[0], loosest);
    }
    for (; at + 1 < e.args.size(); at += 2) {
      out += " when ";
      print(e.args[at], loosest);
      out += " then ";
      print(e.args[at + 1], loosest);
    }
    if (at < e.args.size()) {
      out += " else ";
      print(e.args[at], loosest);
    }
    out += " end";
  }
};

} // namespace

std::string print(const syntax_expression& e) {
  expression_printer printer;
  printer.print(e, loosest);
  return std::move(printer.out);
}

namespace print_words {

std::string string(const std::string& content) {
  std::string out = "'";
  for (const char c : content) out += c == '\'' ? "''" : std::string(1, c);
  return out + '\'';
}

std::string quoted(const std::string& content) {
  std::string out = "\"";
  for (const char c : content) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

std::string path(const std::vector<name>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : ".") + display_name(n.text);
  return out;
}

std::string names(const std::vector<name>& all) {
  std::string out;
  for (const auto& n : all) out += (out.empty() ? "" : ", ") + display_name(n.text);
  return out;
}

std::string expressions(const std::vector<syntax_expression>& all) {
  std::string out;
  for (const auto& e : all) out += (out.empty() ? "" : ", ") + print(e);
  return out;
}

} // namespace print_words

} // namespace weir::dsl
