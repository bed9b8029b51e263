#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// How wide a line is in any usual sans-serif font of size 1, at most: for drawings that are made where no font is at
/// hand.
///
/// Input    UTF-8
/// Source   ASCII: the wider of DejaVu Sans and Verdana, which are wider than Helvetica and Arial; other characters are
///          taken to be as wide as high.
double text_width(std::string_view line) noexcept;

/// The same of bold letters.
double bold_text_width(std::string_view line) noexcept;

/// Lines no wider than `width` (by text_width), broken at blanks, or inside of a word that is wider. At most `lines`,
/// the last one then with `…` at its end.
std::vector<std::string> wrapped(std::string_view text, double width, std::size_t lines);

} // namespace weir
