#include <cmath>
#include <limits>
#include <type_traits>

#include "runtime/expr/kernel.hpp"

namespace weir {
namespace {

/// How one value fails; 0 is not at all, so that a whole column's failures are or-ed together.
enum failure : unsigned char { none = 0, zero_divisor = 1, overflow = 2, underflow = 4 };

template <class T>
const char* overflow_words() noexcept {
  if constexpr (std::is_same_v<T, std::int16_t>) return "smallint out of range";
  if constexpr (std::is_same_v<T, std::int32_t>) return "integer out of range";
  if constexpr (std::is_same_v<T, std::int64_t>) return "bigint out of range";
  return "value out of range: overflow";
}

template <class T>
void report(const kernel_frame& f, std::size_t row, unsigned how) {
  if (how == zero_divisor) return f.fail(row, errc::division_by_zero, "division by zero");
  f.fail(row, errc::numeric_value_out_of_range,
         how == underflow ? "value out of range: underflow" : overflow_words<T>());
}

struct integer_add {
  template <class T>
  static unsigned apply(T x, T y, T& r) noexcept {
    return __builtin_add_overflow(x, y, &r) ? overflow : none;
  }
};

struct integer_subtract {
  template <class T>
  static unsigned apply(T x, T y, T& r) noexcept {
    return __builtin_sub_overflow(x, y, &r) ? overflow : none;
  }
};

struct integer_multiply {
  template <class T>
  static unsigned apply(T x, T y, T& r) noexcept {
    return __builtin_mul_overflow(x, y, &r) ? overflow : none;
  }
};

struct integer_divide {
  template <class T>
  static unsigned apply(T x, T y, T& r) noexcept {
    r = 0;
    if (y == 0) return zero_divisor;
    if (y == -1) return integer_subtract::apply(T{0}, x, r); // the smallest number has no opposite
    r = static_cast<T>(x / y);
    return none;
  }
};

struct integer_modulo {
  template <class T>
  static unsigned apply(T x, T y, T& r) noexcept {
    r = 0;
    if (y == 0) return zero_divisor;
    if (y != -1) r = static_cast<T>(x % y);
    return none;
  }
};

// Floats fail as PostgreSQL's float8_pl … do: an infinity out of finite arguments, a zero out of a product or quotient
// of what is not zero.
template <class T>
unsigned overflows(T x, T y, T r) noexcept {
  return std::isinf(r) && !std::isinf(x) && !std::isinf(y) ? overflow : none;
}

struct float_add {
  template <class T>
  static unsigned apply(T x, T y, T& r) noexcept {
    r = x + y;
    return overflows(x, y, r);
  }
};

struct float_subtract {
  template <class T>
  static unsigned apply(T x, T y, T& r) noexcept {
    r = x - y;
    return overflows(x, y, r);
  }
};

struct float_multiply {
  template <class T>
  static unsigned apply(T x, T y, T& r) noexcept {
    r = x * y;
    if (r == 0 && x != 0 && y != 0) return underflow;
    return overflows(x, y, r);
  }
};

struct float_divide {
  template <class T>
  static unsigned apply(T x, T y, T& r) noexcept {
    r = 0;
    if (y == 0 && !std::isnan(x)) return zero_divisor;
    r = x / y;
    if (std::isinf(r) && !std::isinf(x)) return overflow;
    return r == 0 && x != 0 && !std::isinf(y) ? underflow : none;
  }
};

/// One pass without branches on failure; only if something failed, a second one that says which rows did.
template <class Op, class T, class Stored>
void run_arithmetic(const kernel_frame& f, std::vector<Stored> column::*values) {
  merge_nulls(f);
  auto& results = f.out.*values;
  results.resize(f.rows);
  Stored* const out = results.data();
  unsigned any = none;
  for_pairs<Stored>(f, values, [&any, out](std::size_t i, Stored x, Stored y) {
    T r;
    any |= Op::apply(static_cast<T>(x), static_cast<T>(y), r);
    out[i] = static_cast<Stored>(r);
  });
  if (any == none) return;
  for_pairs<Stored>(f, values, [&f](std::size_t i, Stored x, Stored y) {
    T r;
    const auto how = Op::apply(static_cast<T>(x), static_cast<T>(y), r);
    if (how != none && f.out.nulls[i] == 0) report<T>(f, i, how);
  });
}

template <class Op, class T>
void run_integers(const kernel_frame& f) {
  run_arithmetic<Op, T, std::int64_t>(f, &column::i64);
}

template <class Op, class T>
void run_floats(const kernel_frame& f) {
  run_arithmetic<Op, T, double>(f, &column::f64);
}

template <class T>
kernel integer_kernel(operation op) noexcept {
  switch (op) {
    case operation::add: return run_integers<integer_add, T>;
    case operation::subtract: return run_integers<integer_subtract, T>;
    case operation::multiply: return run_integers<integer_multiply, T>;
    case operation::divide: return run_integers<integer_divide, T>;
    case operation::modulo: return run_integers<integer_modulo, T>;
    default: return nullptr;
  }
}

template <class T>
kernel float_kernel(operation op) noexcept {
  switch (op) {
    case operation::add: return run_floats<float_add, T>;
    case operation::subtract: return run_floats<float_subtract, T>;
    case operation::multiply: return run_floats<float_multiply, T>;
    case operation::divide: return run_floats<float_divide, T>;
    default: return nullptr; // PostgreSQL has no modulo of floats
  }
}

template <class T>
void negate_integers(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    T r;
    const auto how = integer_subtract::apply(T{0}, static_cast<T>(f.a.values->i64[f.a.at(i)]), r);
    f.out.i64[i] = r;
    if (how != none && f.out.nulls[i] == 0) report<T>(f, i, how);
  }
}

void negate_floats(const kernel_frame& f) {
  merge_nulls(f);
  f.out.f64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) f.out.f64[i] = -f.a.values->f64[f.a.at(i)];
}

} // namespace

kernel arithmetic_kernel(operation op, type_id id) noexcept {
  switch (id) {
    case type_id::int2: return integer_kernel<std::int16_t>(op);
    case type_id::int4: return integer_kernel<std::int32_t>(op);
    case type_id::int8: return integer_kernel<std::int64_t>(op);
    case type_id::float4: return float_kernel<float>(op);
    case type_id::float8: return float_kernel<double>(op);
    case type_id::numeric: return numeric_arithmetic_kernel(op);
    default: return nullptr;
  }
}

kernel negation_kernel(type_id id) noexcept {
  switch (id) {
    case type_id::int2: return negate_integers<std::int16_t>;
    case type_id::int4: return negate_integers<std::int32_t>;
    case type_id::int8: return negate_integers<std::int64_t>;
    case type_id::float4:
    case type_id::float8: return negate_floats;
    case type_id::numeric: return numeric_arithmetic_kernel(operation::negate);
    case type_id::interval: return interval_negation_kernel();
    default: return nullptr;
  }
}

void merge_nulls(const kernel_frame& frame) {
  auto& nulls = frame.out.nulls;
  nulls.assign(frame.rows, 0);
  for (const auto& arg : {frame.a, frame.b, frame.c}) {
    if (arg.values == nullptr || arg.scalar) continue; // a scalar is not null here
    const auto* const from = arg.values->nulls.data();
    for (std::size_t i = 0; i < frame.rows; ++i) nulls[i] |= from[i];
  }
}

} // namespace weir
