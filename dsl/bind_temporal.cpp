#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/identifier.hpp"
#include "runtime/expr/time_zone.hpp"
#include "runtime/rows/interval_text.hpp"

// Dates, times and intervals: their arithmetic, fields, units and zones.
namespace weir::dsl {
namespace {

bool is_small_integer(type_id type) noexcept { return type == type_id::int2 || type == type_id::int4; }

/// The interval that a literal is.
std::optional<interval> literal_interval(const expression& e) {
  interval value;
  if (e.op != operation::literal || e.literal_is_null || e.type.id != type_id::interval) return std::nullopt;
  if (parse_interval(e.literal_text, value) != parse_outcome::ok) return std::nullopt;
  return value;
}

/// What PostgreSQL takes a string or a null for beside a value of the type: the type itself if the operator has it,
/// else the one that can stand there.
std::optional<type_id> untyped_beside(operation op, type_id typed, bool typed_is_left) {
  switch (op) {
    case operation::subtract: return typed;
    case operation::add:
      if (typed == type_id::date) return std::nullopt; // an integer, a time or an interval
      return type_id::interval;
    case operation::multiply: return typed == type_id::interval ? std::optional(type_id::float8) : std::nullopt;
    case operation::divide:
      return typed == type_id::interval && typed_is_left ? std::optional(type_id::float8) : std::nullopt;
    default: return std::nullopt;
  }
}

/// Does PostgreSQL compute its operator by the one with the sides swapped? Then the right side is the first to fail.
bool is_swapped(operation op, type_id left, type_id right) noexcept {
  if (op != operation::add) return false;
  if (left == type_id::interval) return right != type_id::interval;
  return right == type_id::date && (is_integer(left) || left == type_id::time);
}

} // namespace

std::optional<operand> expression_binder::temporal_call(function f, type_id type, operand left, type_id right_type,
                                                        operand right, span where) {
  std::vector<expression> args;
  args.push_back(std::move(left.value));
  auto coerced = coerce(std::move(right), right_type);
  if (!coerced) return std::nullopt;
  args.push_back(*std::move(coerced));
  return operand{call_of(f, type, std::move(args)), false, where};
}

/// Days and months of a timestamptz are those of the session's time zone; hours are the same everywhere.
bool expression_binder::check_zoned_shift(const operand& by) {
  const auto span = literal_interval(by.value);
  const bool null = is_null_literal(by.value);
  if (null || (span && span->months == 0 && span->days == 0)) return true;
  report(code::session_dependent, by.where,
         "how long days and months are where a timestamptz is depends on the session's time zone",
         "an interval of hours can be added (interval '24:00:00'); or compute with a timestamp: x at time zone 'UTC'");
  return false;
}

std::optional<operand> expression_binder::temporal_arithmetic(operation op, operand left, operand right, span where) {
  const auto no_such = [&]() -> std::optional<operand> {
    const bool of_bigint = (op == operation::add || op == operation::subtract) && left.value.type.id == type_id::date &&
                           is_number(right.value.type.id);
    return report(code::type_mismatch, where,
                  fmt::format("there is no arithmetic like this for {} and {}", type_text(left), type_text(right)),
                  of_bigint ? "days are an integer: date + x::integer" : "");
  };
  if (left.untyped || right.untyped) {
    auto& open = left.untyped ? left : right;
    const auto typed = left.untyped ? right.value.type.id : left.value.type.id;
    const auto type = untyped_beside(op, typed, right.untyped);
    if (!type)
      return report(code::type_mismatch, open.where, "what this string is cannot be told",
                    "give it a type: interval '1 day', or 1 for a day");
    auto value = coerce(open, *type);
    if (!value) return std::nullopt;
    open = operand{*std::move(value), false, open.where};
  }
  if (is_swapped(op, left.value.type.id, right.value.type.id)) std::swap(left, right);
  const auto a = left.value.type.id;
  const auto b = right.value.type.id;
  const bool minus = op == operation::subtract;
  if (op == operation::multiply && is_number(a) && b == type_id::interval) {
    auto factor = coerce(std::move(left), type_id::float8);
    if (!factor) return std::nullopt;
    return temporal_call(function::times, b, operand{*std::move(factor), false, where}, b, std::move(right), where);
  }
  if (op == operation::multiply || op == operation::divide) {
    if (a != type_id::interval || !is_number(b)) return no_such();
    return temporal_call(op == operation::multiply ? function::times : function::over, type_id::interval,
                         std::move(left), type_id::float8, std::move(right), where);
  }
  if (op != operation::add && !minus) return no_such();
  const auto f = minus ? function::minus : function::plus;
  const auto call = [&](type_id type, type_id right_type) {
    return temporal_call(f, type, std::move(left), right_type, std::move(right), where);
  };
  if (a == type_id::date && is_small_integer(b)) return call(type_id::date, type_id::int4);
  if (!minus && a == type_id::date && b == type_id::time) return call(type_id::timestamp, b);
  if (b == type_id::interval) {
    if (a == type_id::timestamptz && !check_zoned_shift(right)) return std::nullopt;
    if (a == type_id::date) return call(type_id::timestamp, b);
    return is_temporal(a) ? call(a, b) : no_such();
  }
  if (!minus || !is_temporal(a) || !is_temporal(b)) return no_such();
  if (a == b) return call(a == type_id::date ? type_id::int4 : type_id::interval, b);
  if (!is_moment(a) || !is_moment(b)) return no_such();
  if (a == type_id::timestamptz || b == type_id::timestamptz)
    return report(code::session_dependent, where,
                  fmt::format("{} minus {} depends on the session's time zone", type_text(left), type_text(right)),
                  "use values of one type");
  if (a == type_id::date) {
    auto moment = coerce(std::move(left), type_id::timestamp);
    if (!moment) return std::nullopt;
    left = operand{*std::move(moment), false, where};
  }
  return call(type_id::interval, type_id::timestamp);
}

/// The field or unit that the first argument of a call names.
std::optional<calendar_field> expression_binder::field_of(const operand& arg) {
  if (arg.value.op != operation::literal || arg.value.literal_is_null || !is_string(arg.value.type.id))
    return report(code::unknown_field, arg.where, "which field this is has to be written down",
                  "a word or a string: year, month, day, hour …");
  const auto field = field_named(arg.value.literal_text);
  if (field) return field;
  return report(code::unknown_field, arg.where, fmt::format("no field \"{}\"", arg.value.literal_text),
                "there are: microseconds, milliseconds, second, minute, hour, day, week, month, quarter, year, decade, "
                "century, millennium, dow, isodow, doy, isoyear, julian, epoch");
}

std::optional<operand> expression_binder::bind_date_trunc(const syntax_expression& e, std::vector<operand> args) {
  if (args.size() < 2 || args.size() > 3 || args[1].untyped) return no_such_arguments(e, args);
  const auto unit = field_of(args[0]);
  if (!unit) return std::nullopt;
  const auto type = args[1].value.type.id;
  if (type == type_id::date || (type == type_id::timestamptz && args.size() == 2))
    return report(code::session_dependent, args[1].where,
                  fmt::format("date_trunc of {} depends on the session's time zone", type_text(args[1])),
                  type == type_id::date ? "write date_trunc(…, x::timestamp)" : "write date_trunc(…, x, 'UTC')");
  const bool fits =
      args.size() == 3 ? type == type_id::timestamptz : type == type_id::timestamp || type == type_id::interval;
  if (!fits) return no_such_arguments(e, args);
  if (!can_truncate(type, *unit))
    return report(code::unknown_field, args[0].where,
                  fmt::format("{} cannot be cut to \"{}\"", type_text(args[1]), args[0].value.literal_text));
  if (args.size() == 3) {
    if (!args[2].untyped && !is_string(args[2].value.type.id)) return no_such_arguments(e, args);
    if (!check_zone(args[2])) return std::nullopt;
  }
  std::vector<expression> values;
  for (auto& arg : args) values.push_back(std::move(arg.value));
  return operand{call_of(function::date_trunc, type, std::move(values)), false, e.where};
}

std::optional<operand> expression_binder::bind_extract(const syntax_expression& e, std::vector<operand> args) {
  if (args.size() != 2 || args[1].untyped || !is_temporal(args[1].value.type.id)) return no_such_arguments(e, args);
  const auto field = field_of(args[0]);
  if (!field) return std::nullopt;
  const bool exact = e.names[0].text == "extract";
  if (!exact && args[1].value.type.id == type_id::date) { // as PostgreSQL's date_part(text, date)
    auto moment = coerce(std::move(args[1]), type_id::timestamp);
    if (!moment) return std::nullopt;
    args[1] = operand{*std::move(moment), false, e.where};
  }
  const auto type = args[1].value.type.id;
  if (type == type_id::timestamptz && *field != calendar_field::epoch)
    return report(code::session_dependent, args[1].where,
                  fmt::format("the {} of a timestamptz depends on the session's time zone", args[0].value.literal_text),
                  fmt::format("write {}(… x at time zone 'UTC')", e.names[0].text));
  if (!has_field(type, *field))
    return report(code::unknown_field, args[0].where,
                  fmt::format("{} has no field \"{}\"", type_text(args[1]), args[0].value.literal_text));
  std::vector<expression> values;
  for (auto& arg : args) values.push_back(std::move(arg.value));
  auto out = call_of(exact ? function::extract : function::date_part, exact ? type_id::numeric : type_id::float8,
                     std::move(values));
  out.nullable = out.nullable || is_moment(type); // an infinite moment has no month
  if (exact) out.fixed_scale = extract_scale(type, *field);
  return operand{std::move(out), false, e.where};
}

/// UTC, a zone of the time zone files, or an interval. It becomes what is computed with.
bool expression_binder::check_zone(operand& zone) {
  if (const auto offset = literal_interval(zone.value)) {
    if (offset->months == 0 && offset->days == 0) return true;
    report(code::time_zone, zone.where, "an offset has no days and no months", "write interval '02:00:00'");
    return false;
  }
  const bool known = zone.value.op == operation::literal && !zone.value.literal_is_null;
  constexpr std::array<std::string_view, 5> names{"utc", "gmt", "z", "etc/utc", "etc/gmt"};
  const auto folded = known ? fold(zone.value.literal_text) : std::string();
  if (known && std::find(names.begin(), names.end(), folded) != names.end()) {
    zone.value.literal_text = "UTC";
    zone.untyped = false;
    return true;
  }
  if (!known) {
    report(code::time_zone, zone.where, "not supported: a time zone that is not written down",
           "there are 'UTC', names like 'Europe/Berlin', and offsets: interval '02:00:00'");
    return false;
  }
  const auto found = time_zone::find(zone.value.literal_text);
  if (!found) {
    report(code::time_zone, zone.where, found.error().message, found.error().hint);
    return false;
  }
  zone.value.literal_text = (*found)->name();
  zone.untyped = false;
  return true;
}

std::optional<operand> expression_binder::bind_at_zone(const syntax_expression& e, std::vector<operand> args) {
  if (args.size() != 2 || args[1].untyped) return no_such_arguments(e, args);
  const auto type = args[1].value.type.id;
  if (type == type_id::date || type == type_id::time)
    return report(code::session_dependent, args[1].where,
                  fmt::format("{} at a time zone depends on the session's time zone", type_text(args[1])),
                  "cast it: x::timestamp at time zone 'UTC'");
  if (type != type_id::timestamp && type != type_id::timestamptz) return no_such_arguments(e, args);
  const auto zone_type = args[0].value.type.id;
  if (!args[0].untyped && !is_string(zone_type) && zone_type != type_id::interval) return no_such_arguments(e, args);
  if (!check_zone(args[0])) return std::nullopt;
  std::vector<expression> values;
  for (auto& arg : args) values.push_back(std::move(arg.value));
  const auto result = type == type_id::timestamp ? type_id::timestamptz : type_id::timestamp;
  return operand{call_of(function::at_zone, result, std::move(values)), false, e.where};
}

} // namespace weir::dsl
