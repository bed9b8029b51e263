#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/random.hpp"
#include "runtime/base/sql_quoter.hpp"
#include "runtime/rows/column.hpp"

namespace weir::test {

inline constexpr std::array<type_id, 15> all_types{
    type_id::boolean,   type_id::int2,        type_id::int4, type_id::int8,    type_id::numeric,
    type_id::float4,    type_id::float8,      type_id::text, type_id::varchar, type_id::date,
    type_id::timestamp, type_id::timestamptz, type_id::uuid, type_id::time,    type_id::interval};

/// Quotes as SQL's standard has it; enough for a server with standard_conforming_strings.
class plain_quoter final : public sql_quoter {
public:
  std::string identifier(std::string_view name) const override { return doubled(name, '"'); }
  std::string literal(std::string_view text) const override { return doubled(text, '\''); }

private:
  static std::string doubled(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
      if (c == quote) out.push_back(quote);
      out.push_back(c);
    }
    return out + quote;
  }
};

/// Texts of random values, with many of those at which arithmetic and printing go wrong.
class samples {
public:
  explicit samples(seeded_random& random) : random_(random) {}

  std::string of(type_id id) {
    switch (id) {
      case type_id::boolean: return pick({"t", "f"});
      case type_id::int2: return integer(INT16_MIN, INT16_MAX);
      case type_id::int4: return integer(INT32_MIN, INT32_MAX);
      case type_id::int8: return integer(INT64_MIN, INT64_MAX);
      case type_id::numeric: return numeric();
      case type_id::float4: return float4();
      case type_id::float8: return float8();
      case type_id::text: return word(12);
      case type_id::varchar: return word(10);
      case type_id::date: return date();
      case type_id::timestamp: return moment("");
      case type_id::timestamptz: return moment("+00");
      case type_id::uuid: return uuid();
      case type_id::time: return time();
      case type_id::interval: return interval();
      default: break;
    }
    return {};
  }

  /// Of like: marks, escapes and the letters of words.
  std::string pattern() {
    static constexpr std::array<const char*, 9> parts{"%", "%", "_", "a", "b", "é", "\\", "%", "€"};
    std::string out;
    for (std::uint64_t i = random_.below(6); i > 0; --i) out += parts[random_.below(parts.size())];
    return out;
  }

private:
  template <std::size_t N>
  std::string pick(const char* const (&from)[N]) {
    return from[random_.below(N)];
  }

  std::string digits(std::uint64_t count) {
    std::string out;
    for (std::uint64_t i = 0; i < count; ++i) out.push_back(static_cast<char>('0' + random_.below(10)));
    return out;
  }

  std::string integer(std::int64_t least, std::int64_t most) {
    switch (random_.below(4)) {
      case 0: {
        const std::array<std::int64_t, 7> edges{least, least + 1, most, most - 1, 0, 1, -1};
        return fmt::format("{}", edges[random_.below(edges.size())]);
      }
      case 1: {
        const auto range = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least);
        return fmt::format("{}", static_cast<std::int64_t>(static_cast<std::uint64_t>(least) + random_.below(range)));
      }
      case 2: return fmt::format("{}", static_cast<std::int64_t>(random_.below(400)) - 200);
      default: return fmt::format("{}", static_cast<std::int64_t>(random_.below(10)) - 4);
    }
  }

  std::string numeric() {
    const std::string sign = random_.chance(1, 2) ? "-" : "";
    switch (random_.below(10)) {
      case 0: return pick({"NaN", "Infinity", "-Infinity", "0", "0.000", "1", "-1", "1.0", "-0.0001", "9999", "10000"});
      case 1: // around the bounds of the small form: 2^126 = 85070591730234615865843651857942052864
        return sign + pick({"85070591730234615865843651857942052863", "85070591730234615865843651857942052864",
                            "8507059173023461586584365185794205286.5", "99999999999999999999999999999999999999",
                            "9223372036854775807", "9223372036854775808", "0.00000000000000000000000000000000000001"});
      case 2: return sign + "1" + digits(random_.below(60)) + "." + digits(1 + random_.below(60));
      case 3: return sign + "0." + std::string(random_.below(40), '0') + digits(1 + random_.below(5));
      case 4: return sign + "7" + digits(random_.below(18)) + std::string(random_.below(300), '0');
      case 5: return sign + "3" + digits(random_.below(20)) + "." + digits(1 + random_.below(20));
      default: return sign + fmt::format("{}.{}", random_.below(100000), digits(1 + random_.below(4)));
    }
  }

  std::string float8() {
    switch (random_.below(5)) {
      case 0:
        return pick({"NaN",
                     "Infinity",
                     "-Infinity",
                     "0",
                     "-0",
                     "1",
                     "-1",
                     "1e308",
                     "1.7976931348623157e308",
                     "5e-324",
                     "2.2250738585072014e-308",
                     "0.1",
                     "1e23",
                     "9007199254740993",
                     "123456789012345680",
                     "1e15",
                     "999999999999999.9",
                     "0.0001",
                     "0.00009999999999999999",
                     "4503599627370496.5"});
      case 1: return fmt::format("{}", static_cast<double>(random_.next()) / static_cast<double>(random_.next() | 1));
      case 2: return fmt::format("{}.{}", random_.below(1000), digits(2));
      case 3: return fmt::format("{}", static_cast<std::int64_t>(random_.below(21)) - 10);
      default: return bits<double, std::uint64_t>();
    }
  }

  std::string float4() {
    switch (random_.below(5)) {
      case 0:
        return pick({"NaN", "Infinity", "-Infinity", "0", "-0", "1", "-1", "1e38", "3.4028235e38", "1e-45",
                     "1.1754944e-38", "0.1", "1e10", "16777217", "1e6", "999999.9", "0.0001", "0.000099999"});
      case 1: return fmt::format("{}.{}", random_.below(1000), digits(2));
      case 2: return fmt::format("{}", static_cast<std::int64_t>(random_.below(21)) - 10);
      default: return bits<float, std::uint32_t>();
    }
  }

  template <class Float, class Bits>
  std::string bits() {
    const auto raw = static_cast<Bits>(random_.next());
    Float value;
    std::memcpy(&value, &raw, sizeof value);
    return value == value ? fmt::format("{}", value) : "NaN";
  }

  std::string word(std::uint64_t longest) {
    static constexpr std::array<const char*, 10> letters{"a", "b", "B", "é", "ß", " ", "'", "\\", "1", "€"};
    if (random_.chance(1, 3)) return pick({"", "a", "b", "ab", "eu", "us"});
    std::string out;
    for (std::uint64_t i = random_.below(longest); i > 0; --i) out += letters[random_.below(letters.size())];
    return out;
  }

  std::string year_month_day(std::uint64_t last_year) {
    const auto year = random_.chance(1, 3) ? 1 + random_.below(last_year) : 1990 + random_.below(50);
    return fmt::format("{:04}-{:02}-{:02}", year, 1 + random_.below(12), 1 + random_.below(28));
  }

  std::string date() {
    if (random_.chance(1, 4)) {
      return pick({"infinity", "-infinity", "2000-01-01", "4714-11-24 BC", "5874897-12-31", "2024-02-29", "0001-01-01",
                   "0001-12-31 BC", "294276-12-31", "294277-01-01", "1900-02-28", "10000-01-01"});
    }
    return random_.chance(1, 10) ? year_month_day(4700) + " BC" : year_month_day(200000);
  }

  std::string moment(const std::string& zone) {
    if (random_.chance(1, 4)) {
      if (random_.chance(1, 3)) return pick({"infinity", "-infinity"});
      if (random_.chance(1, 2)) return "4714-11-24 00:00:00" + zone + " BC";
      return pick({"294276-12-31 23:59:59.999999", "1999-12-31 23:59:59.999999", "2000-01-01 00:00:00",
                   "0001-01-01 00:00:00", "1970-01-01 00:00:00.000001", "10000-01-01 12:00:00"}) +
             zone;
    }
    auto out = year_month_day(random_.chance(1, 2) ? 3000 : 290000);
    const bool early = random_.chance(1, 10) && out.size() == 10 && out < "4700";
    out += fmt::format(" {:02}:{:02}:{:02}", random_.below(24), random_.below(60), random_.below(60));
    if (random_.chance(1, 2)) out += "." + digits(1 + random_.below(6));
    return out + zone + (early ? " BC" : "");
  }

  std::string time() {
    if (random_.chance(1, 4)) return pick({"00:00:00", "24:00:00", "23:59:59.999999", "12:00:00", "00:00:00.000001"});
    auto out = fmt::format("{:02}:{:02}:{:02}", random_.below(24), random_.below(60), random_.below(60));
    return random_.chance(1, 2) ? out + "." + digits(1 + random_.below(6)) : out;
  }

  /// Often one that equals another interval of other parts: 1 mon, 30 days, 720 hours.
  std::string interval() {
    switch (random_.below(6)) {
      case 0:
        return pick({"00:00:00", "1 day", "24:00:00", "1 mon", "30 days", "720:00:00", "-1 days +24:00:00", "1 year",
                     "360 days", "-00:00:00.000001", "178956970 years 7 mons 2147483647 days 2562047788:00:54.775807",
                     "-178956970 years -8 mons -2147483648 days", "1 mon -30 days", "-1 mons +30 days"});
      case 1: return fmt::format("{} days", static_cast<std::int64_t>(random_.below(3000000)) - 1500000);
      case 2: return fmt::format("{} mons", static_cast<std::int64_t>(random_.below(100000)) - 50000);
      default: break;
    }
    std::string out;
    const auto part = [&](std::uint64_t range, const char* unit) {
      if (random_.chance(1, 2)) return;
      out += fmt::format("{} {} ",
                         static_cast<std::int64_t>(random_.below(2 * range)) - static_cast<std::int64_t>(range), unit);
    };
    part(20, "years");
    part(15, "mons");
    part(40, "days");
    if (!out.empty() && random_.chance(1, 2)) return out;
    return out + (random_.chance(1, 3) ? "-" : "") +
           fmt::format("{:02}:{:02}:{:02}.{}", random_.below(random_.chance(1, 3) ? 3000 : 24), random_.below(60),
                       random_.below(60), digits(1 + random_.below(6)));
  }

  std::string uuid() {
    if (random_.chance(1, 2))
      return pick({"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"});
    const auto a = random_.next();
    const auto b = random_.next();
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xffff, b >> 48,
                       b & 0xffffffffffff);
  }

  seeded_random& random_;
};

} // namespace weir::test
