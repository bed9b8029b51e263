#include "runtime/expr/json_blocks.hpp"

#include <algorithm>
#include <iterator>

namespace weir {

byte_block json_blocks::filled_up() noexcept {
  std::fill(std::begin(last_), std::end(last_), '\0');
  std::copy(text_.begin() + static_cast<std::ptrdiff_t>(begin_), text_.end(), last_);
  return {last_, std::size(last_)};
}

std::uint64_t json_blocks::without_escaped(std::uint64_t backslashes) noexcept {
  std::uint64_t escaped = escapes_next_ ? 1 : 0;
  std::uint64_t kept = 0;
  bool in_string = in_string_;
  escapes_next_ = false;
  for (auto signs = (quotes_ | backslashes) & ~escaped; signs != 0; signs &= (signs - 1) & ~escaped) {
    const auto sign = signs & -signs;
    if ((quotes_ & sign) != 0) {
      kept |= sign;
      in_string = !in_string;
    } else if (in_string) {
      escaped |= sign << 1;
      escapes_next_ = sign >> 63 != 0;
    }
  }
  return kept;
}

std::size_t json_blocks::end_of_container(std::uint64_t bit) const noexcept {
  const auto opened = openings() & -bit;
  if ((opened & bit) == 0) return 0;
  int depth = 0;
  for (auto both = opened | (closings() & -bit); both != 0; both &= both - 1) {
    depth += (opened & both & -both) != 0 ? 1 : -1;
    if (depth == 0) return begin_ + static_cast<std::size_t>(std::countr_zero(both)) + 1;
  }
  return 0;
}

} // namespace weir
