#include <algorithm>

#include <fmt/format.h>

#include "dsl/identifier.hpp"
#include "dsl/schema_reader.hpp"

// ALTER TABLE of a schema file.
namespace weir::dsl {

void schema_reader::alter_table(cursor& in) {
  const bool may_lack = in.take("if", "exists");
  const bool only = in.take("only");
  // pg_dump gives sequences their owner so, too
  auto ahead = in;
  qualified_name(ahead);
  if (ahead.sees("owner")) return;
  const auto* found = table_at(in, may_lack);
  if (found == nullptr) return;
  const object_name name{found->table.schema, found->table.name};
  in.take_mark("*");
  if (in.take("rename")) return rename(in, *tables_.find(name));
  if (in.take("set", "schema")) return tables_.rename(name, {in.take_name(), name.second});
  do {
    alter(in, name, only);
    // Commas inside parentheses are passed over with them.
    while (!in.at_end() && !in.sees_mark(",")) in.skip_group();
  } while (in.take_mark(","));
}

void schema_reader::alter(cursor& in, const object_name& name, bool only) {
  auto& t = *tables_.find(name);
  if (in.take("replica", "identity")) return replica_identity_of(in, t);
  if (in.take("attach", "partition")) {
    if (const auto* partition = table_at(in, false))
      tables_.attach(name, {partition->table.schema, partition->table.name});
    return;
  }
  if (in.take("detach", "partition")) {
    if (auto* partition = table_at(in, false)) partition->partition_of.reset();
    return;
  }
  if (in.take("alter")) return alter_column(in, t, only);
  if (in.take("drop")) return drop_column(in, t);
  if (!in.take("add")) return;
  const bool constraint = in.sees("constraint") || in.sees("primary") || in.sees("unique") || in.sees("check") ||
                          in.sees("foreign") || (in.sees("exclude") && (in.sees("using", 1) || in.sees_mark("(", 1)));
  if (!constraint) return add_column(in, t);
  const auto begin = in.place();
  if (const auto k = key_constraint(in, t)) return add_key(name, *k, !only);
  // PRIMARY KEY USING INDEX: the index is called as the constraint from now on
  in.go_to(begin);
  std::string called;
  if (in.take("constraint")) called = in.take_name();
  const bool primary = in.take("primary", "key");
  if (!primary && !in.take("unique")) return;
  if (!in.take("using", "index")) return;
  const auto place = in.where();
  const auto index = in.take_name();
  const auto* columns = tables_.index_columns({name.first, index});
  if (columns == nullptr)
    return report(code::schema_index_missing, place,
                  fmt::format("no statement before this one makes index \"{}\"", index));
  add_key(name, {called.empty() ? index : called, *columns, primary}, false);
}

void schema_reader::add_column(cursor& in, schema_table& t) {
  in.take("column");
  const bool may_be_there = in.take("if", "not", "exists");
  cursor ahead = in;
  if (may_be_there && t.find(ahead.take_name()) != nullptr) return;
  column(in, t);
}

void schema_reader::drop_column(cursor& in, schema_table& t) {
  if (in.take("constraint")) {
    in.take("if", "exists");
    const auto name = in.take_name();
    if (name == t.table.name + "_pkey") t.table.primary_key.clear();
    return;
  }
  in.take("column");
  const bool may_lack = in.take("if", "exists");
  const auto place = in.where();
  const auto column = in.take_name();
  if (!may_lack && !check_column(t, column, place)) return;
  std::erase_if(t.table.columns, [&](const catalog_column& c) { return c.name == column; });
  // A key goes with its column.
  const auto& columns = t.table.primary_key;
  if (std::find(columns.begin(), columns.end(), column) != columns.end()) t.table.primary_key.clear();
}

void schema_reader::alter_column(cursor& in, schema_table& t, bool only) {
  in.take("column");
  const auto place = in.where();
  const auto name = in.take_name();
  if (!check_column(t, name, place)) return;
  if (in.take("set", "not", "null")) return tables_.set_not_null(t, name, true, !only);
  if (in.take("drop", "not", "null")) return tables_.set_not_null(t, name, false, !only);
  if (in.take("add", "generated")) return tables_.set_not_null(t, name, true, !only);
  auto* c = t.find(name);
  if (c == nullptr) return;
  if (in.take("drop", "expression")) c->generated = false;
  if (!in.take("set", "data", "type") && !in.take("type")) return;
  const auto type = types_.read(in, path_);
  if (!type)
    return report(code::schema_unknown_type, in.where(),
                  fmt::format("no type \"{}\", and no statement before this one makes it", in.text()));
  give_type(*c, *type);
  c->collation = in.take("collate") ? read_collation(in) : type->collation;
}

void schema_reader::replica_identity_of(cursor& in, schema_table& t) {
  if (in.take("full")) {
    t.table.identity = replica_identity::full;
  } else if (in.take("nothing")) {
    t.table.identity = replica_identity::nothing;
  } else if (in.take("default")) {
    t.table.identity = replica_identity::primary_key;
  } else if (in.take("using", "index")) {
    t.table.identity = replica_identity::index;
    t.identity_where = in.where();
    t.identity_index = {t.table.schema, in.take_name()};
  } else {
    unreadable(in, "FULL, DEFAULT, NOTHING or USING INDEX");
  }
}

void schema_reader::rename(cursor& in, schema_table& t) {
  const object_name name{t.table.schema, t.table.name};
  if (in.take("to")) return tables_.rename(name, {name.first, in.take_name()});
  if (in.take("constraint")) return;
  in.take("column");
  const auto place = in.where();
  const auto from = in.take_name();
  if (!check_column(t, from, place) || !in.take("to")) return;
  tables_.rename_column(t, from, in.take_name());
}

} // namespace weir::dsl
