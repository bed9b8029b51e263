#pragma once

#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/cluster/catalog.hpp"

namespace weir::test {

/// The catalogs of a cluster from a small text, for tests of the front end:
///
///     public.orders full          # schema.table [full|nothing] [kind=v]
///       order_id bigint key       # column type [key] [not_null] [generated] [collation=NAME]
///     node w2                     # what follows is there on w2 only, and replaces the table of that name
///
/// `key`: part of the primary key, and so of every old row. `absent` behind a table takes it away from the node.
class schema_text {
public:
  explicit schema_text(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) add(line.substr(0, line.find('#')));
  }

  cluster_catalog catalog_of(const std::string& cluster, const std::vector<std::string>& nodes) const {
    cluster_catalog out{cluster, {}};
    for (const auto& node : nodes) {
      auto tables = common_;
      if (const auto own = of_node_.find(node); own != of_node_.end())
        for (const auto& table : own->second) replace(tables, table);
      out.nodes.push_back({node, tables});
      give_letters(out.nodes.back(), letters_);
    }
    return out;
  }

private:
  static void replace(std::vector<catalog_table>& tables, const catalog_table& by) {
    std::erase_if(tables, [&](const auto& t) { return t.schema == by.schema && t.name == by.name; });
    if (by.kind != 'x') tables.push_back(by);
  }

  void add(const std::string& line) {
    std::istringstream in(line);
    std::string first;
    if (!(in >> first)) return;
    const bool indented = line.front() == ' ';
    if (first == "node" && !indented) {
      in >> node_;
    } else if (first == "letters_unknown" && !indented) {
      letters_.reset();
    } else if (!indented) {
      tables().push_back(table_from(first, in));
    } else {
      tables().back().columns.push_back(column_from(first, in, tables().back()));
    }
  }

  std::vector<catalog_table>& tables() { return node_.empty() ? common_ : of_node_[node_]; }

  static catalog_table table_from(const std::string& name, std::istringstream& in) {
    catalog_table table;
    const auto dot = name.find('.');
    table.schema = name.substr(0, dot);
    table.name = name.substr(dot + 1);
    for (std::string flag; in >> flag;) {
      if (flag == "full") table.identity = replica_identity::full;
      if (flag == "nothing") table.identity = replica_identity::nothing;
      if (flag == "absent") table.kind = 'x';
      if (flag.starts_with("kind=")) table.kind = flag[5];
    }
    return table;
  }

  static catalog_column column_from(const std::string& name, std::istringstream& in, catalog_table& table) {
    catalog_column column;
    column.name = name;
    in >> column.type_name;
    read_type(column);
    column.in_identity = table.identity == replica_identity::full;
    for (std::string flag; in >> flag;) {
      if (flag == "key") {
        column.not_null = true;
        column.in_identity = true;
        table.primary_key.push_back(name);
      }
      if (flag == "not_null") column.not_null = true;
      if (flag == "generated") column.generated = true;
      if (flag.starts_with("collation=")) column.collation = {flag.substr(10), false};
      if (flag.starts_with("own_collation=")) column.collation = {flag.substr(14), true};
    }
    return column;
  }

  /// One word: numeric(12,2), varchar(20), timestamptz …; enum(new,paid) is of a type public.label,
  /// citext of public.citext.
  static void read_type(catalog_column& column) {
    if (column.type_name.starts_with("enum(")) return read_enum(column);
    if (column.type_name == "citext") return read_citext(column);
    static const std::map<std::string, std::uint32_t> oids{
        {"boolean", 16},     {"smallint", 21},      {"integer", 23}, {"bigint", 20},    {"numeric", 1700},
        {"real", 700},       {"float8", 701},       {"text", 25},    {"varchar", 1043}, {"date", 1082},
        {"timestamp", 1114}, {"timestamptz", 1184}, {"uuid", 2950},  {"jsonb", 3802},   {"char", 1042},
        {"time", 1083},      {"interval", 1186},    {"inet", 869},   {"bytea", 17},     {"json", 114},
        {"integer[]", 1007}, {"text[]", 1009}};
    column.sql_type = column.type_name;
    column.equal_by_text =
        column.type_name == "inet" || column.type_name == "bytea" || column.type_name.ends_with("[]");
    const auto paren = column.type_name.find('(');
    column.type_oid = oids.at(column.type_name.substr(0, paren));
    if (paren == std::string::npos) return;
    const auto length = std::stoi(column.type_name.substr(paren + 1));
    const auto comma = column.type_name.find(',');
    column.typmod =
        comma == std::string::npos ? length + 4 : ((length << 16) | std::stoi(column.type_name.substr(comma + 1))) + 4;
  }

  static void read_citext(catalog_column& column) {
    column.type_name = column.sql_type = "public.citext";
    column.type_oid = 16'400;
    column.is_citext = true;
  }

  static void read_enum(catalog_column& column) {
    auto labels = std::make_shared<std::vector<std::string>>(1);
    for (const char c : column.type_name.substr(5)) {
      if (c == ')') break;
      if (c == ',')
        labels->emplace_back();
      else
        labels->back() += c;
    }
    column.type_name = column.sql_type = "public.label";
    column.type_oid = 16'384;
    column.equal_by_text = true;
    column.labels = std::move(labels);
  }

  std::shared_ptr<const letter_cases> letters_ = letter_cases::of_unicode();
  std::string node_;
  std::vector<catalog_table> common_;
  std::map<std::string, std::vector<catalog_table>> of_node_;
};

} // namespace weir::test
