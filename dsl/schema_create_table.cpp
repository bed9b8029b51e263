#include <algorithm>

#include <fmt/format.h>

#include "dsl/identifier.hpp"
#include "dsl/schema_reader.hpp"
#include "runtime/base/suggest.hpp"

// CREATE TABLE of a schema file.
namespace weir::dsl {
namespace {

constexpr std::string_view constraint_words[] = {"not",        "null",        "primary",    "unique",   "check",
                                                 "references", "constraint",  "generated",  "collate",  "default",
                                                 "storage",    "compression", "deferrable", "initially"};

bool sees_constraint(const statement_cursor& in) {
  return std::any_of(std::begin(constraint_words), std::end(constraint_words),
                     [&](std::string_view word) { return in.sees(word); });
}

} // namespace

void schema_reader::create_table(cursor& in, char kind) {
  const bool may_be_there = in.take("if", "not", "exists");
  const auto begin = in.place();
  const auto name = qualified_name(in);
  if (name.second.empty()) return unreadable(in, "the name of a table");
  if (tables_.find(name) != nullptr) {
    if (may_be_there) return;
    return report(code::schema_declared_twice, in.where(begin),
                  fmt::format("table {}.{} is made twice", display_name(name.first), display_name(name.second)),
                  "a schema file is read from its first statement to its last, as by a new database");
  }
  schema_table made;
  made.table.schema = name.first;
  made.table.name = name.second;
  made.table.kind = kind;
  if (kind == 'f') made.table.identity = replica_identity::nothing;
  auto& table = tables_.add(std::move(made));
  if (in.take("partition", "of")) {
    partition_of(in, table);
  } else if (in.sees("of") || in.sees("as")) {
    table.incomplete = true;
  } else if (in.take_mark("(")) {
    while (!in.at_end() && !in.sees_mark(")")) {
      if (!table_element(in, table)) in.skip_item();
      if (in.sees_mark(")") || in.take_mark(",")) continue;
      unreadable(in, "',' or ')'");
      in.skip_item();
    }
    in.take_mark(")");
  } else {
    unreadable(in, "'(' and the columns");
  }
  for (; !in.at_end(); in.skip_group()) {
    if (in.sees("partition") && in.sees("by", 1)) table.table.kind = 'p';
    if (in.take("inherits")) inherit(in, table);
    if (in.sees("as")) table.incomplete = true;
  }
  if (table.incomplete)
    report(code::schema_columns_unknown, in.where(begin),
           fmt::format("the columns of {}.{} do not stand here", display_name(name.first), display_name(name.second)),
           "write them: CREATE TABLE … (COLUMN TYPE, …); pg_dump --schema-only does");
}

bool schema_reader::table_element(cursor& in, schema_table& made) {
  if (in.take("like")) {
    like(in, made);
    return true;
  }
  return table_constraint(in, made) || column(in, made);
}

bool schema_reader::table_constraint(cursor& in, schema_table& made) {
  const bool excludes = in.sees("exclude") && (in.sees("using", 1) || in.sees_mark("(", 1));
  const bool constraint = in.sees("constraint") || in.sees("primary") || in.sees("unique") || in.sees("check") ||
                          in.sees("foreign") || excludes;
  if (!constraint) return false;
  if (const auto k = key_constraint(in, made)) add_key({made.table.schema, made.table.name}, *k, true);
  in.skip_item();
  return true;
}

std::vector<std::string> schema_reader::key_columns(cursor& in, const schema_table& of) {
  std::vector<std::string> columns;
  if (!in.take_mark("(")) {
    unreadable(in, "'(' and columns");
    return columns;
  }
  while (!in.at_end() && !in.sees_mark(")")) {
    const auto place = in.where();
    const bool bare = in.sees_name() && !in.sees_mark("(", 1);
    if (bare) {
      columns.push_back(in.take_name());
      check_column(of, columns.back(), place);
    }
    in.skip_item();
    in.take_mark(",");
  }
  in.take_mark(")");
  return columns;
}

std::optional<schema_reader::key> schema_reader::key_constraint(cursor& in, const schema_table& of) {
  key k;
  if (in.take("constraint")) k.name = in.take_name();
  k.primary = in.take("primary", "key");
  if (!k.primary && !in.take("unique")) return std::nullopt;
  if (!in.take("nulls", "not", "distinct")) in.take("nulls", "distinct");
  if (in.take("using", "index")) return std::nullopt; // ALTER TABLE's: the index has it all
  k.columns = key_columns(in, of);
  return k;
}

void schema_reader::add_key(const object_name& table, const key& k, bool partitions_too) {
  if (k.primary) return tables_.set_primary_key(table, k.name, k.columns, partitions_too);
  const auto name = k.name.empty() ? fmt::format("{}_{}_key", table.second, fmt::join(k.columns, "_")) : k.name;
  tables_.add_index({table.first, name}, table, k.columns);
}

void schema_reader::like(cursor& in, schema_table& made) {
  const auto* other = table_at(in, false);
  bool generated = false;
  bool indexes = false;
  while (in.sees("including") || in.sees("excluding")) {
    const bool including = in.sees("including");
    in.skip();
    if (in.sees("all") || in.sees("generated")) generated = including;
    if (in.sees("all") || in.sees("indexes")) indexes = including;
    in.skip();
  }
  if (other == nullptr) return;
  for (auto c : other->table.columns) {
    c.generated = c.generated && generated;
    made.table.columns.push_back(std::move(c));
  }
  made.incomplete = made.incomplete || other->incomplete;
  if (indexes && !other->table.primary_key.empty())
    tables_.set_primary_key({made.table.schema, made.table.name}, "", other->table.primary_key, false);
}

bool schema_reader::column(cursor& in, schema_table& made) {
  const auto place = in.where();
  const auto name = in.take_name();
  if (name.empty()) {
    unreadable(in, "the name of a column");
    return false;
  }
  const auto type_place = in.where();
  const auto type = types_.read(in, path_);
  if (!type) {
    if (in.sees_name())
      report(code::schema_unknown_type, type_place,
             fmt::format("no type \"{}\", and no statement before this one makes it", in.text()),
             did_you_mean(fold(in.text()), types_.names()));
    else
      unreadable(in, "a type");
    return false;
  }
  if (made.find(name) != nullptr) {
    report(code::schema_declared_twice, place, fmt::format("column \"{}\" is there twice", name));
    return false;
  }
  catalog_column c;
  c.name = name;
  give_type(c, *type);
  c.not_null = type->not_null;
  c.collation = type->collation;
  made.table.columns.push_back(std::move(c));
  return column_constraints(in, made, name);
}

bool schema_reader::column_constraints(cursor& in, schema_table& made, const std::string& column) {
  const object_name table{made.table.schema, made.table.name};
  std::string constraint;
  while (!in.at_end() && !in.sees_mark(",") && !in.sees_mark(")")) {
    auto& c = *made.find(column);
    if (in.take("constraint")) {
      constraint = in.take_name();
    } else if (in.take("not", "null")) {
      c.not_null = true;
    } else if (in.take("primary", "key")) {
      add_key(table, {constraint, {column}, true}, false);
    } else if (in.take("unique")) {
      add_key(table, {constraint, {column}, false}, false);
    } else if (in.take("collate")) {
      c.collation = read_collation(in);
    } else if (in.take("generated")) {
      if (!in.take("always")) in.take("by", "default");
      in.take("as");
      if (in.take("identity"))
        c.not_null = true;
      else
        c.generated = true;
    } else if (in.take("default")) {
      do in.skip_group();
      while (!in.at_end() && !in.sees_mark(",") && !in.sees_mark(")") && !sees_constraint(in));
    } else {
      in.skip_group();
    }
  }
  return true;
}

/// Columns of the parents come first; one of the same name is one column.
void schema_reader::inherit(cursor& in, schema_table& made) {
  if (!in.take_mark("(")) return;
  std::vector<catalog_column> columns;
  const auto add = [&](const catalog_column& c, bool own) {
    const auto same =
        std::find_if(columns.begin(), columns.end(), [&](const auto& have) { return have.name == c.name; });
    if (same == columns.end()) {
      columns.push_back(c);
    } else {
      same->not_null = same->not_null || c.not_null;
      if (own) same->collation = c.collation;
    }
  };
  do {
    if (const auto* parent = table_at(in, false))
      for (const auto& c : parent->table.columns) add(c, false);
  } while (in.take_mark(","));
  for (const auto& c : made.table.columns) add(c, true);
  made.table.columns = std::move(columns);
}

void schema_reader::partition_of(cursor& in, schema_table& made) {
  const auto* parent = table_at(in, false);
  if (parent == nullptr) return;
  made.table.columns = parent->table.columns;
  made.incomplete = parent->incomplete;
  const object_name root{parent->table.schema, parent->table.name};
  if (in.take_mark("(")) {
    while (!in.at_end() && !in.sees_mark(")")) {
      if (!table_constraint(in, made)) {
        const auto place = in.where();
        const auto column = in.take_name();
        in.take("with", "options");
        if (check_column(made, column, place)) column_constraints(in, made, column);
      }
      in.skip_item();
      in.take_mark(",");
    }
    in.take_mark(")");
  }
  tables_.attach(root, {made.table.schema, made.table.name});
}

} // namespace weir::dsl
