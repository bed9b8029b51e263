#include "runtime/expr/verbatim_order.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>

namespace weir {
namespace {

template <class Number>
Number number(std::string_view text, int base = 10) noexcept {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

/// Of what is written in hexadecimal digits of lower case, or in bits: digit by digit, the shorter one first.
std::strong_ordering by_bytes(std::string_view a, std::string_view b) noexcept { return a <=> b; }

std::strong_ordering by_number(std::string_view a, std::string_view b) noexcept {
  return number<std::uint64_t>(a) <=> number<std::uint64_t>(b);
}

/// "16/B374D848"
std::uint64_t wal_position(std::string_view text) noexcept {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return 0;
  return number<std::uint64_t>(text.substr(0, slash), 16) << 32U | number<std::uint64_t>(text.substr(slash + 1), 16);
}

std::strong_ordering by_position(std::string_view a, std::string_view b) noexcept {
  return wal_position(a) <=> wal_position(b);
}

/// "08:00:00.5+05:30": microseconds of the day in UTC, and the seconds that the clock is behind it.
struct zoned_time {
  std::int64_t moment = 0;
  std::int64_t behind = 0;
  auto operator<=>(const zoned_time&) const = default;
};

/// "05:30", "08:00:00": seconds.
std::int64_t clock_seconds(std::string_view text) noexcept {
  std::int64_t seconds = 0;
  for (const std::int64_t unit : {3'600, 60, 1}) {
    if (text.empty()) break;
    seconds += number<std::int64_t>(text.substr(0, 2)) * unit;
    text.remove_prefix(text.size() > 3 ? 3 : text.size());
  }
  return seconds;
}

/// Digits behind the point, as microseconds.
std::int64_t fraction(std::string_view digits) noexcept {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 6; ++i) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return value;
}

zoned_time zoned_time_of(std::string_view text) noexcept {
  const auto sign = text.find_first_of("+-");
  if (sign == std::string_view::npos) return {};
  const auto zone = clock_seconds(text.substr(sign + 1));
  const auto clock = text.substr(0, sign);
  const auto point = clock.find('.');
  const auto micros = point == std::string_view::npos ? 0 : fraction(clock.substr(point + 1));
  const auto behind = text[sign] == '-' ? zone : -zone;
  return {(clock_seconds(clock.substr(0, point)) + behind) * 1'000'000 + micros, behind};
}

std::strong_ordering by_zoned_time(std::string_view a, std::string_view b) noexcept {
  return zoned_time_of(a) <=> zoned_time_of(b);
}

/// "10.0.0.1", "10.0.0.0/8", "::1".
struct network {
  int bytes = 0; ///< 4 or 16
  int bits = 0;  ///< of the network
  std::array<unsigned char, 16> address{};
};

network network_of(std::string_view text) noexcept {
  network out;
  const auto slash = text.find('/');
  const auto host = text.substr(0, slash);
  const bool six = host.find(':') != std::string_view::npos;
  std::array<char, INET6_ADDRSTRLEN> ended{};
  if (host.size() >= ended.size()) return out;
  std::memcpy(ended.data(), host.data(), host.size());
  if (inet_pton(six ? AF_INET6 : AF_INET, ended.data(), out.address.data()) != 1) return out;
  out.bytes = six ? 16 : 4;
  out.bits = slash == std::string_view::npos ? out.bytes * 8 : number<int>(text.substr(slash + 1));
  return out;
}

std::strong_ordering compare_bits(const network& a, const network& b, int bits) noexcept {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (const int d = std::memcmp(a.address.data(), b.address.data(), whole); d != 0) return d <=> 0;
  if (bits % 8 == 0) return std::strong_ordering::equal;
  const int shift = 8 - bits % 8;
  return a.address[whole] >> shift <=> b.address[whole] >> shift;
}

/// Networks before what is in them, families apart.
std::strong_ordering by_network(std::string_view a, std::string_view b) noexcept {
  const auto x = network_of(a);
  const auto y = network_of(b);
  if (x.bytes != y.bytes) return x.bytes <=> y.bytes;
  if (const auto o = compare_bits(x, y, x.bits < y.bits ? x.bits : y.bits); o != 0) return o;
  if (x.bits != y.bits) return x.bits <=> y.bits;
  return compare_bits(x, y, x.bytes * 8);
}

constexpr std::array<std::pair<std::string_view, text_order>, 11> orders{{{"bytea", by_bytes},
                                                                          {"name", by_bytes},
                                                                          {"macaddr", by_bytes},
                                                                          {"macaddr8", by_bytes},
                                                                          {"bit", by_bytes},
                                                                          {"bit varying", by_bytes},
                                                                          {"oid", by_number},
                                                                          {"pg_lsn", by_position},
                                                                          {"inet", by_network},
                                                                          {"cidr", by_network},
                                                                          {"time with time zone", by_zoned_time}}};

/// "time(3) with time zone", "bit(5)": without the length.
bool is_called(std::string_view type, std::string_view name) noexcept {
  const auto paren = type.find('(');
  if (paren == std::string_view::npos) return type == name;
  const auto close = type.find(')', paren);
  return close != std::string_view::npos && name.substr(0, paren) == type.substr(0, paren) &&
         name.substr(paren) == type.substr(close + 1);
}

template <operation Op>
bool holds(std::strong_ordering o) noexcept {
  switch (Op) {
    case operation::less: return o < 0;
    case operation::less_equal: return o <= 0;
    case operation::greater: return o > 0;
    default: return o >= 0;
  }
}

template <operation Op, text_order Order>
void compare_texts(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) {
    return holds<Op>(Order(f.a.values->bytes_at(f.a.at(i)), f.b.values->bytes_at(f.b.at(i)))) ? 1 : 0;
  });
}

template <operation Op>
kernel kernel_for(text_order order) noexcept {
  if (order == by_number) return compare_texts<Op, by_number>;
  if (order == by_position) return compare_texts<Op, by_position>;
  if (order == by_network) return compare_texts<Op, by_network>;
  return order == by_zoned_time ? compare_texts<Op, by_zoned_time> : compare_texts<Op, by_bytes>;
}

} // namespace

text_order order_of(const data_type& type) noexcept {
  if (type.id != type_id::verbatim) return nullptr;
  for (const auto& [name, order] : orders)
    if (is_called(type.name, name)) return order;
  return nullptr;
}

kernel verbatim_order_kernel(operation op, const data_type& type) noexcept {
  const auto order = order_of(type);
  if (order == nullptr) return nullptr;
  switch (op) {
    case operation::less: return kernel_for<operation::less>(order);
    case operation::less_equal: return kernel_for<operation::less_equal>(order);
    case operation::greater: return kernel_for<operation::greater>(order);
    case operation::greater_equal: return kernel_for<operation::greater_equal>(order);
    default: return nullptr;
  }
}

} // namespace weir
