#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "runtime/expr/kernel.hpp"
#include "runtime/rows/float_text.hpp"
#include "runtime/rows/integer_text.hpp"

namespace weir {

/// How the text of one row is written: appended to the arena of the output.
class text_sink {
public:
  explicit text_sink(column& out) : out_(out) {}
  void append(std::string_view text) { out_.arena.insert(out_.arena.end(), text.begin(), text.end()); }

private:
  column& out_;
};

/// Calls write(row, sink) for the rows where no argument is null; it may call f.fail instead of writing.
template <class Write>
void write_texts(const kernel_frame& f, Write write) {
  merge_nulls(f);
  f.out.offsets.reserve(f.rows + 1);
  text_sink sink(f.out);
  for (std::size_t i = 0; i < f.rows; ++i) {
    const auto before = f.out.arena.size();
    if (f.out.nulls[i] == 0) write(i, sink);
    if (f.out.arena.size() > std::numeric_limits<std::uint32_t>::max()) {
      f.out.arena.resize(before);
      f.fail(i, errc::internal, "a column of one batch holds at most 4 GiB of text");
    }
    f.out.offsets.push_back(static_cast<std::uint32_t>(f.out.arena.size()));
  }
}

inline std::string_view text_of(const operand& arg, std::size_t row) { return arg.values->bytes_at(arg.at(row)); }
inline std::int64_t integer_of(const operand& arg, std::size_t row) { return arg.values->i64[arg.at(row)]; }

/// Appends the text of a value of type `id`; its column may bear the name of the type that it was widened from.
inline void write_value(type_id id, const operand& arg, std::size_t row, std::string& out) {
  const auto at = arg.at(row);
  if (id == type_id::float8) return write_float8(arg.values->f64[at], out);
  if (is_integer(id)) return write_integer(arg.values->i64[at], out);
  write_text(*arg.values, at, out);
}

} // namespace weir
