#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dsl/identifier.hpp"
#include "dsl/schema_file.hpp"
#include "dsl/schema_reader.hpp"
#include "dsl/text_fault.hpp"
#include "runtime/base/suggest.hpp"

// The statements of a schema file, but for what stands in CREATE TABLE and ALTER TABLE.
namespace weir::dsl {

void schema_reader::report(code c, span where, std::string message, std::string hint) {
  found_.push_back({severity::error, c, where, std::move(message), std::move(hint)});
}

void schema_reader::unreadable(const cursor& in, std::string_view expected) {
  report(code::schema_statement, in.where(),
         in.at_end() ? fmt::format("expected {} before the end of this statement", expected)
                     : fmt::format("expected {}, found \"{}\"", expected,
                                   in.sees_kind(token_kind::string) ? "a string" : in.text()));
}

object_name schema_reader::resolve(const std::optional<std::string>& schema, const std::string& name) {
  if (schema) return {*schema, name};
  for (const auto& s : path_)
    if (tables_.find({s, name}) != nullptr) return {s, name};
  return {path_.empty() ? "public" : path_.front(), name};
}

object_name schema_reader::qualified_name(cursor& in) {
  std::optional<std::string> schema;
  auto name = in.take_name();
  if (in.take_mark(".")) schema = std::exchange(name, in.take_name());
  return resolve(schema, name);
}

schema_table* schema_reader::table_at(cursor& in, bool may_lack) {
  const auto begin = in.place();
  const auto name = qualified_name(in);
  auto* t = tables_.find(name);
  if (t == nullptr && !may_lack)
    report(code::schema_unknown_table, join(in.where(begin), in.where(in.place() - 1)),
           fmt::format("no statement before this one makes a table {}.{}", display_name(name.first),
                       display_name(name.second)),
           did_you_mean(name.second, tables_.names()));
  return t;
}

bool schema_reader::check_column(const schema_table& t, const std::string& column, span where) {
  const auto names = t.column_names();
  if (t.incomplete || std::find(names.begin(), names.end(), column) != names.end()) return true;
  report(
      code::schema_unknown_column, where,
      fmt::format("table {}.{} has no column \"{}\"", display_name(t.table.schema), display_name(t.table.name), column),
      did_you_mean(column, names));
  return false;
}

void schema_reader::run(const sql_statement& statement) {
  cursor in(statement);
  if (in.take("create"))
    create(in);
  else if (in.take("alter", "table") || in.take("alter", "foreign", "table"))
    alter_table(in);
  else if (in.take("alter", "type"))
    alter_type(in);
  else if (in.take("drop", "table"))
    drop_tables(in);
  else if (in.take("set"))
    set_search_path(in);
  else if (in.take("select"))
    select(in);
}

void schema_reader::create(cursor& in) {
  in.take("or", "replace");
  if (in.take("type")) return create_type(in);
  if (in.take("domain")) return create_domain(in);
  if (in.take("collation")) return create_collation(in);
  if (in.take("extension")) return create_extension(in);
  if (in.take("unique", "index")) return create_index(in);
  if (in.take("foreign", "table")) return create_table(in, 'f');
  if (in.take("materialized", "view")) return create_view(in, 'm');
  if (!in.take("global")) in.take("local");
  if (!in.take("temp") && !in.take("temporary")) in.take("unlogged");
  if (in.take("table")) return create_table(in, 'r');
  in.take("recursive");
  if (in.take("view")) create_view(in, 'v');
}

void schema_reader::create_extension(cursor& in) {
  in.take("if", "not", "exists");
  const auto name = in.take_name();
  in.take("with");
  const bool has_schema = in.take("schema");
  types_.add_extension(name, has_schema ? in.take_name() : path_.empty() ? "public" : path_.front());
}

void schema_reader::create_type(cursor& in) {
  const auto name = qualified_name(in);
  if (!in.take("as", "enum")) return types_.add(name.first, name.second);
  std::vector<std::string> labels;
  if (in.take_mark("("))
    while (in.sees_kind(token_kind::string)) {
      labels.push_back(in.take_string());
      in.take_mark(",");
    }
  types_.add_enum(name.first, name.second, std::move(labels));
}

/// What changes the labels of an enum.
void schema_reader::alter_type(cursor& in) {
  std::optional<std::string> schema;
  auto name = in.take_name();
  if (in.take_mark(".")) schema = std::exchange(name, in.take_name());
  auto* labels = types_.labels_of(schema, name, path_);
  if (labels == nullptr) return;
  const auto place_of = [labels](const std::string& label) { return std::find(labels->begin(), labels->end(), label); };
  if (in.take("rename", "value")) {
    const auto at = place_of(in.take_string());
    if (in.take("to") && at != labels->end()) *at = in.take_string();
    return;
  }
  if (!in.take("add", "value")) return;
  in.take("if", "not", "exists");
  auto label = in.take_string();
  if (place_of(label) != labels->end()) return;
  const bool before = in.take("before");
  const bool behind = in.take("after");
  const auto at = before || behind ? place_of(in.take_string()) : labels->end();
  labels->insert(behind && at != labels->end() ? std::next(at) : at, std::move(label));
}

void schema_reader::create_domain(cursor& in) {
  const auto name = qualified_name(in);
  in.take("as");
  const auto base = types_.read(in, path_);
  if (!base) return types_.add(name.first, name.second);
  auto type = *base;
  for (; !in.at_end(); in.skip_group())
    if (in.take("collate")) {
      type.collation = read_collation(in);
      break;
    }
  types_.add_domain(name.first, name.second, std::move(type));
}

void schema_reader::create_collation(cursor& in) {
  in.take("if", "not", "exists");
  const auto name = qualified_name(in);
  for (; !in.at_end(); in.skip())
    if (in.sees("deterministic") && in.sees_mark("=", 1) && in.sees("false", 2)) odd_collations_.push_back(name);
}

/// The cursor is at the name of a collation.
column_collation schema_reader::read_collation(cursor& in) {
  std::optional<std::string> schema;
  auto name = in.take_name();
  if (in.take_mark(".")) schema = std::exchange(name, in.take_name());
  if (name == "default") return {};
  for (const auto& [in_schema, odd] : odd_collations_) {
    const bool there = schema ? *schema == in_schema : std::find(path_.begin(), path_.end(), in_schema) != path_.end();
    if (odd == name && there) return {name, false};
  }
  return {name, true};
}

/// Nothing of it can be read; that it is one is what a source would have to know.
void schema_reader::create_view(cursor& in, char kind) {
  in.take("if", "not", "exists");
  const auto name = qualified_name(in);
  if (tables_.find(name) != nullptr) return;
  schema_table made;
  made.table.schema = name.first;
  made.table.name = name.second;
  made.table.kind = kind;
  made.table.identity = kind == 'v' ? replica_identity::nothing : replica_identity::primary_key;
  made.incomplete = true;
  tables_.add(std::move(made));
}

/// One over expressions, or over a part of the rows, cannot be a replica identity.
void schema_reader::create_index(cursor& in) {
  in.take("concurrently");
  in.take("if", "not", "exists");
  auto name = in.sees("on") ? std::string() : in.take_name();
  if (in.take_mark(".")) name = in.take_name();
  if (!in.take("on")) return;
  in.take("only");
  auto* t = table_at(in, false);
  if (t == nullptr) return;
  if (in.take("using")) in.skip();
  auto columns = key_columns(in, *t);
  if (name.empty()) name = fmt::format("{}_{}_idx", t->table.name, fmt::join(columns, "_"));
  tables_.add_index({t->table.schema, name}, {t->table.schema, t->table.name}, std::move(columns));
}

void schema_reader::set_search_path(cursor& in) {
  if (!in.take("session")) in.take("local");
  if (!in.take("search_path")) return;
  if (!in.take_mark("=")) in.take("to");
  path_.clear();
  while (!in.at_end()) {
    auto name = in.sees_kind(token_kind::string) ? in.take_string() : in.take_name();
    if (!name.empty() && name != "pg_catalog" && name != "$user") path_.push_back(std::move(name));
    if (!in.take_mark(",")) break;
  }
  if (path_ == std::vector<std::string>{"default"}) path_ = {"public"};
}

void schema_reader::select(cursor& in) {
  for (; !in.at_end(); in.skip()) {
    if (in.take("set_config")) {
      if (!in.take_mark("(") || in.take_string() != "search_path" || !in.take_mark(",")) return;
      const auto text = in.take_string();
      path_.clear();
      for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(',', at), text.size());
        auto name = text.substr(at, end - at);
        std::erase(name, ' ');
        if (!name.empty() && name != "pg_catalog") path_.push_back(name_of(name));
        at = end + 1;
      }
      return;
    }
    if (in.take("create_distributed_table") || in.take("create_distributed_table_concurrently"))
      return spread(in, table_kind::distributed);
    if (in.take("create_reference_table")) return spread(in, table_kind::reference);
    if (in.take("citus_add_local_table_to_metadata")) return spread(in, table_kind::citus_local);
  }
}

/// "public.orders" as regclass reads it.
std::optional<object_name> schema_reader::name_from_text(const std::string& text) {
  diagnostics ignored;
  const auto statements = split_script(0, text, ignored);
  if (statements.size() != 1) return std::nullopt;
  cursor in(statements.front());
  return qualified_name(in);
}

void schema_reader::spread(cursor& in, table_kind kind) {
  if (!in.take_mark("(")) return;
  if (in.sees_name() && (in.sees_mark("=>", 1) || in.sees_mark(":=", 1))) {
    in.skip();
    in.skip();
  }
  const auto place = in.where();
  const auto name = name_from_text(in.take_string());
  auto* t = name ? tables_.find(*name) : nullptr;
  if (t == nullptr)
    return report(code::schema_unknown_table, place, "no statement before this one makes this table",
                  name ? did_you_mean(name->second, tables_.names()) : "");
  while (!in.at_end() && !in.sees_mark(",")) in.skip();
  in.take_mark(",");
  // A table distributed by no column is one shard.
  t->table.spread = kind == table_kind::distributed && in.sees("null") ? table_kind::single_shard : kind;
}

void schema_reader::drop_tables(cursor& in) {
  const bool may_lack = in.take("if", "exists");
  do {
    if (auto* t = table_at(in, may_lack)) tables_.drop({t->table.schema, t->table.name});
  } while (in.take_mark(","));
}

node_catalog schema::catalog_of(const std::string& node,
                                const std::vector<std::pair<std::string, std::string>>& wanted) const {
  node_catalog out{node, {}};
  for (const auto& t : tables)
    if (std::find(wanted.begin(), wanted.end(), std::pair(t.schema, t.name)) != wanted.end()) out.tables.push_back(t);
  give_letters(out, letter_cases::of_unicode());
  return out;
}

schema read_schema(const source_text& text, std::size_t first) {
  schema out;
  schema_reader reader(out.found);
  for (std::size_t i = first; i < text.files.size(); ++i) {
    const auto file = static_cast<std::uint32_t>(i);
    if (!text.files[i].read) continue;
    if (auto fault = text_fault(file, text.files[i].text, max_schema_bytes)) {
      out.found.push_back(*std::move(fault));
      continue;
    }
    for (const auto& statement : split_script(file, text.files[i].text, out.found)) reader.run(statement);
  }
  out.tables = reader.finish();
  sort(out.found);
  return out;
}

} // namespace weir::dsl
