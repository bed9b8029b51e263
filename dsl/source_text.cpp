#include "dsl/source_text.hpp"

#include <algorithm>

#include "runtime/base/utf8.hpp"

namespace weir::dsl {

line_column source_text::locate(std::uint32_t file, std::uint32_t offset) const {
  line_column at;
  if (file >= files.size()) return at;
  const std::string& text = files[file].text;
  const std::size_t end = std::min<std::size_t>(offset, text.size());
  for (std::size_t i = 0; i < end; ++i) {
    if (text[i] == '\n') {
      ++at.line;
      at.column = 1;
    } else if (begins_character(text[i])) {
      ++at.column;
    }
  }
  return at;
}

source_text text_of(std::string name, std::string text) {
  source_text out;
  out.files.push_back({std::move(name), std::move(text)});
  return out;
}

} // namespace weir::dsl
