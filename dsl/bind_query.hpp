#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dsl/diagnostic.hpp"
#include "dsl/relation.hpp"
#include "dsl/syntax.hpp"

namespace weir::dsl {

/// Finds what queries read: sources, views, common tables and queries in FROM come down to a source, with the rows and
/// columns that are wanted of it. Others there are no operators for: tree_binder binds them.
class relation_binder {
public:
  /// The scope of a declared source; null after an error, or where the name is none of a source.
  using find_scope = std::function<const source_scope*(const std::string& source, std::size_t& place)>;

  relation_binder(const syntax& program, find_scope scope, diagnostics& found)
      : program_(program), scope_(std::move(scope)), found_(found) {}

  /// What the FROM of a view's select reads; empty after an error, or after one that was said elsewhere.
  std::optional<relation> read_by(const query& q);
  /// Was there, since this was asked last, something without operator? Then nothing was said of it.
  bool lacked_operator() { return std::exchange(lacks_operator_, false); }
  /// Refuses what stands before, behind and between selects; the select that is left. Null after an error.
  const select_statement* plain_select(const query& q);
  /// The select list with its stars taken apart.
  std::optional<std::vector<select_item>> items_of(const select_statement& select, const relation& from);
  /// Says what is wrong with a view that stands for no table, if no view that was bound reads it.
  void check(const view_declaration& view);

private:
  /// A table of `with`, and what it was found to be; empty after an error.
  struct common {
    std::string table;
    std::optional<relation> rows;
  };

  std::optional<relation> of(const table_item& item);
  std::optional<relation> named(const table_item& item);
  std::optional<relation> of_view(const name& written, const view_declaration& view);
  std::optional<relation> of_query(const query& q, const std::string& called);
  bool add_columns(const select_statement& select, const relation& from, relation& out);
  std::nullopt_t report(code c, span where, std::string message, std::string hint = {});
  std::nullopt_t refuse(span where, const std::string& what, std::string hint = {});
  std::nullopt_t without_operator();

  const syntax& program_;
  find_scope scope_;
  diagnostics& found_;
  std::vector<common> visible_;                          ///< the last of a name counts
  std::map<std::string, std::optional<relation>> views_; ///< those that were bound: their errors are said once
  std::set<std::string> open_;                           ///< views that are being bound
  std::set<std::string> lacking_;                        ///< views with something without operator
  bool lacks_operator_ = false;
};

/// Does a select put rows together: by an aggregate, distinct, group by or having?
bool makes_groups(const select_statement& select);

/// The name PostgreSQL gives a column of a select list.
name output_name(const select_item& item);

/// A column of a query as if a table had it.
catalog_column column_of(const std::string& called, const expression& value, const source_scope& from);

/// Gives the columns of what is called so other names. False: there are more names than columns, which was reported.
bool rename(source_scope& scope, const std::string& called, const std::vector<name>& columns, diagnostics& found);

} // namespace weir::dsl
