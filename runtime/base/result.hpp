#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "runtime/base/error.hpp"

namespace weir {

/// A value, or the error that kept it from being made.
///
/// Invariant   holds exactly one of the two; `value()` on an error is a programming mistake and terminates.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(weir::error failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  weir::error& error() & { return std::get<1>(state_); }
  const weir::error& error() const& { return std::get<1>(state_); }
  weir::error&& error() && { return std::get<1>(std::move(state_)); }

private:
  std::variant<T, weir::error> state_;
};

template <>
class [[nodiscard]] result<void> {
public:
  result() = default;
  result(weir::error failure) : failure_(std::move(failure)) {}

  bool has_value() const noexcept { return !failure_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  weir::error& error() & { return *failure_; }
  const weir::error& error() const& { return *failure_; }
  weir::error&& error() && { return *std::move(failure_); }

private:
  std::optional<weir::error> failure_;
};

/// The outcome of something that makes no value.
using status = result<void>;

} // namespace weir

/// Returns the error of `expression` (a result) from the calling function, if it has one.
#define WEIR_TRY(expression)                                                                                           \
  do {                                                                                                                 \
    if (auto weir_outcome = (expression); !weir_outcome) return std::move(weir_outcome).error();                       \
  } while (false)

#define WEIR_CONCAT_IMPL(a, b) a##b
#define WEIR_CONCAT(a, b) WEIR_CONCAT_IMPL(a, b)

/// Declares `declaration` from the value of `expression` (a result), or returns its error from the calling function.
#define WEIR_ASSIGN(declaration, expression)                                                                           \
  auto WEIR_CONCAT(weir_outcome_, __LINE__) = (expression);                                                            \
  if (!WEIR_CONCAT(weir_outcome_, __LINE__)) return std::move(WEIR_CONCAT(weir_outcome_, __LINE__)).error();           \
  declaration = *std::move(WEIR_CONCAT(weir_outcome_, __LINE__))
