#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "runtime/expr/array_text.hpp"
#include "runtime/postgres/node_admin.hpp"

namespace weir::postgres {

namespace {

/// A row a column (or a row with nulls, of a table without columns), tables together, columns in order.
constexpr const char* columns_sql = R"(
SELECT n.nspname, c.relname, c.relkind, c.relreplident,
       a.attname, b.type, b.typmod, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       CASE c.relreplident WHEN 'f' THEN true
            WHEN 'd' THEN coalesce(a.attnum = ANY (pk.indkey), false)
            WHEN 'i' THEN coalesce(a.attnum = ANY (ri.indkey), false)
            ELSE false END AS in_identity,
       a.attgenerated <> '' AS generated,
       CASE WHEN a.attcollation = t.typcollation THEN '' ELSE coalesce(l.collname, '') END AS own_collation,
       array_position(pk.indkey::int2[], a.attnum) AS key_position,
       format_type(b.type, b.typmod) AS sql_type,
       t.typtype = 'e' OR t.oid = ANY ({0}) OR (t.typsubscript = 'array_subscript_handler'::regproc AND
         (e.typtype = 'e' OR e.oid = ANY ({0} || {1}))) AS equal_by_text,
       CASE WHEN t.typtype = 'e' THEN
         ARRAY(SELECT v.enumlabel::text FROM pg_enum v WHERE v.enumtypid = t.oid ORDER BY v.enumsortorder) END AS labels,
       x.objid IS NOT NULL AS is_citext,
       coalesce(l.collisdeterministic, true) AS is_deterministic
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN LATERAL (
  WITH RECURSIVE d(type) AS (
    SELECT a.atttypid
    UNION ALL SELECT p.typbasetype FROM d JOIN pg_type p ON p.oid = d.type WHERE p.typtype = 'd')
  SELECT d.type, CASE WHEN d.type = a.atttypid THEN a.atttypmod ELSE -1 END AS typmod
  FROM d JOIN pg_type p ON p.oid = d.type WHERE p.typtype <> 'd') b ON true
LEFT JOIN pg_type t ON t.oid = b.type
LEFT JOIN pg_type e ON e.oid = t.typelem
LEFT JOIN (pg_depend x JOIN pg_extension y ON y.oid = x.refobjid AND y.extname = 'citext')
  ON x.classid = 'pg_type'::regclass AND x.objid = t.oid AND x.refclassid = 'pg_extension'::regclass
     AND x.deptype = 'e' AND t.typname = 'citext'
LEFT JOIN pg_index pk ON pk.indrelid = c.oid AND pk.indisprimary
LEFT JOIN pg_index ri ON ri.indrelid = c.oid AND ri.indisreplident
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (n.nspname, c.relname) IN ({2})
ORDER BY n.nspname, c.relname, a.attnum)";

/// Types whose values are equal only if their texts are. Not among them: inexact numbers and numeric (1.0 is 1.00),
/// money (its text depends on lc_monetary), json and xml (no equality), jsonb (equal by value), citext (known by
/// itself) and all that is unknown.
constexpr const char* equal_by_text =
    "'{bytea,\"\\\"char\\\"\",name,oid,inet,cidr,macaddr,macaddr8,timetz,bit,varbit,pg_lsn,"
    "int4range,int8range,daterange,tsrange,"
    "tstzrange}'::regtype[]::oid[]";
/// Those that weir computes with, as elements of an array.
constexpr const char* computed_equal_by_text =
    "'{bool,int2,int4,int8,text,varchar,date,timestamp,timestamptz,uuid,time}'::regtype[]::oid[]";

template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

replica_identity identity_of(std::string_view code) {
  if (code == "f") return replica_identity::full;
  if (code == "i") return replica_identity::index;
  return code == "n" ? replica_identity::nothing : replica_identity::primary_key;
}

std::shared_ptr<const std::vector<std::string>> labels_of(std::string_view array) {
  auto labels = std::make_shared<std::vector<std::string>>();
  const auto elements = read_array(array);
  if (elements)
    for (const auto& label : *elements) labels->push_back(label.value_or(""));
  return labels;
}

catalog_column column_of(const query_result& rows, std::size_t row) {
  catalog_column c;
  c.name = std::string{rows.at(row, 4)};
  c.type_oid = number<std::uint32_t>(rows.at(row, 5));
  c.typmod = number<std::int32_t>(rows.at(row, 6));
  c.type_name = std::string{rows.at(row, 7)};
  c.not_null = rows.at(row, 8) == "t";
  c.in_identity = rows.at(row, 9) == "t";
  c.generated = rows.at(row, 10) == "t";
  c.collation = {std::string{rows.at(row, 11)}, rows.at(row, 17) == "t"};
  c.sql_type = std::string{rows.at(row, 13)};
  c.equal_by_text = rows.at(row, 14) == "t";
  if (!rows.is_null(row, 15)) c.labels = labels_of(rows.at(row, 15));
  c.is_citext = rows.at(row, 16) == "t";
  return c;
}

} // namespace

result<node_catalog> read_catalog(connection& sql, const std::string& node,
                                  const std::vector<std::pair<std::string, std::string>>& tables) {
  node_catalog catalog{node, {}};
  if (tables.empty()) return catalog;
  std::string wanted;
  for (const auto& [schema, table] : tables)
    wanted += fmt::format("{}({}, {})", wanted.empty() ? "" : ", ", sql.literal(schema), sql.literal(table));
  WEIR_ASSIGN(const auto rows, sql.query(fmt::format(columns_sql, equal_by_text, computed_equal_by_text, wanted)));

  std::map<std::size_t, std::string> key; // of the table being read, by position
  const auto finish_table = [&] {
    for (auto& [position, name] : key) catalog.tables.back().primary_key.push_back(std::move(name));
    key.clear();
  };
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const std::string schema{rows.at(row, 0)};
    const std::string name{rows.at(row, 1)};
    if (catalog.tables.empty() || catalog.tables.back().schema != schema || catalog.tables.back().name != name) {
      finish_table();
      catalog.tables.push_back({schema, name, rows.at(row, 2).front(), identity_of(rows.at(row, 3)), {}, {}});
    }
    if (rows.is_null(row, 4)) continue;
    catalog.tables.back().columns.push_back(column_of(rows, row));
    if (!rows.is_null(row, 12)) key.emplace(number<std::size_t>(rows.at(row, 12)), std::string{rows.at(row, 4)});
  }
  finish_table();
  return catalog;
}

} // namespace weir::postgres
