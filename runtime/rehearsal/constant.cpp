#include "runtime/rehearsal/constant.hpp"

#include <fmt/format.h>

#include "runtime/expr/evaluate.hpp"
#include "runtime/rows/key_hash.hpp"
#include "runtime/rows/key_value.hpp"

namespace weir::rehearsal {

namespace {

/// The bytes under which equal keys are equal.
std::string bytes_of(const column& from, std::size_t row) {
  const auto* letters = letters_of_keys(from.type);
  if (letters == nullptr) return std::string(from.bytes_at(row));
  std::vector<char> lower;
  letters->append_lower(from.bytes_at(row), lower);
  return {lower.begin(), lower.end()};
}

} // namespace

result<column> constant(const expression& e) {
  WEIR_ASSIGN(const auto prepared, evaluator::make(e));
  batch one;
  one.weights.push_back(1);
  std::vector<row_error> errors;
  auto out = prepared.evaluate(one, errors);
  if (!errors.empty()) return error{errors.front().code, errors.front().message};
  return out;
}

std::optional<std::string> text_at(const column& from, std::size_t row) {
  if (from.is_null(row)) return std::nullopt;
  std::string out;
  write_text(from, row, out);
  return out;
}

std::string key_of(const column& from, std::size_t row) {
  if (from.is_null(row)) return "n";
  switch (storage_of(from.type.id)) {
    case storage::i64: return fmt::format("i{}", from.i64[row]);
    case storage::f64: return fmt::format("f{}", float_key_bits(from.f64[row]));
    case storage::bytes: return fmt::format("b{}", bytes_of(from, row));
    case storage::interval: {
      const auto span = span_of(from.intervals[row]);
      return fmt::format("v{}:{}", static_cast<std::int64_t>(span >> 64), static_cast<std::uint64_t>(span));
    }
    case storage::decimal: {
      const auto c = canonical(from, row);
      if (c.form == decimal::kind::big) return fmt::format("d{}:{}", c.tag(), c.big);
      return fmt::format("d{}:{}:{}", c.tag(), static_cast<std::int64_t>(c.coefficient >> 64),
                         static_cast<std::uint64_t>(c.coefficient));
    }
  }
  return {};
}

} // namespace weir::rehearsal
