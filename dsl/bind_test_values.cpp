#include "dsl/bind_test_values.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/column_type.hpp"
#include "dsl/literal.hpp"
#include "runtime/base/suggest.hpp"
#include "runtime/expr/array_text.hpp"
#include "runtime/expr/json_literal.hpp"

namespace weir::dsl {
namespace {

using rehearsal::change_kind;

const syntax_expression* first_column(const syntax_expression& e) {
  if (e.form == form::column) return &e;
  for (const auto& arg : e.args)
    if (const auto* found = first_column(arg)) return found;
  return nullptr;
}

std::optional<data_type> type_of(const catalog_column& c) {
  const auto type = type_from_oid(c.type_oid);
  if (!type) return std::nullopt;
  return data_type{*type, c.typmod};
}

class change_binder {
public:
  change_binder(const table_statement& s, const catalog_table& table, source_scope& scope, diagnostics& found)
      : s_(s), table_(table), scope_(scope), found_(found) {}

  std::optional<rehearsal::table_change> run() {
    rehearsal::table_change out;
    out.kind = s_.kind;
    const bool good = s_.kind == change_kind::insert ? rows(out) : changes(out);
    return good ? std::optional(std::move(out)) : std::nullopt;
  }

private:
  bool report(code c, span where, std::string message, std::string hint = {}) {
    found_.push_back({severity::error, c, where, std::move(message), std::move(hint)});
    return false;
  }

  /// Where a named column stands in the table, and that it can be written.
  std::optional<std::size_t> place_of(const name& column) {
    std::vector<std::string> names;
    for (const auto& c : table_.columns) names.push_back(c.name);
    const auto found = std::find(names.begin(), names.end(), column.text);
    if (found == names.end()) {
      report(code::unknown_column, column.where, fmt::format("table {} has no column \"{}\"", table_.name, column.text),
             did_you_mean(column.text, names));
      return std::nullopt;
    }
    const auto place = static_cast<std::size_t>(found - names.begin());
    if (!table_.columns[place].generated) return place;
    report(code::unfit_value, column.where,
           fmt::format("column \"{}\" is generated: PostgreSQL computes it", column.text));
    return std::nullopt;
  }

  /// What values without names are for: all columns but the generated ones, which no stream shows.
  std::optional<std::vector<std::size_t>> targets() {
    std::vector<std::size_t> out;
    bool good = true;
    for (const auto& column : s_.columns) {
      const auto place = place_of(column);
      good = good && place;
      if (place) out.push_back(*place);
    }
    if (s_.columns.empty())
      for (std::size_t i = 0; i < table_.columns.size(); ++i)
        if (!table_.columns[i].generated) out.push_back(i);
    return good ? std::optional(out) : std::nullopt;
  }

  bool rows(rehearsal::table_change& out) {
    const auto to = targets();
    if (!to) return false;
    bool good = true;
    for (const auto& row : s_.rows) {
      if (row.values.size() > to->size() || (row.values.size() < to->size() && !s_.columns.empty())) {
        good = report(code::wrong_number_of_values, row.where,
                      fmt::format("{} values for {} columns of \"{}\"", row.values.size(), to->size(), table_.name));
        continue;
      }
      auto& values = out.rows.emplace_back();
      for (const auto& c : table_.columns) values.push_back(null_literal(type_of(c).value_or(data_type{}).id));
      for (std::size_t i = 0; i < row.values.size(); ++i) {
        auto value = constant_for(row.values[i], table_.columns[(*to)[i]]);
        good = good && value;
        if (value) values[(*to)[i]] = *std::move(value);
      }
    }
    return good;
  }

  /// A column of a type that weir does not compute with takes the text of a literal, unread; documents and arrays are
  /// put as PostgreSQL writes them.
  std::optional<expression> constant_for(const syntax_expression& e, const catalog_column& c) {
    if (const auto type = type_of(c)) return bind_constant(e, *type, found_);
    return opaque(e, c);
  }

  std::optional<expression> opaque(const syntax_expression& e, const catalog_column& c) {
    if (e.form == form::null) return null_literal(type_id::text);
    if (e.form == form::string || e.form == form::integer || e.form == form::decimal || e.form == form::typed_string)
      return as_written(e, type_of_column(c));
    report(code::unfit_value, e.where,
           fmt::format("column \"{}\" is of type {}, which weir does not compute with", c.name, c.type_name),
           "its value is written as a string");
    return std::nullopt;
  }

  std::optional<expression> as_written(const syntax_expression& e, const data_type& type) {
    auto text = make_literal(type_id::text, e.text, e.where, found_);
    if (!text) return std::nullopt;
    if (is_jsonb(type)) {
      auto document = canonical_jsonb(e.text);
      if (!document) {
        report(code::unfit_value, e.where, document.error().message, "write a document: '{\"a\": 1}'");
        return std::nullopt;
      }
      text->literal_text = *std::move(document);
    } else if (const auto elements = is_array(type) ? read_array(e.text) : error{errc::unsupported, ""}; elements) {
      text->literal_text = write_array(*elements);
    }
    return text;
  }

  bool changes(rehearsal::table_change& out) {
    expression_binder binder(scope_, scope_.bound.name, found_);
    bool good = true;
    for (std::size_t i = 0; i < s_.columns.size(); ++i) {
      const auto place = place_of(s_.columns[i]);
      if (!place) {
        good = false;
        continue;
      }
      const auto& c = table_.columns[*place];
      const auto type = type_of(c);
      auto value = type ? binder.bind_assigned(s_.values[i], *type) : opaque(s_.values[i], c);
      good = good && value;
      if (value) out.set.emplace_back(*place, *std::move(value));
    }
    if (s_.condition) {
      out.where = binder.bind_condition(*s_.condition);
      good = good && out.where;
    }
    return good;
  }

  const table_statement& s_;
  const catalog_table& table_;
  source_scope& scope_;
  diagnostics& found_;
};

} // namespace

std::optional<expression> bind_constant(const syntax_expression& e, data_type type, diagnostics& found) {
  if (const auto* column = first_column(e)) {
    found.push_back({severity::error, code::unfit_value, column->where, "a value here is a constant, not a column",
                     "strings stand between single quotes"});
    return std::nullopt;
  }
  source_scope none;
  return expression_binder(none, "", found).bind_assigned(e, type);
}

std::optional<rehearsal::table_change> bind_change(const table_statement& s, const catalog_table& table,
                                                   source_scope& scope, diagnostics& found) {
  return change_binder(s, table, scope, found).run();
}

} // namespace weir::dsl
