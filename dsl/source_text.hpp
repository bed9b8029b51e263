#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::dsl {

/// Where something is written: bytes [begin, end) of file `file` of a source_text.
struct span {
  std::uint32_t file = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const span&, const span&) = default;
};

/// From the beginning of `first` to the end of `last`, both of one file.
inline span join(span first, span last) { return {first.file, first.begin, last.end}; }

/// Line and column of a place, both from 1; the column counts characters, not bytes.
struct line_column {
  std::size_t line = 1;
  std::size_t column = 1;
};

struct source_file {
  std::string name; ///< as the user gave it
  std::string text;
  bool read = true; ///< false: it could not be read, which has been reported
};

/// A file of more bytes than this is refused unread.
inline constexpr std::size_t max_file_bytes = std::size_t{1} << 20;

/// The text of one program: all its files, in the order given.
struct source_text {
  std::vector<source_file> files;

  /// Of the byte at `offset` of file `file`.
  line_column locate(std::uint32_t file, std::uint32_t offset) const;
};

/// A program of one file, already in memory.
source_text text_of(std::string name, std::string text);

} // namespace weir::dsl
