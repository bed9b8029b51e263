#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Text between tags or double quotes of an XML document, which is well formed whatever the text is.
///
/// Output   UTF-8. What is none, and characters that XML has not, however they are written, become U+FFFD. The end of a
///          line and a tab are kept: in the value of an attribute they are read as blanks.
/// Source   XML 1.0, sections 2.2 and 2.4.
std::string xml_text(std::string_view text);

} // namespace weir
