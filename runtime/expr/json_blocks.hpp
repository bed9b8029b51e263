#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/expr/byte_block.hpp"

namespace weir {

/// Passes over a document 64 bytes at a time, and tells of each what is in strings. It begins outside of them. Answers
/// have a bit for each byte, the lowest for the first; behind the end of the text there is nothing.
class json_blocks {
public:
  explicit json_blocks(std::string_view text) noexcept : text_(text) {}
  json_blocks(const json_blocks&) = delete;
  json_blocks& operator=(const json_blocks&) = delete;

  /// False behind the last one.
  bool next() noexcept {
    begin_ = end_;
    if (begin_ >= text_.size()) return false;
    end_ = std::min(begin_ + byte_block::size, text_.size());
    block_ = end_ - begin_ >= byte_block::least ? byte_block(text_.data() + begin_, end_ - begin_) : filled_up();
    quotes_ = block_.places_of('"');
    const auto backslashes = block_.places_of('\\');
    if ((backslashes | (escapes_next_ ? 1U : 0U)) != 0) quotes_ = without_escaped(backslashes);
    in_strings_ = odd_so_far(quotes_) ^ (in_string_ ? ~std::uint64_t{0} : 0);
    in_string_ = in_strings_ >> 63 != 0;
    return true;
  }

  bool is_last() const noexcept { return end_ == text_.size(); }
  /// Where the block begins in the text.
  std::size_t begin() const noexcept { return begin_; }
  /// Those that strings begin and end with.
  std::uint64_t quotes() const noexcept { return quotes_; }
  std::uint64_t opening_quotes() const noexcept { return quotes_ & in_strings_; }
  /// Brackets and braces outside of strings.
  std::uint64_t openings() const noexcept { return block_.places_of('{', '{' ^ '[') & ~in_strings_; }
  std::uint64_t closings() const noexcept { return block_.places_of('}', '}' ^ ']') & ~in_strings_; }

  std::uint64_t opening_braces() const noexcept { return block_.places_of('{') & ~in_strings_; }
  std::uint64_t closing_braces() const noexcept { return block_.places_of('}') & ~in_strings_; }
  /// Behind the string or the container that begins at `value`, not before the block; 0 if it does not begin and end in
  /// the block.
  std::size_t end_of(std::size_t value) const noexcept {
    if (value >= end_) return 0;
    const auto bit = std::uint64_t{1} << (value - begin_);
    if ((quotes_ & bit) == 0) return end_of_container(bit);
    const auto closing = quotes_ & -(bit << 1);
    return closing == 0 ? 0 : begin_ + static_cast<std::size_t>(std::countr_zero(closing)) + 1;
  }

private:
  /// Of each bit whether an odd number of bits are set up to it.
  static std::uint64_t odd_so_far(std::uint64_t bits) noexcept {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
  }

  std::size_t end_of_container(std::uint64_t bit) const noexcept;
  /// The last bytes of the text, zeros behind them.
  byte_block filled_up() noexcept;
  /// The quotes of the block that no backslash of a string takes its meaning from.
  std::uint64_t without_escaped(std::uint64_t backslashes) noexcept;

  std::string_view text_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  byte_block block_;
  std::uint64_t quotes_ = 0;
  std::uint64_t in_strings_ = 0; // the opening quote belongs to the string, the closing one does not
  bool in_string_ = false;       // at the end of the block
  bool escapes_next_ = false;    // the last byte of the block is a backslash that counts
  char last_[byte_block::least];
};

} // namespace weir
