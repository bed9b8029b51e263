#include "runtime/base/xml_text.hpp"

#include "runtime/base/utf8.hpp"

namespace weir {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// One well-formed character.
void append(std::string& out, std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character == "&")
    out += "&amp;";
  else if (character == "<")
    out += "&lt;";
  else if (character == ">")
    out += "&gt;";
  else if (character == "\"")
    out += "&quot;";
  else if (first < 0x20 && character != "\n" && character != "\t")
    out += replacement;
  else if (character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF") // U+FFFE, U+FFFF
    out += replacement;
  else
    out += character;
}

} // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t bytes = 1;
    while (bytes < text.size() && !begins_character(text[bytes])) ++bytes;
    const auto character = text.substr(0, bytes);
    if (first_invalid_utf8(character) == std::string_view::npos)
      append(out, character);
    else
      out += replacement;
    text.remove_prefix(bytes);
  }
  return out;
}

} // namespace weir
