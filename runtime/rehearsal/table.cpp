#include "runtime/rehearsal/table.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "runtime/expr/evaluate.hpp"
#include "runtime/rehearsal/constant.hpp"

namespace weir::rehearsal {
namespace {

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// The rows in columns, for expressions over them.
result<batch> columns_of(const std::vector<table_row>& rows, const std::vector<catalog_column>& shape) {
  batch out;
  for (std::size_t c = 0; c < shape.size(); ++c) {
    auto& to = out.columns.emplace_back(type_of(shape[c]));
    for (const auto& r : rows) {
      if (!r[c])
        to.append_null();
      else
        WEIR_TRY(append_text(to, *r[c]));
    }
  }
  out.weights.assign(rows.size(), 1);
  return out;
}

result<column> evaluated(const expression& e, const batch& rows) {
  WEIR_ASSIGN(const auto prepared, evaluator::make(e));
  std::vector<row_error> errors;
  auto out = prepared.evaluate(rows, errors);
  if (!errors.empty()) return error{errors.front().code, errors.front().message};
  return out;
}

} // namespace

data_type type_of(const catalog_column& c) {
  if (c.is_citext && c.cases) return {type_id::citext, -1, c.sql_type, {}, c.cases};
  const auto type = type_from_oid(c.type_oid);
  return type ? data_type{*type, c.typmod} : data_type{};
}

status table::run(const table_change& what, std::vector<row_event>& events) {
  std::vector<row_event> done;
  std::vector<table_row> next;
  if (what.kind == change_kind::truncate) {
    done.push_back({change_kind::truncate, what.table});
  } else if (what.kind == change_kind::insert) {
    WEIR_ASSIGN(auto made, inserted(what));
    next = rows_;
    for (auto& r : made) {
      done.push_back({change_kind::insert, what.table, {}, r});
      next.push_back(std::move(r));
    }
  } else {
    WEIR_TRY(check_identity());
    WEIR_ASSIGN(const auto hit, chosen(what));
    std::vector<table_row> old;
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (hit[i]) old.push_back(rows_[i]);
    auto changed = old;
    WEIR_ASSIGN(const auto values, columns_of(old, shape_->is.columns));
    for (const auto& [column_place, e] : what.set) {
      WEIR_ASSIGN(const auto computed, evaluated(e, values));
      for (std::size_t i = 0; i < old.size(); ++i) changed[i][column_place] = text_at(computed, i);
    }
    for (std::size_t i = 0, n = 0; i < rows_.size(); ++i) {
      if (!hit[i]) {
        next.push_back(rows_[i]);
        continue;
      }
      if (what.kind == change_kind::update) next.push_back(changed[n]);
      done.push_back({what.kind, what.table, old[n], what.kind == change_kind::update ? changed[n] : table_row{}});
      ++n;
    }
  }
  for (const auto& e : done)
    if (!e.after.empty()) WEIR_TRY(check(e.after));
  WEIR_TRY(check_keys(next));
  rows_ = std::move(next);
  events.insert(events.end(), std::make_move_iterator(done.begin()), std::make_move_iterator(done.end()));
  return {};
}

result<std::vector<table_row>> table::inserted(const table_change& what) const {
  std::vector<table_row> out;
  for (const auto& values : what.rows) {
    auto& r = out.emplace_back();
    for (const auto& e : values) {
      WEIR_ASSIGN(const auto value, constant(e));
      r.push_back(text_at(value, 0));
    }
  }
  return out;
}

result<std::vector<bool>> table::chosen(const table_change& what) const {
  if (!what.where) return std::vector<bool>(rows_.size(), true);
  WEIR_ASSIGN(const auto values, columns_of(rows_, shape_->is.columns));
  WEIR_ASSIGN(const auto fits, evaluated(*what.where, values));
  std::vector<bool> out(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) out[i] = !fits.is_null(i) && fits.i64[i] != 0;
  return out;
}

status table::check(const table_row& r) const {
  const auto& columns = shape_->is.columns;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!r[c] && columns[c].not_null && !columns[c].generated)
      return error{errc::invalid_value,
                   fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                               columns[c].name, shape_->is.name),
                   "tests know no defaults: a column that is not named is null"};
    const auto type = type_of(columns[c]);
    if (r[c] && type.id == type_id::varchar && type.typmod >= 4 &&
        characters(*r[c]) > static_cast<std::size_t>(type.typmod - 4))
      return error{errc::invalid_value, fmt::format("value too long for type {}", to_sql(type))};
  }
  return {};
}

status table::check_keys(const std::vector<table_row>& rows) const {
  const auto& is = shape_->is;
  if (is.primary_key.empty()) return {};
  std::vector<std::size_t> places;
  for (const auto& key : is.primary_key)
    for (std::size_t c = 0; c < is.columns.size(); ++c)
      if (is.columns[c].name == key) places.push_back(c);
  std::set<std::vector<std::string>> seen;
  for (const auto& r : rows) {
    std::vector<std::string> key;
    for (const auto c : places) {
      column one(type_of(is.columns[c]));
      if (!r[c])
        one.append_null();
      else
        WEIR_TRY(append_text(one, *r[c]));
      key.push_back(key_of(one, 0));
    }
    if (seen.insert(std::move(key)).second) continue;
    std::string shown;
    for (const auto c : places) shown += (shown.empty() ? "" : ", ") + r[c].value_or("null");
    return error{errc::invalid_value, fmt::format("duplicate key value violates the primary key of \"{}\": ({})=({})",
                                                  is.name, fmt::join(is.primary_key, ", "), shown)};
  }
  return {};
}

status table::check_identity() const {
  const auto& is = shape_->is;
  const bool any = is.identity == replica_identity::full ||
                   std::any_of(is.columns.begin(), is.columns.end(), [](const auto& c) { return c.in_identity; });
  if (any) return {};
  return error{
      errc::invalid_value,
      fmt::format("cannot update or delete from table \"{}\": it has no replica identity and is published", is.name),
      fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL;", is.name)};
}

} // namespace weir::rehearsal
