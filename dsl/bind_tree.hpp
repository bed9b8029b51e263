#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dsl/bound.hpp"
#include "dsl/diagnostic.hpp"
#include "dsl/source_scope.hpp"
#include "dsl/syntax.hpp"
#include "runtime/plan/logical_plan.hpp"

namespace weir::dsl {

/// Binds queries of every form to a tree of operators: joins, set operations, the first rows of an order, queries over
/// groups. What the runtime has no operator for is warned of at its place; a runtime refuses to run it.
class tree_binder {
public:
  /// The scope of a declared source, whose columns are marked as they are used; null where there is none.
  using find_scope = std::function<source_scope*(const std::string& source)>;

  tree_binder(const syntax& program, find_scope scope, diagnostics& found)
      : program_(program), scope_(std::move(scope)), found_(found) {}

  /// Empty after an error.
  std::optional<logical_view> bind(const view_declaration& view);

private:
  using operator_pointer = std::shared_ptr<const logical_operator>;
  /// A column of a source, to be marked where it is used.
  struct origin {
    std::string source;
    std::size_t column = 0;
  };
  struct rows {
    operator_pointer made_by;
    source_scope scope; ///< each column with the name of its table
    std::vector<std::optional<origin>> origins;
    bool grouped = false; ///< each of them is made of several rows
  };
  struct common {
    std::string table;
    std::optional<rows> content; ///< empty after an error
  };
  using maybe_rows = std::optional<rows>;

  maybe_rows of_query(const query& q, const std::string& called);
  maybe_rows of_select(const select_statement& select, const std::string& called);
  maybe_rows selected(const select_statement& select, rows from, const std::string& called);
  maybe_rows of_sides(const query& q);
  maybe_rows first_of(const query& q, maybe_rows input);
  maybe_rows of_from(const select_statement& select);
  maybe_rows of_table(const table_item& item);
  maybe_rows named(const table_item& item);
  maybe_rows of_view(const name& written, const view_declaration& view);
  static void put_beside(rows& left, const rows& right);
  maybe_rows joined(const table_item& join, rows left, rows right);
  maybe_rows grouped(const select_statement& select, rows from, const std::string& called);
  maybe_rows projected(const select_statement& select, rows from);
  rows of_groups(const bound_view& view, const rows& from);
  bool filter(const syntax_expression& where, rows& of);
  std::optional<expression> join_condition(const table_item& item, rows& both, std::size_t left);
  std::optional<expression> equal_columns(const std::vector<name>& columns, rows& both, std::size_t left);
  std::optional<std::vector<select_item>> items_of(const select_statement& select, const rows& from);

  // bind_subquery.cpp
  /// What a subquery reads, joined with what the query around it does.
  struct lookup;
  bool join_subqueries(select_statement& select, rows& from);
  bool filter_by_subqueries(std::optional<syntax_expression>& where, rows& from);
  bool take_subqueries(syntax_expression& e, rows& from);
  bool keep_found(const syntax_expression& condition, rows& from);
  bool add_found(syntax_expression& e, rows& from);
  bool add_value(syntax_expression& e, rows& from);
  static std::vector<expression> condition_of(const lookup& found, std::string& does);
  std::optional<lookup> look_up(const syntax_expression& e, const rows& from);
  bool open(const query& q, const rows& from, lookup& out);
  static rows both_sides(const rows& outside, const rows& content);
  bool add_equalities(const syntax_expression& in, const rows& from, lookup& out);
  bool check_list(const syntax_expression& e, const lookup& in);
  std::optional<expression> value_of(lookup& in, std::size_t place, span where);
  std::optional<logical_column> total_of(lookup& in, std::string& does, std::vector<expression>& values);
  void add_hidden(syntax_expression& e, const logical_column& column, rows& to);

  operator_pointer make(logical_kind kind, std::string does, std::vector<expression> values,
                        std::vector<operator_pointer> inputs, const source_scope& columns, bool runs = true);
  void mark_used(const rows& of, const source_scope& bound_to);
  bool lacks(span where, const std::string& what);
  std::nullopt_t report(code c, span where, std::string message, std::string hint = {});

  const syntax& program_;
  find_scope scope_;
  diagnostics& found_;
  std::string view_; ///< that is being bound: names of operators begin with it
  std::map<std::string, int> names_;
  std::vector<common> visible_;               ///< the last of a name counts
  std::map<std::string, maybe_rows> views_;   ///< those that were bound
  std::set<std::string> open_;                ///< views that are being bound
  std::shared_ptr<const source_scope> outer_; ///< of the query around the subquery that is being bound
  std::map<std::string, logical_view> made_;  ///< trees of views
};

} // namespace weir::dsl
