#include <algorithm>

#include <fmt/format.h>

#include "dsl/diagnostic.hpp"
#include "dsl/secrets.hpp"
#include "runtime/base/utf8.hpp"

namespace weir::dsl {
namespace {

constexpr std::size_t max_shown = 120; ///< characters of a line
constexpr std::size_t context = 40;    ///< of them, before the span where the line is cut
constexpr std::size_t max_findings = 100;

/// A line as it is shown: characters, each with the place in the file it stands for.
struct shown_line {
  std::vector<std::string> characters;
  std::vector<std::size_t> offsets;

  void add(std::string character, std::size_t offset) {
    characters.push_back(std::move(character));
    offsets.push_back(offset);
  }
};

/// The line [begin, end) with each secret replaced by one "…", and without characters that move the cursor.
shown_line show(std::string_view text, std::size_t begin, std::size_t end) {
  const auto secrets = secrets_in(text); // in order, and apart
  auto secret = secrets.begin();
  shown_line line;
  for (std::size_t at = begin; at < end;) {
    while (secret != secrets.end() && secret->second <= at) ++secret;
    if (secret != secrets.end() && secret->first <= at) {
      line.add("…", at);
      at = secret->second;
      continue;
    }
    std::size_t next = at + 1;
    while (next < end && !begins_character(text[next])) ++next;
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool broken = first_invalid_utf8(text.substr(at, next - at)) != std::string_view::npos;
    line.add(byte < 0x20 || byte == 0x7f ? " " : broken ? "?" : std::string(text.substr(at, next - at)), at);
    at = next;
  }
  return line;
}

/// The characters of `line` that are underlined for [begin, end): at least one, perhaps the one behind the line.
std::pair<std::size_t, std::size_t> underlined(const shown_line& line, std::size_t begin, std::size_t end) {
  const auto& at = line.offsets;
  auto first = std::upper_bound(at.begin(), at.end(), begin);
  if (first != at.begin() && *std::prev(first) <= begin && (first != at.end() || begin == at.back())) --first;
  const auto last = std::lower_bound(first, at.end(), end);
  const auto from = static_cast<std::size_t>(first - at.begin());
  return {from, std::max(from + 1, static_cast<std::size_t>(last - at.begin()))};
}

std::string excerpt(std::string_view text, const span& where, std::size_t line_number) {
  const std::size_t at = std::min<std::size_t>(where.begin, text.size());
  const std::size_t break_before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t begin = break_before == std::string_view::npos ? 0 : break_before + 1;
  const std::size_t end = std::min(text.find('\n', at), text.size());
  const auto line = show(text, begin, end);
  auto [from, to] = underlined(line, at, std::min<std::size_t>(where.end, end));
  std::size_t shown_from = 0;
  if (line.characters.size() > max_shown && from > context) shown_from = from - context;
  const std::size_t shown_to = std::min(line.characters.size(), shown_from + max_shown);
  to = std::max(std::min(to, shown_to), from + 1);

  std::string code_line = shown_from > 0 ? "…" : "";
  for (std::size_t i = shown_from; i < shown_to; ++i) code_line += line.characters[i];
  if (shown_to < line.characters.size()) code_line += "…";
  const auto indent = from - shown_from + (shown_from > 0 ? 1 : 0);
  return fmt::format("{:>5} | {}\n      | {}{}\n", line_number, code_line, std::string(indent, ' '),
                     std::string(to - from, '^'));
}

std::string count_of(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

} // namespace

std::string render(const source_text& text, const diagnostic& d) {
  const char* severity_name = d.severity == severity::error ? "error" : "warning";
  std::string out;
  if (d.where && d.where->file < text.files.size()) {
    const auto& file = text.files[d.where->file];
    const auto at = text.locate(d.where->file, d.where->begin);
    out = fmt::format("{}:{}:{}: {}[{}]: {}\n", file.name, at.line, at.column, severity_name, to_string(d.code),
                      d.message);
    const bool is_text = d.code != code::binary_file && d.code != code::file_too_large;
    if (!file.text.empty() && is_text) out += excerpt(file.text, *d.where, at.line);
  } else {
    out = fmt::format("{}[{}]: {}\n", severity_name, to_string(d.code), d.message);
  }
  if (!d.hint.empty()) out += fmt::format("   hint: {}\n", d.hint);
  return out;
}

std::string render(const source_text& text, const diagnostics& found) {
  if (found.empty()) return {};
  std::string out;
  const std::size_t shown = std::min(found.size(), max_findings);
  for (std::size_t i = 0; i < shown; ++i) out += render(text, found[i]) + "\n";
  const auto errors = static_cast<std::size_t>(
      std::count_if(found.begin(), found.end(), [](const diagnostic& d) { return d.severity == severity::error; }));
  const std::size_t warnings = found.size() - errors;
  if (errors > 0) out += count_of(errors, "error");
  if (warnings > 0) out += (errors > 0 ? ", " : "") + count_of(warnings, "warning");
  if (shown < found.size()) out += fmt::format("; the first {} are shown", shown);
  return out + "\n";
}

} // namespace weir::dsl
