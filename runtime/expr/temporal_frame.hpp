#pragma once

#include <cstdint>

#include "runtime/expr/calendar_field.hpp"
#include "runtime/expr/kernel.hpp"
#include "runtime/rows/calendar.hpp"

namespace weir {

/// Calls write(row) for the rows where no argument is null; the output's elements are there already.
template <class T, class Write>
void for_values(const kernel_frame& f, std::vector<T> column::*elements, Write write) {
  merge_nulls(f);
  (f.out.*elements).resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i)
    if (f.out.nulls[i] == 0) write(i);
}

inline std::int64_t number_at(const operand& arg, std::size_t row) { return arg.values->i64[arg.at(row)]; }
inline const interval& interval_at(const operand& arg, std::size_t row) { return arg.values->intervals[arg.at(row)]; }

/// The fields that a call names; the binder has seen to it that they are some. A constant one is looked up once.
class named_fields {
public:
  explicit named_fields(const operand& names)
      : names_(names), constant_(names.scalar ? named(0) : calendar_field::epoch) {}

  calendar_field at(std::size_t row) const { return names_.scalar ? constant_ : named(row); }

private:
  calendar_field named(std::size_t row) const {
    return field_named(names_.values->bytes_at(row)).value_or(calendar_field::microseconds);
  }

  const operand& names_;
  const calendar_field constant_;
};

inline void out_of_range(const kernel_frame& f, std::size_t row, const char* what) {
  f.fail(row, errc::numeric_value_out_of_range, std::string(what) + " out of range");
}

/// Stores a moment, or fails.
inline void store_timestamp(const kernel_frame& f, std::size_t row, std::int64_t moment) {
  if (!is_valid_timestamp(moment)) return out_of_range(f, row, "timestamp");
  f.out.i64[row] = moment;
}

// Sums and differences that PostgreSQL lets wrap around.
inline std::int64_t wrapping_add(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
inline std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

} // namespace weir
