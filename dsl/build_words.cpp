#include "dsl/build_words.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "dsl/identifier.hpp"
#include "dsl/secrets.hpp"
#include "runtime/base/suggest.hpp"

namespace weir::dsl {
namespace {

constexpr std::size_t max_name_bytes = 63;
constexpr std::chrono::hours max_duration{24};

/// Milliseconds of a unit of time, 0 if it is none.
double unit_ms(std::string_view unit) noexcept {
  if (unit == "ms") return 1;
  if (unit == "s") return 1000;
  if (unit == "min") return 60'000;
  if (unit == "h") return 3'600'000;
  return 0;
}

/// The unit that another way of writing it means, or "".
std::string usual_unit(std::string_view unit) {
  if (unit == "sec" || unit == "secs" || unit == "second" || unit == "seconds") return "s";
  if (unit == "m" || unit == "mins" || unit == "minute" || unit == "minutes") return "min";
  if (unit == "hour" || unit == "hours") return "h";
  if (unit == "msec" || unit == "millis" || unit == "millisecond" || unit == "milliseconds") return "ms";
  return closest(unit, {"ms", "min"});
}

} // namespace

span word_builder::span_of(const tree& leaf) const {
  const auto content = leaf.string_view();
  const auto begin = static_cast<std::uint32_t>(content.data() - text_.data());
  return {file_, begin, begin + static_cast<std::uint32_t>(content.size())};
}

span word_builder::span_from_to(const tree& node, const tree& last) const {
  const auto begin = static_cast<std::uint32_t>(node.m_begin.data - text_.data());
  return {file_, begin, span_of(last).end};
}

name word_builder::name_from(const tree& word) {
  name out{name_of(word.string_view()), span_of(word)};
  if (out.text.empty()) error(code::syntax, out.where, "a name between double quotes must not be empty");
  if (out.text.size() > max_name_bytes)
    error(code::name_too_long, out.where, fmt::format("this name has {} bytes", out.text.size()),
          fmt::format("names in PostgreSQL have at most {}", max_name_bytes));
  return out;
}

conninfo_text word_builder::conninfo_from(const tree& quoted) {
  conninfo_text out{name_of(quoted.string_view()), span_of(quoted)};
  if (holds_secret(out.text))
    report(severity::warning, code::password_in_file, out.where, "a password is written in a definition file",
           "use a passfile (~/.pgpass), a service (pg_service.conf) or the environment (PGPASSWORD)");
  return out;
}

std::string word_builder::string_from(const tree& literal) {
  const auto written = literal.string_view();
  std::string out;
  for (std::size_t i = 1; i + 1 < written.size(); ++i) {
    out += written[i];
    if (written[i] == '\'') ++i;
  }
  return out;
}

std::optional<std::chrono::milliseconds> word_builder::duration_from(const tree& duration) {
  const tree& number = *duration.children[0];
  const tree& unit = *duration.children[1];
  const auto text = fold(unit.string_view());
  const double scale = unit_ms(text);
  if (scale == 0) {
    const auto meant = usual_unit(text);
    error(code::bad_value, span_of(unit), fmt::format("unknown unit of time \"{}\"", text.substr(0, 40)),
          meant.empty() ? "there are: ms, s, min, h" : fmt::format("did you mean \"{}\"?", meant));
    return std::nullopt;
  }
  const auto digits = number.string_view();
  double amount = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), amount);
  const double ms = amount * scale;
  if (ms > static_cast<double>(std::chrono::milliseconds(max_duration).count())) {
    error(code::bad_value, span_from(number, unit), "this duration is too long", "at most 24 h");
    return std::nullopt;
  }
  if (ms != std::floor(ms)) {
    error(code::bad_value, span_from(number, unit), "this duration is finer than a millisecond", "write whole ms");
    return std::nullopt;
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
}

std::optional<memory_size> word_builder::memory_from(const tree& amount) {
  const tree& number = *amount.children[0];
  const tree& unit = *amount.children[1];
  const auto where = span_from(number, unit);
  const auto text = unit.string();
  if (text != "%" && bytes_of_unit(text) == 0) {
    const auto meant = usual_unit_of_bytes(text);
    error(code::bad_value, span_of(unit), fmt::format("unknown unit of bytes \"{}\"", text.substr(0, 40)),
          meant.empty() ? "there are: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB, and % for a share"
                        : fmt::format("did you mean \"{}\"?", meant));
    return std::nullopt;
  }
  const auto size = parse_memory_size(number.string() + text);
  if (!size)
    error(code::bad_value, where, text == "%" ? "this is no share" : "this amount cannot be",
          text == "%" ? "whole percents, from 1 % to 100 %" : "a whole number of bytes, at most 8192 TiB");
  else if (size->percent == 0 && size->bytes < least_memory_bytes)
    error(code::bad_value, where, "memory is too small to work with", "at least 16 MiB");
  else
    return size;
  return std::nullopt;
}

std::optional<int> word_builder::whole_from(const tree& digits, int least, int most) {
  const auto text = digits.string();
  const long value = text.size() > 9 ? -1 : std::strtol(text.c_str(), nullptr, 10);
  if (value >= least && value <= most) return static_cast<int>(value);
  error(code::bad_value, span_of(digits), "this number is out of range", fmt::format("from {} to {}", least, most));
  return std::nullopt;
}

void word_builder::report(dsl::severity severity, dsl::code code, span where, std::string message, std::string hint) {
  found_.push_back({severity, code, where, std::move(message), std::move(hint)});
}

} // namespace weir::dsl
