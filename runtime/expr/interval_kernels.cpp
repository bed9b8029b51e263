#include <cmath>
#include <limits>

#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/temporal_frame.hpp"

namespace weir {
namespace {

/// interval_pl and interval_mi: each number by itself.
template <bool Add>
void add_intervals(const kernel_frame& f) {
  for_values(f, &column::intervals, [&](std::size_t i) {
    const auto& x = interval_at(f.a, i);
    const auto& y = interval_at(f.b, i);
    auto& out = f.out.intervals[i];
    const auto combine = [](auto a, auto b, auto* r) {
      return Add ? __builtin_add_overflow(a, b, r) : __builtin_sub_overflow(a, b, r);
    };
    if (combine(x.months, y.months, &out.months) || combine(x.days, y.days, &out.days) ||
        combine(x.time, y.time, &out.time))
      out_of_range(f, i, "interval");
  });
}

void negate_intervals(const kernel_frame& f) {
  for_values(f, &column::intervals, [&](std::size_t i) {
    const auto& x = interval_at(f.a, i);
    auto& out = f.out.intervals[i];
    if (__builtin_sub_overflow(0, x.months, &out.months) || __builtin_sub_overflow(0, x.days, &out.days) ||
        __builtin_sub_overflow(std::int64_t{0}, x.time, &out.time))
      out_of_range(f, i, "interval");
  });
}

constexpr double seconds_per_day = 86400;
constexpr double days_per_month = 30;

/// PostgreSQL's TSROUND: what floating point left behind the microseconds.
double rounded_to_microseconds(double seconds) noexcept { return std::rint(seconds * 1e6) / 1e6; }

bool to_int32(double value, std::int32_t& out) noexcept {
  constexpr double least = std::numeric_limits<std::int32_t>::min();
  constexpr double most = std::numeric_limits<std::int32_t>::max();
  if (std::isnan(value) || value > most || value < least) return false;
  out = static_cast<std::int32_t>(value);
  return true;
}

bool to_int64(double value, std::int64_t& out) noexcept {
  constexpr double beyond = 9223372036854775808.0;
  if (std::isnan(value) || value < -beyond || value >= beyond) return false;
  out = static_cast<std::int64_t>(value);
  return true;
}

/// interval_mul and interval_div of timestamp.c: fractions of months become days, those of days become time.
template <class Scale>
bool scale_interval(const interval& from, Scale scale, interval& out) noexcept {
  if (!to_int32(scale(from.months), out.months) || !to_int32(scale(from.days), out.days)) return false;
  const auto days_of_month = rounded_to_microseconds((scale(from.months) - out.months) * days_per_month);
  auto seconds = rounded_to_microseconds(
      (scale(from.days) - out.days + days_of_month - static_cast<int>(days_of_month)) * seconds_per_day);
  if (std::fabs(seconds) >= seconds_per_day) {
    const auto whole = static_cast<int>(seconds / seconds_per_day);
    if (__builtin_add_overflow(out.days, whole, &out.days)) return false;
    seconds -= whole * seconds_per_day;
  }
  if (__builtin_add_overflow(out.days, static_cast<std::int32_t>(days_of_month), &out.days)) return false;
  return to_int64(std::rint(scale(static_cast<double>(from.time)) + seconds * 1e6), out.time);
}

template <bool FactorFirst>
void multiply_interval(const kernel_frame& f) {
  const auto& intervals = FactorFirst ? f.b : f.a;
  const auto& factors = FactorFirst ? f.a : f.b;
  for_values(f, &column::intervals, [&](std::size_t i) {
    const double factor = factors.values->f64[factors.at(i)];
    const auto scale = [factor](double x) { return x * factor; };
    if (!scale_interval(interval_at(intervals, i), scale, f.out.intervals[i])) out_of_range(f, i, "interval");
  });
}

void divide_interval(const kernel_frame& f) {
  for_values(f, &column::intervals, [&](std::size_t i) {
    const double divisor = f.b.values->f64[f.b.at(i)];
    if (divisor == 0) return f.fail(i, errc::division_by_zero, "division by zero");
    const auto scale = [divisor](double x) { return x / divisor; };
    if (!scale_interval(interval_at(f.a, i), scale, f.out.intervals[i])) out_of_range(f, i, "interval");
  });
}

} // namespace

kernel interval_negation_kernel() noexcept { return negate_intervals; }

kernel interval_arithmetic_kernel(function f, type_id left, type_id right) noexcept {
  if (left == type_id::interval && right == type_id::interval)
    return f == function::plus ? add_intervals<true> : f == function::minus ? add_intervals<false> : nullptr;
  if (left == type_id::float8 && right == type_id::interval)
    return f == function::times ? multiply_interval<true> : nullptr;
  if (left != type_id::interval || right != type_id::float8) return nullptr;
  return f == function::times ? multiply_interval<false> : f == function::over ? divide_interval : nullptr;
}

} // namespace weir
