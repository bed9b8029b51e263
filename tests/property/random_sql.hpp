#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/random.hpp"
#include "tests/property/columns_of_all_types.hpp"

namespace weir::test {

/// Expressions as people write them: text, with types that meet as they may, strings without type, and faults.
class random_sql {
public:
  explicit random_sql(seeded_random& random) : random_(random) {}

  std::string any(int depth) {
    constexpr std::string_view kinds = "bbbbbiinnnfsssssddttmmmzzvvvucejkgg";
    return of(kinds[random_.below(kinds.size())], depth);
  }

private:
  /// Most of the time of the kind.
  std::string of(char kind, int depth) {
    if (random_.chance(1, 60)) return any(depth);
    if (depth <= 0 || random_.chance(1, 6)) return leaf(kind);
    --depth;
    if (kind == 'j' || kind == 'k') return document(kind, depth);
    if (is_array(kind)) return leaf(kind);
    if (random_.chance(1, 8)) return choice(kind, depth);
    switch (kind) {
      case 'b': return boolean(depth);
      case 'i':
      case 'n':
      case 'f': return number(kind, depth);
      case 's': return text(depth);
      case 'd': return date(depth);
      case 't': return time(depth);
      case 'm': return timestamp(depth);
      case 'z': return zoned(depth);
      case 'v': return interval(depth);
      default: return leaf(kind);
    }
  }

  template <std::size_t N>
  std::string pick(const char* const (&from)[N]) {
    return from[random_.below(N)];
  }

  char any_of(std::string_view kinds) { return kinds[random_.below(kinds.size())]; }
  std::string numeric(int depth) { return of(any_of("iinnf"), depth); }

  std::string leaf(char kind) {
    if (random_.chance(1, 3)) return literal(kind);
    std::vector<std::string> names;
    for (const auto& c : columns_of_all_types())
      if (c.kind == kind) names.push_back(c.name);
    auto name = names[random_.below(names.size())];
    return random_.chance(1, 8) ? "t." + name : name;
  }

  std::string literal(char kind) {
    if (random_.chance(1, 15)) return "null";
    switch (kind) {
      case 'b': return pick({"true", "false", "'t'", "'yes'::boolean"});
      case 'i': return pick({"0", "1", "7", "-3", "100", "32768", "2147483648", "'5'", "smallint '12'", "3::bigint"});
      case 'n': return pick({"1.5", "0.00", "-2.25", "1e3", "'1.50'", "numeric '7.125'", "2.5::numeric(4,1)"});
      case 'f': return pick({"1.5::real", "'2.5'::float8", "double precision '0.1'", "'NaN'"});
      case 's': return pick({"''", "'a'", "'Ab'", "'eu'", "text 'b'", "'a'::varchar(3)", "'%b'", "'12'"});
      case 'g': return pick({"'AB'", "'ab'", "'äÖ'", "'EU'", "''", "'ς'", "'12'"});
      case 'd': return pick({"'2024-02-29'", "date '2024-01-31'", "'2000-01-01'::date", "date 'infinity'"});
      case 't': return pick({"'12:00'", "time '23:59:59.5'", "time '00:00'"});
      case 'm': return pick({"'2024-02-29 12:00:00'", "timestamp '2024-01-31 23:00:00'", "timestamp '1999-12-31'"});
      case 'z': return pick({"'2024-02-29 12:00:00+00'", "timestamptz '2024-01-31 23:00:00+02'"});
      case 'v':
        return pick({"'1 day'", "interval '1 month'", "interval '01:30:00'", "interval '2 years -3 days'",
                     "'36:00:00'::interval", "interval '15 minutes'"});
      case 'u': return pick({"'00000000-0000-0000-0000-000000000000'", "uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff'"});
      case 'c': return pick({"'a'", "'ab  '", "'abcd'"});
      case 'e': return pick({"'sad'", "'ok'", "'happy'"});
      case 'j':
        return pick({"'{}'", "'{\"a\": 1}'::jsonb", "jsonb '[1, \"b\", null]'", "'\"b\"'::jsonb", "'1.0'::jsonb",
                     "'{\"b\": [1.00], \"a\": {\"c\": \"x\\ty\"}, \"b\": 1e2}'::jsonb", "'[[1]]'::jsonb"});
      case 'k': return pick({"'{\"a\" : 1, \"a\": [2 ]}'::json", "json ' [1, {\"b\": null}]'", "'\"\\u0041\"'::json"});
      case 'I': return pick({"'{1,2}'::int[]", "array[1, 2]", "array[7, null, -3]", "'{ 12 , NULL}'::integer[]"});
      case 'L': return pick({"'{1,2}'::bigint[]", "array[1, 32768::bigint]", "array[2147483648, null]"});
      case 'S':
        return pick({"'{a,\"b c\"}'::text[]", "array['a', 'Ab']", "array['', null, 'x\"y']", "array[text 'b', '12']"});
      case 'V': return pick({"'{a,eu}'::varchar[]", "'{NULL,Ab}'::varchar[]"});
      case 'N': return pick({"array[1.5, 1]", "'{1.50,NULL}'::numeric[]", "array[0.01, 100, 99999.990]"});
      case 'D': return pick({"array[date '2024-02-29', '2000-01-01']", "'{2024-01-31,2024-02-29}'::date[]"});
      case 'B': return pick({"array[true, null]", "'{t,f}'::boolean[]"});
      case 'U': return pick({"'{00000000-0000-0000-0000-000000000000}'::uuid[]"});
      case 'M': return pick({"array[timestamp '2024-02-29 12:00:00', '1999-12-31']"});
      default: return pick({"'x'", "'\\x00ff'", "'10.0.0.1'"});
    }
  }

  std::string choice(char kind, int depth) {
    switch (random_.below(6)) {
      case 0: return fmt::format("coalesce({}, {})", of(kind, depth), of(kind, depth));
      case 1: return fmt::format("nullif({}, {})", of(kind, depth), of(kind, depth));
      case 2: return fmt::format("greatest({}, {})", of(kind, depth), of(kind, depth));
      case 3:
        return fmt::format("case {} when {} then {} else {} end", of(kind, depth), of(kind, depth), of(kind, depth),
                           of(kind, depth));
      default:
        return fmt::format("case when {} then {} when {} then {} end", of('b', depth), of(kind, depth), of('b', depth),
                           of(kind, depth));
    }
  }

  std::string boolean(int depth) {
    const char kind = any_of("biinnfssddttmmzzvvvucceexjggg");
    switch (random_.below(23)) {
      case 22: return rows(depth);
      case 0: return fmt::format("({} {} {})", of('b', depth), pick({"and", "or"}), of('b', depth));
      case 1: return fmt::format("(not {})", of('b', depth));
      case 2: return fmt::format("({} is {}null)", of(kind, depth), pick({"", "not "}));
      case 3: return fmt::format("({} is {}distinct from {})", of(kind, depth), pick({"", "not "}), of(kind, depth));
      case 4:
        return fmt::format("({} {}in ({}, {}, {}{}))", of(kind, depth), pick({"", "not "}), leaf(kind), leaf(kind),
                           of(kind, depth), random_.chance(1, 3) ? more(kind) : "");
      case 5:
        return fmt::format("({} {}between {} and {})", of(kind, depth), pick({"", "not "}), of(kind, depth),
                           of(kind, depth));
      case 6: return fmt::format("({} {}like {})", string(depth), pick({"", "not "}), leaf(any_of("sssg")));
      case 7: return fmt::format("({}{} ilike {})", string(depth), pick({"", " collate \"C\""}), leaf(any_of("sssg")));
      case 9:
      case 10: return fmt::format("({} {} {})", string(depth), pick({"~", "!~"}), pattern());
      case 11:
        return fmt::format("({} collate \"C\" {} {})", string(depth), pick({"~", "~*", "!~*"}),
                           random_.chance(1, 2) ? pattern() : bytewise_pattern());
      case 12: return fmt::format("({} {}{})", string(depth), pick({"", "not "}), escaped());
      case 13:
      case 14: return document_test(depth);
      case 15:
      case 16:
      case 17: return array_test(depth);
      case 8: return fmt::format("({} collate \"C\" {} {})", string(depth), pick({"<", ">=", "="}), string(depth));
      default:
        return fmt::format("({} {} {})", of(kind, depth), pick({"=", "<>", "<", "<=", ">", ">=", "!=", "="}),
                           is_number(kind)                       ? numeric(depth)
                           : kind == 'g' && random_.chance(1, 4) ? of('s', depth)
                                                                 : of(kind, depth));
    }
  }

  /// Enough of a list to be searched by a hash.
  std::string more(char kind) {
    std::string out;
    for (int i = 0; i < 10; ++i) out += ", " + literal(kind);
    return out;
  }

  std::string rows(int depth) {
    const char first = any_of("iinndmtbs");
    const char second = any_of("iindmzvsu");
    const auto row = [&] {
      return fmt::format("{}({}, {})", pick({"", "", "row"}), of(first, depth), of(second, depth));
    };
    switch (random_.below(4)) {
      case 0: return fmt::format("({} {}in ({}, {}))", row(), pick({"", "not "}), row(), row());
      case 1: return fmt::format("({} is {}distinct from {})", row(), pick({"", "not "}), row());
      case 2: return fmt::format("({} is {}null)", row(), pick({"", "not "}));
      default: return fmt::format("({} {} {})", row(), pick({"=", "<>", "<", "<=", ">", ">="}), row());
    }
  }

  std::string pattern() {
    return pick({"'^a'", "'b$'", "'^[A-Za-z]+$'", "'a|^$'", "'(a|e)u'", "'[^a]'", "'e.?'", "'^.{2,4}$'", "'\\.'",
                 "'^(?:a|b)*$'", "'[0-9]{2}'", "'a{'", "'^[]a]'", "'[a-]'", "''", "'x*?$'", "null", "'1?\\.50'",
                 "text 'u'"});
  }
  std::string bytewise_pattern() {
    return pick({"'\\d'", "'^\\w+$'", "'\\s$'", "'[[:upper:]]'", "'^[[:alpha:]\\d]*$'", "'\\D'", "'\\W'",
                 "'[^[:space:]]'", "'ZE'", "'^[a-e]'", "'[^A]'"});
  }

  /// like, ilike and similar to with another escape character; similar to without one.
  std::string escaped() {
    return pick({"like 'a!%' escape '!'", "like '_!_' escape ''", "like '%b' escape '%'", "like 'A\\b' escape 'x'",
                 "similar to 'a%'", "similar to '(a|e)u?'", "similar to '_{2}'", "similar to '[A-Z]%'",
                 "similar to '1_50'", "similar to 'a!%' escape '!'", "similar to '1.50' escape ''",
                 "similar to '%[^b]'", "similar to 'a\\b'", "similar to 'x$'"});
  }

  std::string key() { return pick({"'a'", "'b'", "'c'", "'n'", "''", "'x\ty'", "'ä'", "null"}); }
  std::string place() { return pick({"0", "1", "-1", "-2", "5", "i2", "'0'"}); }
  std::string path() {
    return pick({"'{a}'", "'{a,b}'", "'{b,0}'", "'{b,-1}'", "array['a', 'c']", "'{a,NULL}'", "'{1}'"});
  }
  std::string keys() { return pick({"'{a}'", "array['a', 'b']", "'{x,NULL}'", "'{}'", "array['c', 'b', 'a']"}); }

  std::string document(char kind, int depth) {
    switch (random_.below(6)) {
      case 0: return fmt::format("({} -> {})", of(kind, depth), random_.chance(1, 8) ? of('s', 0) : key());
      case 1: return fmt::format("({} -> {})", of(kind, depth), place());
      case 2: return fmt::format("({} #> {})", of(kind, depth), path());
      case 3: return fmt::format("({} -> {} -> {})", of(kind, depth), key(), random_.chance(1, 2) ? key() : place());
      default: return leaf(kind);
    }
  }

  std::string document_test(int depth) {
    switch (random_.below(5)) {
      case 0: return fmt::format("({} ? {})", of('j', depth), key());
      case 1: return fmt::format("({} {} {})", of('j', depth), pick({"?|", "?&"}), keys());
      case 2: return fmt::format("({} {} {})", of('j', depth), pick({"=", "<>"}), of('j', depth));
      case 3: return fmt::format("({} -> {})::boolean", of('j', depth), key());
      default: return fmt::format("({} {} {})", of('j', depth), pick({"@>", "<@"}), of('j', depth));
    }
  }

  static bool is_array(char kind) { return kind >= 'A' && kind <= 'Z'; }
  char element_of(char kind) {
    switch (kind) {
      case 'I':
      case 'L': return any_of("iin");
      case 'V': return 's';
      default: return static_cast<char>(kind | 0x20);
    }
  }

  std::string array_test(int depth) {
    const char kind = any_of("IIILSSSVNNDBUME");
    const auto value = [&] { return of(element_of(kind), depth); };
    switch (random_.below(5)) {
      case 0: return fmt::format("({} {} {})", of(kind, depth), pick({"@>", "<@", "&&"}), of(kind, depth));
      case 1: return fmt::format("({} {} {})", of(kind, depth), pick({"=", "<>"}), of(kind, depth));
      case 2: return fmt::format("({} <> all ({}))", value(), of(kind, depth));
      default: return fmt::format("({} = any ({}))", value(), of(kind, depth));
    }
  }

  std::string element(char kind, int) {
    const auto place = pick({"1", "2", "3", "0", "i2", "-1"});
    auto array = leaf(kind);
    return fmt::format("{}[{}]", array.find_first_of("'[. ") == std::string::npos ? array : "(" + array + ")", place);
  }

  static bool is_number(char kind) { return kind == 'i' || kind == 'n' || kind == 'f'; }

  std::string number(char kind, int depth) {
    switch (random_.below(19)) {
      case 14: return kind == 'n' ? element('N', depth) : element(any_of("IL"), depth);
      case 15:
        return fmt::format("({} ->> {})::{}", of(any_of("jk"), depth), key(), pick({"integer", "numeric", "bigint"}));
      case 16:
        return fmt::format("({} -> {})::{}", of('j', depth), key(),
                           pick({"integer", "numeric", "smallint", "float8", "numeric(8,3)", "real", "bigint"}));
      case 17:
        return fmt::format("{}({})", random_.chance(1, 2) ? "jsonb_array_length" : "json_array_length",
                           of(any_of("jk"), depth));
      case 18: {
        const auto array = leaf(any_of("ILSVNDBUME"));
        return random_.chance(1, 2) ? fmt::format("cardinality({})", array)
                                    : fmt::format("array_length({}, {})", array, random_.below(3));
      }
      case 0: return fmt::format("(- {})", of(kind, depth));
      case 1: return fmt::format("abs({})", of(kind, depth));
      case 2: return fmt::format("{}({})", pick({"round", "ceil", "floor", "trunc", "sign"}), numeric(depth));
      case 3: return fmt::format("round({}, {})", numeric(depth), random_.below(4));
      case 4:
        return fmt::format("{}::{}", of(any_of("iinnfb"), depth),
                           pick({"smallint", "integer", "bigint", "numeric", "numeric(8,3)", "real", "float8"}));
      case 5: return fmt::format("length({})", of('s', depth));
      case 6: return fmt::format("extract({} from {})", field(), of(any_of("ddtmmvvz"), depth));
      case 7: return fmt::format("date_part('{}', {})", field(), of(any_of("dtmvz"), depth));
      case 8: return fmt::format("({} - {})", of('d', depth), of('d', depth));
      case 9: return fmt::format("mod({}, {})", of('i', depth), numeric(depth));
      default: return fmt::format("({} {} {})", of(kind, depth), pick({"+", "-", "*", "/", "%"}), numeric(depth));
    }
  }

  std::string field() {
    return pick({"year", "month", "day", "hour", "minute", "second", "milliseconds", "microseconds", "epoch", "dow",
                 "isodow", "doy", "week", "isoyear", "quarter", "decade", "century", "millennium", "julian"});
  }

  std::string string(int depth) { return of(any_of("sssg"), depth); }

  std::string text(int depth) {
    switch (random_.below(14)) {
      case 9:
      case 10: return fmt::format("({} ->> {})", of(any_of("jjk"), depth), random_.chance(1, 2) ? key() : place());
      case 11: return fmt::format("({} #>> {})", of(any_of("jjk"), depth), path());
      case 12:
        return random_.chance(1, 2) ? element(any_of("SSV"), depth) : fmt::format("{}::text", of(any_of("jk"), depth));
      case 13: return fmt::format("{}({})", pick({"jsonb_typeof", "json_typeof"}), of(any_of("jk"), depth));
      case 0: return fmt::format("({} || {})", string(depth), string(depth));
      case 1: return fmt::format("{}({} collate \"C\")", pick({"lower", "upper", "initcap"}), string(depth));
      case 2: return fmt::format("substring({} from {} for {})", of('s', depth), random_.below(4), random_.below(4));
      case 3: return fmt::format("concat({}, {})", of(any_of("bindtmvusg"), depth), leaf('s'));
      case 4: return fmt::format("{}({})", pick({"trim", "lower", "upper", "left(g1, 2) || trim"}), string(depth));
      case 5: return fmt::format("{}::varchar(4)", of(any_of("sicg"), depth));
      case 6: return fmt::format("cast({} as text)", of(any_of("bindtmvucsg"), depth));
      default: return fmt::format("{}::text", of(any_of("infdtmvucb"), depth));
    }
  }

  std::string date(int depth) {
    switch (random_.below(6)) {
      case 0: return fmt::format("({} {} {})", of('d', depth), pick({"+", "-"}), of('i', depth));
      case 1: return fmt::format("({} + {})", leaf('i'), of('d', depth)); // which of two faults is told, see the docs
      case 2: return fmt::format("make_date({}, {}, {})", 1900 + random_.below(200), of('i', depth), random_.below(31));
      case 3: return fmt::format("cast({} as date)", of('m', depth));
      default: return fmt::format("({} {} {})", of('d', depth), pick({"+", "-"}), random_.below(40));
    }
  }

  std::string time(int depth) {
    switch (random_.below(4)) {
      case 0: return fmt::format("{}::time", of('m', depth));
      case 1: return fmt::format("({} + {})", leaf('v'), of('t', depth));
      default: return fmt::format("({} {} {})", of('t', depth), pick({"+", "-"}), leaf('v'));
    }
  }

  std::string timestamp(int depth) {
    switch (random_.below(8)) {
      case 0: return fmt::format("({} + {})", of('d', depth), of('t', depth));
      case 1: return fmt::format("({} {} {})", of('d', depth), pick({"+", "-"}), of('v', depth));
      case 2: return fmt::format("({} + {})", leaf('v'), of('m', depth));
      case 3: return fmt::format("date_trunc('{}', {})", field(), of('m', depth));
      case 4: return fmt::format("({} at time zone {})", of('z', depth), zone());
      case 5: return fmt::format("{}::timestamp", of('d', depth));
      default: return fmt::format("({} {} {})", of('m', depth), pick({"+", "-"}), of('v', depth));
    }
  }

  std::string zone() {
    return random_.below(2) == 0 ? named_zone()
                                 : pick({"'UTC'", "'utc'", "interval '02:00'", "interval '-05:30'", "'GMT'"});
  }
  /// With a day that was left out, half an hour of summer time, summer time below zero, odd offsets.
  std::string named_zone() {
    return pick({"'Europe/Berlin'", "'america/new_york'", "'Pacific/Apia'", "'Australia/Lord_Howe'", "'Europe/Dublin'",
                 "'Africa/Casablanca'", "'Asia/Kathmandu'", "'America/Sao_Paulo'", "'Etc/GMT+5'", "'Asia/Tehran'"});
  }

  std::string zoned(int depth) {
    switch (random_.below(4)) {
      case 0: return fmt::format("({} at time zone {})", of('m', depth), zone());
      case 1:
        return fmt::format("date_trunc('{}', {}, {})", field(), of('z', depth),
                           random_.below(2) == 0 ? "'UTC'" : named_zone());
      default: return fmt::format("({} {} interval '05:00:00')", of('z', depth), pick({"+", "-"}));
    }
  }

  std::string interval(int depth) {
    switch (random_.below(9)) {
      case 0: return fmt::format("({} - {})", of('m', depth), of(any_of("mmd"), depth));
      case 1: return fmt::format("({} - {})", of('z', depth), of('z', depth));
      case 2: return fmt::format("({} - {})", of('t', depth), of('t', depth));
      case 3: return fmt::format("({} {} {})", of('v', depth), pick({"*", "/"}), numeric(depth));
      case 4: return fmt::format("({} * {})", numeric(depth), of('v', depth));
      case 5: return fmt::format("(- {})", of('v', depth));
      case 6: return fmt::format("date_trunc('{}', {})", field(), of('v', depth));
      case 7: return fmt::format("{}::interval", of('t', depth));
      default: return fmt::format("({} {} {})", of('v', depth), pick({"+", "-"}), of('v', depth));
    }
  }

  seeded_random& random_;
};

} // namespace weir::test
