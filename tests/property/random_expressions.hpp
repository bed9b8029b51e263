#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/random.hpp"
#include "runtime/expr/calendar_field.hpp"
#include "runtime/expr/expression.hpp"
#include "runtime/rows/batch.hpp"
#include "tests/property/expr_samples.hpp"

namespace weir::test {

/// Typed expressions over the columns of a batch, as the binder makes them.
class random_expressions {
public:
  random_expressions(seeded_random& random, const batch& rows) : random_(random), rows_(rows), sample_(random) {}

  expression of(type_id id, int depth) {
    if (depth == 0 || random_.chance(1, 8)) return leaf(id);
    if (random_.chance(1, 6)) return choice(id, depth - 1);
    if (id == type_id::boolean) return boolean(depth - 1);
    if (is_string(id)) return string(id, depth - 1);
    if (is_temporal(id)) return random_.chance(3, 4) ? temporal(id, depth - 1) : leaf(id);
    if (id == type_id::numeric && random_.chance(1, 6)) return field(function::extract, id, depth - 1);
    if (id == type_id::float8 && random_.chance(1, 6)) return field(function::date_part, id, depth - 1);
    if (id == type_id::int4 && random_.chance(1, 8))
      return call(function::minus, id, {of(type_id::date, depth - 1), of(type_id::date, depth - 1)});
    if (id == type_id::uuid && random_.chance(1, 3)) return cast(type_id::text, id, depth - 1);
    if (!is_number(id)) return leaf(id);
    if (random_.chance(1, 6)) return widened(id, depth - 1);
    if (random_.chance(1, 6)) return narrowed(id, depth - 1);
    if (random_.chance(1, 5)) return number(id, depth - 1);
    if (random_.chance(1, 10)) return node(operation::negate, id, {of(id, depth - 1)});
    return node(arithmetic_of(id), id, {of(id, depth - 1), of(id, depth - 1)});
  }

  type_id any_type() { return all_types[random_.below(all_types.size())]; }
  /// Those where most is computed.
  type_id result_type() {
    constexpr std::array<type_id, 22> weighted{
        type_id::boolean,  type_id::boolean,     type_id::boolean,   type_id::numeric,  type_id::numeric, type_id::int2,
        type_id::int4,     type_id::int8,        type_id::float4,    type_id::float8,   type_id::text,    type_id::text,
        type_id::varchar,  type_id::date,        type_id::timestamp, type_id::uuid,     type_id::date,    type_id::time,
        type_id::interval, type_id::timestamptz, type_id::interval,  type_id::timestamp};
    return weighted[random_.below(weighted.size())];
  }

private:
  static expression node(operation op, type_id id, std::vector<expression> args) {
    expression e;
    e.op = op;
    e.type = {id, -1};
    e.args = std::move(args);
    return e;
  }

  operation arithmetic_of(type_id id) {
    constexpr std::array<operation, 5> all{operation::add, operation::subtract, operation::multiply, operation::divide,
                                           operation::modulo};
    return all[random_.below(is_float(id) ? 4 : 5)];
  }

  expression leaf(type_id id) {
    if (random_.chance(1, 4)) {
      auto e = node(operation::literal, id, {});
      e.literal_is_null = random_.chance(1, 12);
      if (!e.literal_is_null) e.literal_text = sample_.of(id);
      return e;
    }
    std::vector<std::int32_t> of_type;
    for (std::size_t i = 0; i < rows_.columns.size(); ++i) {
      if (rows_.columns[i].type.id == id) of_type.push_back(static_cast<std::int32_t>(i));
    }
    auto e = node(operation::column, id, {});
    e.column_index = of_type[random_.below(of_type.size())];
    return e;
  }

  expression cast(type_id from, type_id to, int depth) { return node(operation::cast, to, {of(from, depth)}); }

  expression widened(type_id id, int depth) {
    switch (id) {
      case type_id::int4: return cast(type_id::int2, id, depth);
      case type_id::int8: return cast(random_.chance(1, 2) ? type_id::int2 : type_id::int4, id, depth);
      case type_id::numeric: return cast(random_.chance(1, 2) ? type_id::int8 : type_id::int4, id, depth);
      case type_id::float4: return cast(random_.chance(1, 2) ? type_id::int8 : type_id::numeric, id, depth);
      case type_id::float8: {
        constexpr std::array<type_id, 4> from{type_id::int4, type_id::int8, type_id::numeric, type_id::float4};
        return cast(from[random_.below(from.size())], id, depth);
      }
      default: return of(id, depth);
    }
  }

  expression literal(type_id id, std::string text) {
    auto e = node(operation::literal, id, {});
    e.literal_text = std::move(text);
    return e;
  }

  static expression call(function f, type_id id, std::vector<expression> args) {
    auto e = node(operation::call, id, std::move(args));
    e.function = f;
    return e;
  }

  static bool is_temporal(type_id id) {
    return id == type_id::date || id == type_id::time || id == type_id::timestamp || id == type_id::timestamptz ||
           id == type_id::interval;
  }

  /// An interval that moves most moments to a moment.
  expression small_interval(int depth) {
    if (random_.chance(1, 4)) return of(type_id::interval, depth);
    constexpr std::array<const char*, 10> all{"1 day",
                                              "-1 mons",
                                              "1 mon",
                                              "1 year 2 mons",
                                              "00:00:01",
                                              "-7 days",
                                              "-12 mons +1 days",
                                              "1 mon -1 days -00:30:00",
                                              "24:00:00",
                                              "10 years"};
    return literal(type_id::interval, all[random_.below(all.size())]);
  }

  std::string unit(type_id of, bool to_truncate) {
    constexpr std::array<const char*, 19> all{
        "microseconds", "milliseconds", "second",     "minute", "hour",   "day", "week",    "month",  "quarter", "year",
        "decade",       "century",      "millennium", "dow",    "isodow", "doy", "isoyear", "julian", "epoch"};
    for (;;) {
      const std::string name = all[random_.below(all.size())];
      const auto field = *field_named(name);
      if (to_truncate ? can_truncate(of, field) : has_field(of, field)) return name;
    }
  }

  expression field(function f, type_id id, int depth) {
    constexpr std::array<type_id, 5> all{type_id::date, type_id::time, type_id::timestamp, type_id::timestamptz,
                                         type_id::interval};
    auto from = all[random_.below(all.size())];
    if (f == function::date_part && from == type_id::date) from = type_id::timestamp; // as PostgreSQL's function does
    return call(f, id, {literal(type_id::text, unit(from, false)), of(from, depth)});
  }

  expression at_zone(type_id id, int depth) {
    auto zone = literal(type_id::text, "UTC");
    if (random_.chance(1, 2)) {
      constexpr std::array<const char*, 4> offsets{"02:00:00", "-03:30:00", "00:00:00.5", "14:00:00"};
      zone = literal(type_id::interval, offsets[random_.below(offsets.size())]);
    }
    const auto from = id == type_id::timestamp ? type_id::timestamptz : type_id::timestamp;
    return call(function::at_zone, id, {std::move(zone), of(from, depth)});
  }

  expression temporal(type_id id, int depth) {
    const auto sign = random_.chance(1, 2) ? function::plus : function::minus;
    switch (id) {
      case type_id::date: {
        if (random_.chance(1, 3)) return cast(type_id::timestamp, id, depth);
        if (random_.chance(1, 4))
          return call(function::make_date, id,
                      {literal(type_id::int4, fmt::format("{}", static_cast<int>(random_.below(9000)) - 4800)),
                       small_integer(depth), small_integer(depth)});
        return call(sign, id, {of(id, depth), of(type_id::int4, depth)});
      }
      case type_id::time: {
        if (random_.chance(1, 2)) return call(sign, id, {of(id, depth), of(type_id::interval, depth)});
        if (random_.chance(1, 2)) return cast(type_id::timestamp, id, depth);
        return cast(type_id::interval, id, 0); // of a column: those that overflow in PostgreSQL are computed
      }
      case type_id::timestamp: {
        switch (random_.below(6)) {
          case 0: return cast(type_id::date, id, depth);
          case 1: return call(function::plus, id, {of(type_id::date, depth), of(type_id::time, depth)});
          case 2: return call(sign, id, {of(type_id::date, depth), small_interval(depth)});
          case 3: return at_zone(id, depth);
          case 4: return call(function::date_trunc, id, {literal(type_id::text, unit(id, true)), of(id, depth)});
          default: return call(sign, id, {of(id, depth), small_interval(depth)});
        }
      }
      case type_id::timestamptz: {
        if (random_.chance(1, 2)) return at_zone(id, depth);
        if (random_.chance(1, 2)) return call(sign, id, {of(id, depth), small_interval(depth)});
        return call(function::date_trunc, id,
                    {literal(type_id::text, unit(id, true)), of(id, depth), literal(type_id::text, "UTC")});
      }
      default: break;
    }
    switch (random_.below(8)) {
      case 0: return cast(type_id::time, id, depth);
      case 1: return call(function::minus, id, {of(type_id::timestamp, depth), of(type_id::timestamp, depth)});
      case 2: return call(function::minus, id, {of(type_id::timestamptz, depth), of(type_id::timestamptz, depth)});
      case 3: return call(function::minus, id, {of(type_id::time, depth), of(type_id::time, depth)});
      case 4:
        return call(random_.chance(1, 2) ? function::times : function::over, id,
                    {of(id, depth), of(type_id::float8, depth)});
      case 5: return node(operation::negate, id, {of(id, depth)});
      case 6: return call(function::date_trunc, id, {literal(type_id::text, unit(id, true)), of(id, depth)});
      default: return call(sign, id, {of(id, depth), of(id, depth)});
    }
  }

  expression text(int depth) { return of(type_id::text, depth); }

  /// A position or a length: mostly one that a short text has.
  expression small_integer(int depth) {
    if (random_.chance(1, 5)) return of(type_id::int4, depth);
    return literal(type_id::int4, fmt::format("{}", static_cast<int>(random_.below(12)) - 4));
  }

  /// case, coalesce, nullif, greatest, least.
  expression choice(type_id id, int depth) {
    switch (random_.below(5)) {
      case 0: {
        auto e = node(operation::case_when, id, {});
        for (auto n = 1 + random_.below(3); n > 0; --n) {
          e.args.push_back(of(type_id::boolean, depth));
          e.args.push_back(of(id, depth));
        }
        e.args.push_back(of(id, depth));
        return e;
      }
      case 1: return node(operation::null_if, id, {of(id, depth), of(id, depth)});
      case 2: return node(operation::coalesce, id, some(id, depth));
      case 3: return node(operation::greatest, id, some(id, depth));
      default: return node(operation::least, id, some(id, depth));
    }
  }

  std::vector<expression> some(type_id id, int depth) {
    std::vector<expression> out;
    for (auto n = 1 + random_.below(3); n > 0; --n) out.push_back(of(id, depth));
    return out;
  }

  expression with_modifier(expression e, std::int32_t typmod) {
    auto out = node(operation::cast, e.type.id, {std::move(e)});
    out.type.typmod = typmod;
    return out;
  }

  expression string(type_id id, int depth) {
    if (id == type_id::varchar) {
      auto e = cast(text_source(), id, depth);
      return random_.chance(1, 2) ? with_modifier(std::move(e), 4 + 1 + static_cast<std::int32_t>(random_.below(8)))
                                  : e;
    }
    switch (random_.below(14)) {
      case 12:
      case 13: {
        constexpr std::array<function, 3> folds{function::lower, function::upper, function::initcap};
        return call(folds[random_.below(3)], id, {text(depth)});
      }
      case 0: return call(function::concatenate, id, {text(depth), text(depth)});
      case 1: return call(function::substring, id, {text(depth), small_integer(depth)});
      case 2: return call(function::substring, id, {text(depth), small_integer(depth), small_integer(depth)});
      case 3:
        return call(random_.chance(1, 2) ? function::left : function::right, id, {text(depth), small_integer(depth)});
      case 4:
      case 5: {
        constexpr std::array<function, 3> all{function::btrim, function::ltrim, function::rtrim};
        auto e = call(all[random_.below(3)], id, {text(depth)});
        if (random_.chance(1, 2)) e.args.push_back(text(depth));
        return e;
      }
      case 6: return call(function::replace, id, {text(depth), text(depth), text(depth)});
      case 7: return call(function::split_part, id, {text(depth), text(depth), small_integer(depth)});
      case 8: {
        auto e = call(function::concat, id, {text(depth)});
        for (auto n = random_.below(3); n > 0; --n) e.args.push_back(of(text_source(), depth));
        return e;
      }
      default: return cast(text_source(), id, depth);
    }
  }

  /// A type whose values have one text in every session.
  type_id text_source() {
    for (;;)
      if (const auto id = any_type(); id != type_id::timestamptz) return id;
  }

  /// A cast that rounds, cuts, reads a text or does not fit.
  expression narrowed(type_id id, int depth) {
    if (id == type_id::int4 && random_.chance(1, 6)) return cast(type_id::boolean, id, depth);
    if (!is_float(id) && random_.chance(1, 4)) {
      auto e = cast(type_id::text, id, depth);
      if (random_.chance(2, 3))
        e.args[0] = literal(type_id::text, sample_.of(random_.chance(1, 2) ? id : type_id::numeric));
      return e;
    }
    constexpr std::array<type_id, 6> numbers{type_id::int2,    type_id::int4,   type_id::int8,
                                             type_id::numeric, type_id::float4, type_id::float8};
    auto e = cast(numbers[random_.below(numbers.size())], id, depth);
    if (id != type_id::numeric || random_.chance(1, 2)) return e;
    const auto precision = 1 + static_cast<std::int32_t>(random_.below(20));
    return with_modifier(std::move(e), ((precision << 16) | static_cast<std::int32_t>(random_.below(8))) + 4);
  }

  expression number(type_id id, int depth) {
    constexpr std::array<function, 6> rounding{function::abs,   function::sign,  function::ceil,
                                               function::floor, function::round, function::trunc};
    if (id == type_id::int4 && random_.chance(2, 3)) {
      switch (random_.below(3)) {
        case 0: return call(function::length, id, {text(depth)});
        case 1: return call(function::octet_length, id, {text(depth)});
        default: return call(function::strpos, id, {text(depth), text(depth)});
      }
    }
    if (id == type_id::numeric && random_.chance(1, 4)) return call(function::div, id, {of(id, depth), of(id, depth)});
    if (id == type_id::numeric && random_.chance(1, 2))
      return call(random_.chance(1, 2) ? function::round : function::trunc, id, {of(id, depth), small_integer(depth)});
    const bool all = id == type_id::numeric || id == type_id::float8;
    return call(all ? rounding[random_.below(rounding.size())] : function::abs, id, {of(id, depth)});
  }

  expression boolean(int depth) {
    switch (random_.below(13)) {
      case 8: {
        const auto id = any_type();
        return node(operation::is_distinct, type_id::boolean, {of(id, depth), of(id, depth)});
      }
      case 9:
        return node(random_.chance(1, 2) ? operation::is_true : operation::is_false, type_id::boolean,
                    {of(type_id::boolean, depth)});
      case 10: return cast(random_.chance(1, 2) ? type_id::int4 : type_id::text, type_id::boolean, depth);
      case 11: {
        auto e =
            call(random_.chance(1, 2) ? function::like : function::ilike, type_id::boolean, {text(depth), text(depth)});
        if (random_.chance(2, 3)) e.args[1] = literal(type_id::text, sample_.pattern());
        return e;
      }
      case 12: return call(function::starts_with, type_id::boolean, {text(depth), text(depth)});
      case 0: return node(operation::logical_not, type_id::boolean, {of(type_id::boolean, depth)});
      case 1:
        return node(random_.chance(1, 2) ? operation::is_null : operation::is_not_null, type_id::boolean,
                    {of(any_type(), depth)});
      case 2:
      case 3: {
        const auto op = random_.chance(1, 2) ? operation::logical_and : operation::logical_or;
        auto e = node(op, type_id::boolean, {of(type_id::boolean, depth), of(type_id::boolean, depth)});
        if (random_.chance(1, 4)) e.args.push_back(of(type_id::boolean, depth));
        return e;
      }
      case 4: {
        const auto id = any_type();
        auto e = node(operation::in_list, type_id::boolean, {of(id, depth)});
        for (auto n = 1 + random_.below(4); n > 0; --n)
          e.args.push_back(random_.chance(1, 2) ? leaf(id) : of(id, depth));
        return e;
      }
      default: {
        constexpr std::array<operation, 6> all{operation::equal,      operation::not_equal, operation::less,
                                               operation::less_equal, operation::greater,   operation::greater_equal};
        const auto id = random_.chance(1, 2) ? any_type() : result_type();
        return node(all[random_.below(all.size())], type_id::boolean, {of(id, depth), of(id, depth)});
      }
    }
  }

  seeded_random& random_;
  const batch& rows_;
  samples sample_;
};

} // namespace weir::test
