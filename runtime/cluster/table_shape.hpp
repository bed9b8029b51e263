#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace weir {

struct column_shape {
  int number = 0; ///< pg_attribute.attnum: the column's for good, whatever it is called; never given again
  std::string name;
  std::uint32_t type_oid = 0;
  std::int32_t typmod = -1;
  std::string type_name; ///< format_type(), for messages
  bool not_null = false;
  std::string changed; ///< which transaction wrote its row of pg_attribute

  friend bool operator==(const column_shape&, const column_shape&) = default;
};

/// A table of one node, as far as it tells whether what was read of it still stands. PostgreSQL replicates no DDL: what
/// an ALTER TABLE does to rows is not in the stream, only its traces in the catalogs are.
struct table_shape {
  std::string schema;
  std::string name;
  std::uint32_t oid = 0;
  std::string files;    ///< of its rows, those of its partitions: others after a rewrite, a TRUNCATE, a VACUUM FULL
  std::string identity; ///< replica identity and its columns
  std::vector<column_shape> columns;

  const column_shape* numbered(int number) const;
  const column_shape* named(std::string_view column) const;

  friend bool operator==(const table_shape&, const table_shape&) = default;
};

/// JSON, to be kept with what was read of the tables.
std::string to_text(const std::vector<table_shape>& shapes);
/// Errors   `errc::invalid_value`
result<std::vector<table_shape>> parse_shapes(std::string_view text);

} // namespace weir
