#include "runtime/rows/datetime_text.hpp"

#include <array>

#include "runtime/rows/integer_text.hpp"

namespace weir {
namespace {

/// The text still to be read.
struct cursor {
  const char* at;
  const char* end;

  bool done() const noexcept { return at == end; }
  bool skip(char c) noexcept {
    if (at == end || *at != c) return false;
    ++at;
    return true;
  }
  /// The two digits at `offset` from here; sets `wrong` if they are none.
  unsigned two_digits(int offset, unsigned& wrong) const noexcept {
    const auto tens = static_cast<unsigned char>(at[offset] - '0');
    const auto ones = static_cast<unsigned char>(at[offset + 1] - '0');
    wrong |= static_cast<unsigned>(tens > 9) | static_cast<unsigned>(ones > 9);
    return tens * 10U + ones;
  }
  /// A number of `least` to `most` digits.
  bool number(int least, int most, unsigned& value) noexcept {
    value = 0;
    int digits = 0;
    for (; digits < most && at != end && is_digit(*at); ++digits, ++at) {
      value = value * 10 + static_cast<unsigned>(*at - '0');
    }
    return digits >= least;
  }
};

struct civil_date {
  unsigned year = 0; ///< as written: from 1, of its era
  unsigned month = 0;
  unsigned day = 0;
};

/// "2024-02-29" with a year of four digits, which is nearly every date.
bool read_plain_date(cursor& in, civil_date& date) noexcept {
  if (in.end - in.at < 10 || in.at[4] != '-' || in.at[7] != '-') return false;
  if (in.end - in.at > 10 && is_digit(in.at[10])) return false;
  unsigned wrong = 0;
  date.year = in.two_digits(0, wrong) * 100 + in.two_digits(2, wrong);
  date.month = in.two_digits(5, wrong);
  date.day = in.two_digits(8, wrong);
  if (wrong != 0) return false;
  in.at += 10;
  return true;
}

bool read_date(cursor& in, civil_date& date) noexcept {
  if (read_plain_date(in, date)) return true;
  return in.number(3, 7, date.year) && in.skip('-') && in.number(1, 2, date.month) && in.skip('-') &&
         in.number(1, 2, date.day);
}

/// The era, which stands at the end of the whole text.
bool read_era(cursor& in, bool& before_christ) noexcept {
  before_christ = false;
  if (in.done()) return true;
  in.skip(' ');
  before_christ = in.at != in.end && (*in.at | 0x20) == 'b';
  if (in.end - in.at != 2 || (in.at[1] | 0x20) != (before_christ ? 'c' : 'd')) return false;
  return before_christ || (*in.at | 0x20) == 'a';
}

parse_outcome days_of(const civil_date& date, bool before_christ, std::int64_t& days) noexcept {
  const auto year = before_christ ? 1 - static_cast<std::int64_t>(date.year) : static_cast<std::int64_t>(date.year);
  if (date.year == 0 || date.month < 1 || date.month > 12) return parse_outcome::out_of_range;
  if (date.day < 1 || date.day > days_in_month(year, date.month)) return parse_outcome::out_of_range;
  days = days_from_civil(year, date.month, date.day);
  return is_valid_date(days) ? parse_outcome::ok : parse_outcome::out_of_range;
}

bool parse_infinity(std::string_view text, std::int64_t& value) noexcept {
  const auto matches = [](std::string_view given, std::string_view word) {
    if (given.size() != word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if ((given[i] | 0x20) != (word[i] | 0x20)) return false;
    }
    return true;
  };
  if (matches(text, "infinity") || matches(text, "+infinity")) {
    value = datetime_infinity;
    return true;
  }
  if (!matches(text, "-infinity")) return false;
  value = datetime_negative_infinity;
  return true;
}

/// Digits after the point, rounded to microseconds.
void read_fraction(cursor& in, std::int64_t& microseconds) noexcept {
  constexpr std::array<std::int64_t, 7> units{1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  std::size_t digits = 0;
  for (; digits < 6 && in.at != in.end && is_digit(*in.at); ++digits, ++in.at) {
    microseconds = microseconds * 10 + (*in.at - '0');
  }
  microseconds *= units[digits];
  if (digits == 6 && in.at != in.end && *in.at >= '5' && *in.at <= '9') ++microseconds;
  while (in.at != in.end && is_digit(*in.at)) ++in.at;
}

/// "12:34:56"
bool read_plain_time(cursor& in, unsigned& hour, unsigned& minute, unsigned& second) noexcept {
  if (in.end - in.at < 8 || in.at[2] != ':' || in.at[5] != ':') return false;
  unsigned wrong = 0;
  hour = in.two_digits(0, wrong);
  minute = in.two_digits(3, wrong);
  second = in.two_digits(6, wrong);
  if (wrong != 0) return false;
  in.at += 8;
  return true;
}

parse_outcome read_time(cursor& in, std::int64_t& microseconds) noexcept {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  std::int64_t fraction = 0;
  bool has_seconds = read_plain_time(in, hour, minute, second);
  if (!has_seconds) {
    if (!in.number(1, 2, hour) || !in.skip(':') || !in.number(2, 2, minute)) return parse_outcome::syntax;
    has_seconds = in.skip(':');
    if (has_seconds && !in.number(2, 2, second)) return parse_outcome::syntax;
  }
  if (has_seconds && in.skip('.')) read_fraction(in, fraction);
  microseconds = ((hour * 60LL + minute) * 60 + second) * 1'000'000 + fraction;
  // 24:00:00 is the next midnight, second 60 the next minute; as in PostgreSQL.
  if (minute > 59 || second > 60 || microseconds > microseconds_per_day) return parse_outcome::out_of_range;
  return parse_outcome::ok;
}

/// "+05", "-03:30", "+0530", "Z" or nothing.
bool read_offset(cursor& in, std::int64_t& microseconds) noexcept {
  microseconds = 0;
  if (in.skip('Z') || in.skip('z')) return true;
  const bool west = in.at != in.end && *in.at == '-';
  if (!west && (in.at == in.end || *in.at != '+')) return true;
  ++in.at;
  unsigned hours = 0;
  unsigned minutes = 0;
  unsigned seconds = 0;
  if (!in.number(1, 2, hours)) return false;
  if (in.skip(':') || (!in.done() && is_digit(*in.at))) {
    if (!in.number(2, 2, minutes)) return false;
    if (in.skip(':') && !in.number(2, 2, seconds)) return false;
  }
  microseconds = ((hours * 60LL + minutes) * 60 + seconds) * 1'000'000;
  if (west) microseconds = -microseconds;
  return hours < 16 && minutes < 60 && seconds < 60;
}

parse_outcome parse_moment(std::string_view text, bool with_zone, std::int64_t& microseconds) noexcept {
  text = trim_blanks(text);
  if (!text.empty() && !is_digit(text.front())) {
    return parse_infinity(text, microseconds) ? parse_outcome::ok : parse_outcome::syntax;
  }
  cursor in{text.data(), text.data() + text.size()};
  civil_date date;
  std::int64_t time = 0;
  std::int64_t offset = 0;
  if (!read_date(in, date)) return parse_outcome::syntax;
  const bool has_time = in.end - in.at > 3 && (*in.at == ' ' || *in.at == 'T') && is_digit(in.at[1]);
  if (has_time) {
    ++in.at;
    if (const auto outcome = read_time(in, time); outcome != parse_outcome::ok) return outcome;
    if (with_zone && !read_offset(in, offset)) return parse_outcome::syntax;
  }
  bool before_christ = false;
  if (!read_era(in, before_christ)) return parse_outcome::syntax;
  std::int64_t days = 0;
  if (const auto outcome = days_of(date, before_christ, days); outcome != parse_outcome::ok) return outcome;
  if (__builtin_mul_overflow(days, microseconds_per_day, &microseconds)) return parse_outcome::out_of_range;
  if (__builtin_add_overflow(microseconds, time - offset, &microseconds)) return parse_outcome::out_of_range;
  return is_valid_timestamp(microseconds) ? parse_outcome::ok : parse_outcome::out_of_range;
}

char* put_two(char* to, unsigned value) noexcept {
  *to++ = static_cast<char>('0' + value / 10);
  *to++ = static_cast<char>('0' + value % 10);
  return to;
}

/// Writes "2024-02-29"; returns whether the year is before Christ.
bool put_date(std::int64_t days, std::string& out) {
  const auto [year, month, day] = civil_from_days(days);
  const bool before_christ = year <= 0;
  const auto shown = static_cast<unsigned>(before_christ ? 1 - year : year);
  std::array<char, 10> text;
  char* p = text.data();
  if (shown > 9999) {
    write_integer(shown, out);
  } else {
    p = put_two(put_two(p, shown / 100), shown % 100);
  }
  *p++ = '-';
  p = put_two(p, month);
  *p++ = '-';
  p = put_two(p, day);
  out.append(text.data(), p);
  return before_christ;
}

void put_time(std::int64_t time, std::string& out) {
  auto fraction = static_cast<unsigned>(time % 1'000'000);
  const auto seconds = static_cast<unsigned>(time / 1'000'000);
  std::array<char, 16> text;
  char* p = text.data();
  p = put_two(p, seconds / 3600);
  *p++ = ':';
  p = put_two(p, seconds / 60 % 60);
  *p++ = ':';
  p = put_two(p, seconds % 60);
  if (fraction != 0) {
    *p++ = '.';
    for (unsigned unit = 100'000; fraction != 0; unit /= 10) {
      *p++ = static_cast<char>('0' + fraction / unit);
      fraction %= unit;
    }
  }
  out.append(text.data(), p);
}

bool put_infinity(std::int64_t value, std::string& out) {
  if (value == datetime_infinity) out += "infinity";
  if (value == datetime_negative_infinity) out += "-infinity";
  return value == datetime_infinity || value == datetime_negative_infinity;
}

void put_moment(std::int64_t microseconds, const char* zone, std::string& out) {
  if (put_infinity(microseconds, out)) return;
  const auto [days, time] = split_moment(microseconds);
  const bool before_christ = put_date(days, out);
  out += ' ';
  put_time(time, out);
  out += zone;
  if (before_christ) out += " BC";
}

} // namespace

parse_outcome parse_date(std::string_view text, std::int64_t& days) noexcept {
  text = trim_blanks(text);
  if (!text.empty() && !is_digit(text.front())) {
    return parse_infinity(text, days) ? parse_outcome::ok : parse_outcome::syntax;
  }
  cursor in{text.data(), text.data() + text.size()};
  civil_date date;
  bool before_christ = false;
  if (!read_date(in, date) || !read_era(in, before_christ)) return parse_outcome::syntax;
  return days_of(date, before_christ, days);
}

parse_outcome parse_timestamp(std::string_view text, std::int64_t& microseconds) noexcept {
  return parse_moment(text, false, microseconds);
}

parse_outcome parse_timestamptz(std::string_view text, std::int64_t& microseconds) noexcept {
  return parse_moment(text, true, microseconds);
}

parse_outcome parse_time(std::string_view text, std::int64_t& microseconds) noexcept {
  text = trim_blanks(text);
  cursor in{text.data(), text.data() + text.size()};
  const auto outcome = read_time(in, microseconds);
  return outcome == parse_outcome::ok && !in.done() ? parse_outcome::syntax : outcome;
}

void write_date(std::int64_t days, std::string& out) {
  if (!put_infinity(days, out) && put_date(days, out)) out += " BC";
}

void write_timestamp(std::int64_t microseconds, std::string& out) { put_moment(microseconds, "", out); }

void write_time(std::int64_t microseconds, std::string& out) { put_time(microseconds, out); }

void write_timestamptz(std::int64_t microseconds, std::string& out) { put_moment(microseconds, "+00", out); }

} // namespace weir
