#include "runtime/postgres/table_shapes.hpp"

#include <charconv>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weir::postgres {

namespace {

/// A row a column, tables together, columns in order; a domain stands as its base type.
/// Rows of catalogs are seen as they are now, whatever locks an
/// ALTER TABLE still holds; only the partitions of a table have to be waited for.
constexpr const char* shapes_sql =
    "SELECT c.oid, n.nspname, c.relname, CASE WHEN c.relkind = 'p' THEN (SELECT md5(string_agg(l.relfilenode::text, "
    "',' ORDER BY l.oid)) FROM pg_partition_tree(c.oid) AS t JOIN pg_class AS l ON l.oid = t.relid WHERE t.isleaf) "
    "ELSE c.relfilenode::text END AS files, c.relreplident::text || coalesce((SELECT i.indkey::text FROM pg_index AS i "
    "WHERE "
    "i.indrelid = c.oid AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false "
    "END), '') AS identity, a.attnum, a.attname, b.oid AS base, b.typmod, format_type(b.oid, b.typmod) AS type, "
    "a.attnotnull, a.xmin AS changed FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace LEFT JOIN "
    "pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN LATERAL (WITH RECURSIVE "
    "d(oid) AS (SELECT a.atttypid UNION ALL SELECT p.typbasetype FROM d JOIN pg_type AS p ON p.oid = d.oid WHERE "
    "p.typtype = 'd') SELECT d.oid, CASE WHEN d.oid = a.atttypid THEN a.atttypmod ELSE -1 END AS typmod FROM d JOIN "
    "pg_type AS p ON p.oid = d.oid WHERE p.typtype <> 'd') AS b ON true WHERE c.relkind IN ('r', 'p') AND "
    "({}) ORDER BY c.oid, a.attnum";

std::string these_tables(const connection& sql, const std::vector<source_plan>& sources,
                         const std::vector<std::uint32_t>& oids) {
  std::string names;
  for (const auto& s : sources)
    names += fmt::format("{}({}, {})", names.empty() ? "" : ", ", sql.literal(s.schema), sql.literal(s.table));
  auto condition = fmt::format("(n.nspname, c.relname) IN ({})", names);
  if (!oids.empty()) condition += fmt::format(" OR c.oid IN ({})", fmt::join(oids, ", "));
  return fmt::format(shapes_sql, condition);
}

template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

} // namespace

result<std::vector<table_shape>> read_table_shapes(connection& sql, const std::vector<source_plan>& sources,
                                                   const std::vector<std::uint32_t>& oids) {
  std::vector<table_shape> shapes;
  WEIR_ASSIGN(const auto rows, sql.query(these_tables(sql, sources, oids)));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto text = [&](std::size_t column) { return std::string(rows.at(i, column)); };
    const auto oid = number<std::uint32_t>(rows.at(i, 0));
    if (shapes.empty() || shapes.back().oid != oid)
      shapes.push_back({text(1), text(2), oid, rows.is_null(i, 3) ? std::string() : text(3), text(4), {}});
    if (rows.is_null(i, 5)) continue;
    shapes.back().columns.push_back({number<int>(rows.at(i, 5)), text(6), number<std::uint32_t>(rows.at(i, 7)),
                                     number<std::int32_t>(rows.at(i, 8)), text(9), rows.at(i, 10) == "t", text(11)});
  }
  return shapes;
}

result<std::string> table_shapes_digest(connection& sql, const std::vector<source_plan>& sources,
                                        const std::vector<std::uint32_t>& oids) {
  WEIR_ASSIGN(const auto row, sql.query(fmt::format("SELECT md5(string_agg(shapes::text, ',')) FROM ({}) AS shapes",
                                                    these_tables(sql, sources, oids))));
  return std::string(row.is_null(0, 0) ? std::string_view() : row.at(0, 0));
}

} // namespace weir::postgres
