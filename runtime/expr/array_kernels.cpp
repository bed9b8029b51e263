#include "runtime/expr/array_text.hpp"
#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/json_compare.hpp"
#include "runtime/expr/text_frame.hpp"

namespace weir {
namespace {

/// Are two elements that read so equal?
template <bool AsNumbers>
bool same(std::string_view a, std::string_view b) noexcept {
  const bool alike = a.size() == b.size() && (a.empty() || (a.front() == b.front() && a == b));
  return alike || (AsNumbers && same_number(a, b));
}

void element(const kernel_frame& f) {
  std::string scratch;
  for (std::size_t i = 0; i < f.rows; ++i) {
    const auto text = f.a.is_null(i) ? std::string_view() : text_of(f.a, i);
    bool found = !f.a.is_null(i) && !f.b.is_null(i) && array_dimensions(text) == 1;
    auto ahead = found ? integer_of(f.b, i) - array_first_place(text) : -1;
    array_walk walk(text);
    for (found = found && ahead >= 0; found && ahead >= 0; --ahead) found = walk.next();
    if (!found || walk.is_null()) {
      f.out.append_null();
    } else if (auto read = append_text(f.out, walk.text(scratch)); !read) {
      f.out.append_null();
      f.fail(i, read.error().code, std::move(read.error().message));
    }
  }
}

/// Is the text among the elements? `null` where it is not, and one of them is null.
enum class finding : std::uint8_t { absent, present, unknown };

template <bool AsNumbers>
finding find(std::string_view array, std::string_view wanted, std::string& scratch) {
  auto outcome = finding::absent;
  for (array_walk walk(array); walk.next();) {
    if (walk.is_null())
      outcome = finding::unknown;
    else if (same<AsNumbers>(walk.text(scratch), wanted))
      return finding::present;
  }
  return outcome;
}

/// The text of the values that are sought, as it stands in arrays.
class sought_text {
public:
  explicit sought_text(const operand& values)
      : values_(values), as_bytes_(storage_of(values.values->type.id) == storage::bytes) {
    if (values.scalar && !values.is_null(0)) constant_ = text_at(0);
  }

  std::string_view of(std::size_t row) { return values_.scalar ? constant_ : text_at(row); }

private:
  std::string_view text_at(std::size_t row) {
    if (as_bytes_) return text_of(values_, row);
    written_.clear();
    write_text(*values_.values, row, written_);
    return written_;
  }

  const operand& values_;
  const bool as_bytes_;
  std::string_view constant_;
  std::string written_;
};

/// Nothing is in an empty array, not even null.
template <bool AsNumbers>
void any_equal(const kernel_frame& f) {
  std::string scratch;
  sought_text sought(f.a);
  f.out.nulls.assign(f.rows, 0);
  f.out.i64.assign(f.rows, 0);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.b.is_null(i)) {
      f.out.nulls[i] = 1;
      continue;
    }
    const auto array = text_of(f.b, i);
    if (f.a.is_null(i)) {
      f.out.nulls[i] = array_dimensions(array) == 0 ? 0 : 1;
      continue;
    }
    const auto outcome = find<AsNumbers>(array, sought.of(i), scratch);
    f.out.nulls[i] = outcome == finding::unknown ? 1 : 0;
    f.out.i64[i] = outcome == finding::present ? 1 : 0;
  }
}

/// Nulls equal nothing.
template <bool AsNumbers>
bool contains_all(std::string_view whole, std::string_view part, std::string& wanted, std::string& scratch) {
  for (array_walk walk(part); walk.next();)
    if (walk.is_null() || find<AsNumbers>(whole, walk.text(wanted), scratch) != finding::present) return false;
  return true;
}

template <bool AsNumbers>
bool overlaps(std::string_view a, std::string_view b, std::string& wanted, std::string& scratch) {
  for (array_walk walk(a); walk.next();)
    if (!walk.is_null() && find<AsNumbers>(b, walk.text(wanted), scratch) == finding::present) return true;
  return false;
}

template <bool AsNumbers, function Which>
void compare(const kernel_frame& f) {
  std::string wanted;
  std::string scratch;
  write_integers(f, [&](std::size_t i) {
    const auto a = text_of(f.a, i);
    const auto b = text_of(f.b, i);
    if constexpr (Which == function::array_contains) return contains_all<AsNumbers>(a, b, wanted, scratch) ? 1 : 0;
    if constexpr (Which == function::array_contained) return contains_all<AsNumbers>(b, a, wanted, scratch) ? 1 : 0;
    return overlaps<AsNumbers>(a, b, wanted, scratch) ? 1 : 0;
  });
}

void cardinality(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) { return array_count(text_of(f.a, i)); });
}

void length(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) {
    const auto length = weir::array_length(text_of(f.a, i), integer_of(f.b, i));
    if (!length) f.out.nulls[i] = 1;
    return length.value_or(0);
  });
}

template <bool AsNumbers>
kernel comparison_of(function f) noexcept {
  switch (f) {
    case function::any_equal: return any_equal<AsNumbers>;
    case function::array_contains: return compare<AsNumbers, function::array_contains>;
    case function::array_contained: return compare<AsNumbers, function::array_contained>;
    case function::array_overlaps: return compare<AsNumbers, function::array_overlaps>;
    default: return nullptr;
  }
}

} // namespace

kernel array_function_kernel(function f, const std::vector<data_type>& types) {
  if (f == function::any_equal) {
    if (types.size() != 2) return nullptr;
    const auto of = element_type(types[1]);
    if (!of || is_float(of->id) || is_float(types[0].id)) return nullptr;
    const bool numbers = of->id == type_id::numeric || types[0].id == type_id::numeric;
    return numbers ? comparison_of<true>(f) : comparison_of<false>(f);
  }
  if (!is_array(types.front())) return nullptr;
  if (f == function::cardinality) return types.size() == 1 ? cardinality : nullptr;
  if (types.size() != 2) return nullptr;
  if (f == function::array_element) return is_integer(types[1].id) ? element : nullptr;
  if (f == function::array_length) return is_integer(types[1].id) ? length : nullptr;
  if (!is_array(types[1])) return nullptr;
  const auto of = element_type(types[0]);
  return of && of->id == type_id::numeric ? comparison_of<true>(f) : comparison_of<false>(f);
}

} // namespace weir
