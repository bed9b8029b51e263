#include "runtime/rows/interval_text.hpp"

#include <array>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "runtime/rows/calendar.hpp"
#include "runtime/rows/integer_text.hpp"

namespace weir {
namespace {

enum class unit : std::uint8_t { microseconds, days, months };

struct unit_word {
  std::string_view word;
  unit counts;
  std::int64_t factor;
};

constexpr std::int64_t second = microseconds_per_second;

/// PostgreSQL's deltatktbl, without the words that are the beginning of no unit of time here.
constexpr unit_word words[] = {
    {"us", unit::microseconds, 1},
    {"usec", unit::microseconds, 1},
    {"usecs", unit::microseconds, 1},
    {"usecond", unit::microseconds, 1},
    {"useconds", unit::microseconds, 1},
    {"microsecond", unit::microseconds, 1},
    {"microseconds", unit::microseconds, 1},
    {"ms", unit::microseconds, 1'000},
    {"msec", unit::microseconds, 1'000},
    {"msecs", unit::microseconds, 1'000},
    {"millisecond", unit::microseconds, 1'000},
    {"milliseconds", unit::microseconds, 1'000},
    {"s", unit::microseconds, second},
    {"sec", unit::microseconds, second},
    {"secs", unit::microseconds, second},
    {"second", unit::microseconds, second},
    {"seconds", unit::microseconds, second},
    {"m", unit::microseconds, 60 * second},
    {"min", unit::microseconds, 60 * second},
    {"mins", unit::microseconds, 60 * second},
    {"minute", unit::microseconds, 60 * second},
    {"minutes", unit::microseconds, 60 * second},
    {"h", unit::microseconds, 3600 * second},
    {"hr", unit::microseconds, 3600 * second},
    {"hrs", unit::microseconds, 3600 * second},
    {"hour", unit::microseconds, 3600 * second},
    {"hours", unit::microseconds, 3600 * second},
    {"d", unit::days, 1},
    {"day", unit::days, 1},
    {"days", unit::days, 1},
    {"w", unit::days, 7},
    {"week", unit::days, 7},
    {"weeks", unit::days, 7},
    {"mon", unit::months, 1},
    {"mons", unit::months, 1},
    {"month", unit::months, 1},
    {"months", unit::months, 1},
    {"y", unit::months, 12},
    {"yr", unit::months, 12},
    {"yrs", unit::months, 12},
    {"year", unit::months, 12},
    {"years", unit::months, 12},
    {"decade", unit::months, 120},
    {"decades", unit::months, 120},
    {"century", unit::months, 1200},
    {"centuries", unit::months, 1200},
};

/// The interval as it is read; wide enough for any number of digits that is taken.
class interval_reader {
public:
  explicit interval_reader(std::string_view text) : rest_(trim_blanks(text)) {}

  parse_outcome read(interval& value) noexcept {
    if (rest_.empty()) return parse_outcome::syntax;
    while (!rest_.empty()) {
      if (const auto outcome = read_part(); outcome != parse_outcome::ok) return outcome;
      skip_blanks();
    }
    return fit(value);
  }

private:
  void skip_blanks() noexcept {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  bool skip(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Up to 18 digits; how many there were.
  int read_digits(std::int64_t& value) noexcept {
    int count = 0;
    value = 0;
    for (; count < 19 && !rest_.empty() && is_digit(rest_.front()); ++count, rest_.remove_prefix(1))
      value = count < 18 ? value * 10 + (rest_.front() - '0') : value;
    return count;
  }

  /// Digits behind a point, as microseconds; false if there are more than six, which PostgreSQL rounds.
  bool read_fraction(std::int64_t& microseconds) noexcept {
    std::int64_t digits = 0;
    const auto count = read_digits(digits);
    if (count < 1 || count > 6) return false;
    for (int i = count; i < 6; ++i) digits *= 10;
    microseconds = digits;
    return true;
  }

  /// "-3 days", "+04:05:06.789"
  parse_outcome read_part() noexcept {
    const bool negative = skip('-');
    if (!negative) skip('+');
    std::int64_t number = 0;
    const auto digits = read_digits(number);
    if (digits < 1) return parse_outcome::syntax;
    if (digits > 18) return parse_outcome::out_of_range;
    const int128 sign = negative ? -1 : 1;
    if (skip(':')) return read_time_of_day(number, sign);
    std::int64_t fraction = 0;
    const bool has_fraction = skip('.');
    if (has_fraction && !read_fraction(fraction)) return parse_outcome::syntax;
    skip_blanks();
    const auto* const found = read_unit();
    if (found == nullptr || (has_fraction && found->factor != second)) return parse_outcome::syntax;
    if (!first_of(*found, has_fraction)) return parse_outcome::syntax;
    const auto amount = sign * number * found->factor;
    if (found->counts == unit::months) months_ += amount;
    if (found->counts == unit::days) days_ += amount;
    if (found->counts == unit::microseconds) time_ += amount + sign * fraction;
    return parse_outcome::ok;
  }

  /// PostgreSQL takes each unit once; a fraction of a second stands for the units below as well.
  bool first_of(const unit_word& found, bool has_fraction) noexcept {
    for (auto& [counts, factor, seen] : seen_) {
      if (counts != found.counts || (factor != found.factor && (!has_fraction || factor > second))) continue;
      if (seen) return false;
      seen = true;
    }
    return true;
  }

  const unit_word* read_unit() noexcept {
    std::size_t length = 0;
    std::array<char, 16> folded{};
    while (length < rest_.size() && length < folded.size() && is_letter(rest_[length])) {
      folded[length] = static_cast<char>(rest_[length] | 0x20);
      ++length;
    }
    const std::string_view word(folded.data(), length);
    for (const auto& candidate : words) {
      if (candidate.word != word) continue;
      rest_.remove_prefix(length);
      return &candidate;
    }
    return nullptr;
  }

  static constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  /// Behind "04:": minutes, and seconds that may be left out.
  parse_outcome read_time_of_day(std::int64_t hours, int128 sign) noexcept {
    std::int64_t minutes = 0;
    std::int64_t seconds = 0;
    std::int64_t fraction = 0;
    if (read_digits(minutes) != 2) return parse_outcome::syntax;
    if (skip(':')) {
      if (read_digits(seconds) != 2) return parse_outcome::syntax;
      if (skip('.') && !read_fraction(fraction)) return parse_outcome::syntax;
    }
    if (!rest_.empty() && !is_blank(rest_.front())) return parse_outcome::syntax;
    for (auto& [counts, factor, seen] : seen_) {
      if (counts != unit::microseconds) continue;
      if (seen) return parse_outcome::syntax;
      seen = true;
    }
    if (minutes > 59 || seconds > 59) return parse_outcome::out_of_range;
    time_ += sign * ((static_cast<int128>(hours) * 3600 + minutes * 60 + seconds) * second + fraction);
    return parse_outcome::ok;
  }

  parse_outcome fit(interval& value) const noexcept {
    using int32 = std::numeric_limits<std::int32_t>;
    using int64 = std::numeric_limits<std::int64_t>;
    if (months_ < int32::min() || months_ > int32::max() || days_ < int32::min() || days_ > int32::max() ||
        time_ < int64::min() || time_ > int64::max())
      return parse_outcome::out_of_range;
    value = {static_cast<std::int64_t>(time_), static_cast<std::int32_t>(days_), static_cast<std::int32_t>(months_)};
    return parse_outcome::ok;
  }

  struct seen_unit {
    unit counts;
    std::int64_t factor;
    bool seen = false;
  };

  std::string_view rest_;
  int128 months_ = 0;
  int128 days_ = 0;
  int128 time_ = 0;
  std::array<seen_unit, 11> seen_{{{unit::microseconds, 1},
                                   {unit::microseconds, 1'000},
                                   {unit::microseconds, second},
                                   {unit::microseconds, 60 * second},
                                   {unit::microseconds, 3600 * second},
                                   {unit::days, 1},
                                   {unit::days, 7},
                                   {unit::months, 1},
                                   {unit::months, 12},
                                   {unit::months, 120},
                                   {unit::months, 1200}}};
};

/// EncodeInterval's parts: a sign stands where it differs from what a reader would expect.
struct interval_writer {
  std::string& out;
  bool is_first = true;
  bool was_negative = false;

  void part(std::int64_t value, std::string_view unit) {
    if (value == 0) return;
    fmt::format_to(std::back_inserter(out), "{}{}{} {}{}", is_first ? "" : " ", was_negative && value > 0 ? "+" : "",
                   value, unit, value == 1 ? "" : "s");
    was_negative = value < 0;
    is_first = false;
  }

  void time(std::int64_t value) {
    if (value == 0 && !is_first) return;
    const bool negative = value < 0;
    const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    const auto seconds = magnitude / second;
    fmt::format_to(std::back_inserter(out), "{}{}{:02}:{:02}:{:02}", is_first ? "" : " ",
                   negative       ? "-"
                   : was_negative ? "+"
                                  : "",
                   seconds / 3600, seconds / 60 % 60, seconds % 60);
    auto fraction = magnitude % second;
    if (fraction == 0) return;
    out += '.';
    for (std::uint64_t digit = second / 10; fraction != 0; digit /= 10) {
      out += static_cast<char>('0' + fraction / digit);
      fraction %= digit;
    }
  }
};

} // namespace

parse_outcome parse_interval(std::string_view text, interval& value) noexcept {
  return interval_reader(text).read(value);
}

void write_interval(const interval& value, std::string& out) {
  interval_writer writer{out};
  writer.part(value.months / 12, "year");
  writer.part(value.months % 12, "mon");
  writer.part(value.days, "day");
  writer.time(value.time);
}

} // namespace weir
