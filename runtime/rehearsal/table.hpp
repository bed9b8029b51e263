#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/rehearsal/script.hpp"

namespace weir::rehearsal {

/// The values of a row in PostgreSQL's text form, by column of the table.
using table_row = std::vector<std::optional<std::string>>;

/// What a statement did to one row; a truncation has none.
struct row_event {
  change_kind kind = change_kind::insert;
  std::size_t table = 0;
  table_row before = {};
  table_row after = {};
};

/// A table of one worker. Statements are computed by weir's own evaluator, and refused as PostgreSQL refuses them: for
/// a null in a NOT NULL column, a text that is too long, a primary key that is there already, a missing replica
/// identity. Other constraints, defaults and triggers are not known here.
class table {
public:
  explicit table(const table_shape& shape) : shape_(&shape) {}

  const std::vector<table_row>& rows() const { return rows_; }
  const table_shape& shape() const { return *shape_; }

  /// Runs one statement, whole or not at all. What it did is appended to `events`.
  /// Errors   those above, and of expressions; the table is as it was
  status run(const table_change& what, std::vector<row_event>& events);

private:
  result<std::vector<table_row>> inserted(const table_change& what) const;
  result<std::vector<bool>> chosen(const table_change& what) const;
  status check(const table_row& r) const;
  status check_keys(const std::vector<table_row>& rows) const;
  status check_identity() const;

  const table_shape* shape_;
  std::vector<table_row> rows_;
};

/// A column's type, text for one that weir does not compute with.
data_type type_of(const catalog_column& c);

} // namespace weir::rehearsal
