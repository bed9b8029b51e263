#include "dsl/bind_view.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bind_group.hpp"
#include "dsl/bind_query.hpp"
#include "dsl/column_type.hpp"
#include "dsl/identifier.hpp"
#include "dsl/types.hpp"

namespace weir::dsl {
namespace {

bool is_literal(const syntax_expression& e) {
  return e.form == form::decimal || e.form == form::string || e.form == form::boolean || e.form == form::null ||
         e.form == form::typed_string;
}

/// Names that every table has already.
bool is_system_column(const std::string& column) {
  static const std::set<std::string> names{"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};
  return names.contains(column);
}

class view_binder {
public:
  view_binder(const view_declaration& view, const select_statement& query, std::vector<select_item> items,
              const relation& from, source_scope& source, diagnostics& found)
      : view_(view), query_(query), items_(std::move(items)), from_(from), source_(source), found_(found),
        scope_(from.scope), expressions_(scope_, from.called, found) {}

  std::optional<bound_view> run() {
    out_.name = view_.view.text;
    const std::size_t errors_before = found_.size();
    filter();
    const bool aggregates =
        std::any_of(items_.begin(), items_.end(), [](const select_item& item) { return holds_aggregate(item.value); });
    if (aggregates || query_.having || !query_.group_by.empty()) {
      for (const auto& key : query_.group_by) group_key(key);
    } else if (query_.distinct) {
      for (const auto& item : items_) add_key(item.value, item.value.where);
    } else {
      no_aggregate();
      return std::nullopt;
    }
    group_binder groups(from_, scope_, out_, keys_failed_, found_);
    for (const auto& item : items_) output(item, groups);
    if (query_.having) out_.having = groups.condition(*query_.having);
    check_keys_selected();
    check_names();
    mark_columns();
    const auto since = found_.begin() + static_cast<std::ptrdiff_t>(errors_before);
    if (has_errors(diagnostics(since, found_.end()))) return std::nullopt;
    return std::move(out_);
  }

private:
  void report(code c, span where, std::string message, std::string hint = {}) {
    found_.push_back({severity::error, c, where, std::move(message), std::move(hint)});
  }

  std::optional<expression> bind_value(const syntax_expression& e) {
    auto value = expressions_.bind_value(e);
    if (value) value = from_.over_source(*std::move(value));
    return value;
  }

  /// What the queries below keep of the rows, and what this one does: PostgreSQL looks at them in this order.
  void filter() {
    auto conditions = from_.filters;
    if (query_.where) {
      auto own = expressions_.bind_condition(*query_.where);
      if (own) conditions.push_back(from_.over_source(*std::move(own)));
    }
    if (conditions.size() < 2) {
      if (!conditions.empty()) out_.filter = std::move(conditions.front());
      return;
    }
    expression all; // as the binder makes of `a and b`
    all.op = operation::logical_and;
    all.type = {type_id::boolean, -1};
    all.nullable = std::any_of(conditions.begin(), conditions.end(), [](const expression& c) { return c.nullable; });
    all.args = std::move(conditions);
    out_.filter = std::move(all);
  }

  void mark_columns() {
    if (out_.filter) mark_used(*out_.filter, source_.bound);
    for (const auto& key : out_.keys) mark_used(key, source_.bound);
    for (const auto& a : out_.aggregates)
      if (a.argument) mark_used(*a.argument, source_.bound);
  }

  /// Binds the items all the same: what is wrong in them is worth knowing. Calls are likely aggregates misspelt.
  void no_aggregate() {
    for (const auto& item : items_) {
      const std::size_t before = found_.size();
      bind_value(item.value);
      if (found_.size() != before && item.value.form == form::call) return;
    }
    report(code::no_aggregate, view_.view.where,
           fmt::format("not supported yet: view \"{}\" neither groups nor aggregates", view_.view.text),
           "write select distinct …, or for example: select KEY, count(*) as rows from SOURCE group by KEY");
  }

  /// The select item that a group by expression names: by its place, or by its alias where no column is called so.
  const syntax_expression* named_item(const syntax_expression& key) {
    if (key.form == form::integer) {
      const auto place = key.text.size() > 6 ? 0 : std::stoul(key.text);
      if (place >= 1 && place <= items_.size()) return &items_[place - 1].value;
      report(code::bad_ordinal, key.where, fmt::format("the select list has no column {}", key.text),
             fmt::format("it has {}", items_.size()));
      keys_failed_ = true;
      return nullptr;
    }
    if (key.form != form::column || key.names.size() != 1) return &key;
    const auto columns = scope_.column_names();
    if (std::find(columns.begin(), columns.end(), key.names[0].text) != columns.end()) return &key;
    for (const auto& item : items_)
      if (item.alias && item.alias->text == key.names[0].text) return &item.value;
    return &key;
  }

  void group_key(const syntax_expression& written) {
    const auto* key = named_item(written);
    if (key == nullptr) return;
    if (is_literal(written)) {
      report(code::bad_ordinal, written.where, "a constant makes no groups", "name a column of the select list");
      return;
    }
    if (holds_aggregate(*key)) {
      report(code::aggregate_misplaced, written.where, "rows are grouped before they are aggregated",
             "group by a column or an expression over columns");
      return;
    }
    add_key(*key, written.where);
  }

  void add_key(const syntax_expression& key, span where) {
    auto bound = bind_value(key);
    if (!bound) {
      keys_failed_ = true;
      return;
    }
    if (!check_key(*bound, where)) return;
    if (std::find(out_.keys.begin(), out_.keys.end(), *bound) != out_.keys.end()) return;
    out_.keys.push_back(*std::move(bound));
    key_places_.push_back(where);
  }

  bool check_key(const expression& key, span where) {
    if (const auto reason = why_no_key(key.type); !reason.empty()) {
      report(code::unfit_key, where, fmt::format("grouping by {} is not supported", to_sql(without_modifier(key.type))),
             reason);
      keys_failed_ = true;
      return false;
    }
    if (key.type.id == type_id::citext) return true; // equal by small letters, whatever its collation
    const auto column = nondeterministic_column(key, source_);
    if (column.empty()) return true;
    report(code::unfit_key, where,
           fmt::format("not supported yet: grouping by \"{}\", whose collation is nondeterministic", column),
           "what is one group depends on the collation");
    keys_failed_ = true;
    return false;
  }

  void output(const select_item& item, group_binder& groups) {
    const auto& e = item.value;
    output_column column;
    column.name = output_name(item).text;
    if (aggregate_named(e) ? !aggregate(e, column, groups) : !key(e, column) && !computed(e, column, groups)) return;
    out_.outputs.push_back(std::move(column));
  }

  /// A group key, as far as it is not a column of the view yet.
  bool key(const syntax_expression& e, output_column& column) {
    if (holds_aggregate(e)) return false;
    diagnostics unsaid; // what is wrong is said where it is bound by its parts
    auto bound = expression_binder(scope_, from_.called, unsaid).bind_value(e);
    if (!bound) return false;
    const auto key = std::find(out_.keys.begin(), out_.keys.end(), from_.over_source(*std::move(bound)));
    if (key == out_.keys.end()) return false;
    column.is_key = true;
    column.index = static_cast<std::size_t>(key - out_.keys.begin());
    column.type = key->type;
    column.not_null = !key->nullable;
    return selected_.insert(column.index).second;
  }

  static bool counts(const bound_aggregate& a) {
    return a.function == aggregate_function::count || a.function == aggregate_function::count_rows;
  }

  bool aggregate(const syntax_expression& e, output_column& column, group_binder& groups) {
    const auto place = groups.aggregate(e);
    if (!place) return false;
    column.is_key = false;
    column.index = *place;
    column.type = out_.aggregates[*place].type;
    column.not_null = counts(out_.aggregates[*place]);
    return true;
  }

  bool computed(const syntax_expression& e, output_column& column, group_binder& groups) {
    auto value = groups.value(e);
    if (!value) return false;
    column.is_key = false;
    column.is_computed = true;
    column.index = out_.computed.size();
    column.type = value->type;
    column.not_null = !value->nullable;
    out_.computed.push_back(*std::move(value));
    return true;
  }

  void check_keys_selected() {
    for (std::size_t i = 0; i < out_.keys.size(); ++i)
      if (!selected_.contains(i))
        report(code::key_not_selected, key_places_[i], "not supported yet: a group key that is not in the select list",
               "add it to the select list: it tells the rows of the view apart");
  }

  void check_names() {
    std::set<std::string> names;
    for (const auto& item : items_) {
      const auto n = output_name(item);
      if (!names.insert(n.text).second)
        report(code::duplicate_output, n.where, fmt::format("two columns are called \"{}\"", n.text),
               "give one another name: … as NAME");
      else if (is_system_column(n.text))
        report(code::duplicate_output, n.where, fmt::format("every table has a system column \"{}\"", n.text),
               "give it another name: … as NAME");
    }
  }

  const view_declaration& view_;
  const select_statement& query_;
  std::vector<select_item> items_; ///< without stars
  const relation& from_;
  source_scope& source_; ///< of the source behind it
  diagnostics& found_;
  source_scope scope_; ///< of the columns that can be named
  expression_binder expressions_;
  bound_view out_;
  std::vector<span> key_places_;
  std::set<std::size_t> selected_;
  bool keys_failed_ = false;
};

} // namespace

std::optional<bound_view> bind_view(const view_declaration& view, const select_statement& query,
                                    std::vector<select_item> items, const relation& from, source_scope& source,
                                    diagnostics& found) {
  return view_binder(view, query, std::move(items), from, source, found).run();
}

} // namespace weir::dsl
