#pragma once

#include <string>
#include <vector>

namespace weir::test {

/// A column of a table that has columns of all types: its name says which it is.
struct typed_column {
  char kind; ///< of values; see random_sql
  std::string name;
  std::string type;
};

/// b boolean, i integer, n numeric, f float, s text, d date, t time, m timestamp, z timestamptz, v interval, u uuid,
/// g citext, and those that weir passes through: c char(n), e enum, j jsonb, k json, x others; in capitals arrays: I
/// integer, L bigint, S text, V varchar, N numeric, D date, B boolean, U uuid, M timestamp, E enum.
inline const std::vector<typed_column>& columns_of_all_types() {
  static const std::vector<typed_column> columns{
      {'b', "b1", "boolean"},
      {'b', "b2", "boolean"},
      {'i', "i2", "smallint"},
      {'i', "i4", "integer"},
      {'i', "i8", "bigint"},
      {'n', "n", "numeric"},
      {'n', "n2", "numeric(10,2)"},
      {'f', "f4", "real"},
      {'f', "f8", "double precision"},
      {'s', "s", "text"},
      {'s', "sv", "character varying"},
      {'s', "sv5", "character varying(5)"},
      {'g', "g1", "public.citext"},
      {'g', "g2", "public.citext"},
      {'d', "d1", "date"},
      {'d', "d2", "date"},
      {'t', "t1", "time without time zone"},
      {'t', "t2", "time without time zone"},
      {'m', "m1", "timestamp without time zone"},
      {'m', "m2", "timestamp without time zone"},
      {'z', "z1", "timestamp with time zone"},
      {'z', "z2", "timestamp with time zone"},
      {'v', "v1", "interval"},
      {'v', "v2", "interval"},
      {'u', "u", "uuid"},
      {'c', "c4", "character(4)"},
      {'c', "c2", "character(2)"},
      {'e', "e1", "public.mood"},
      {'e', "e2", "public.mood"},
      {'i', "di", "public.small"},
      {'x', "xb", "bytea"},
      {'x', "xi", "inet"},
      {'x', "xa", "integer[]"},
      {'x', "xj", "jsonb"},
      {'x', "xn", "name"},
      {'j', "j1", "jsonb"},
      {'j', "j2", "jsonb"},
      {'k', "k1", "json"},
      {'I', "ai", "integer[]"},
      {'I', "ai2", "integer[]"},
      {'L', "al", "bigint[]"},
      {'S', "as1", "text[]"},
      {'S', "as2", "text[]"},
      {'V', "av", "character varying(5)[]"},
      {'N', "an", "numeric[]"},
      {'D', "ad", "date[]"},
      {'B', "ab", "boolean[]"},
      {'U', "au", "uuid[]"},
      {'M', "am", "timestamp without time zone[]"},
      {'E', "ae", "public.mood[]"},
  };
  return columns;
}

} // namespace weir::test
