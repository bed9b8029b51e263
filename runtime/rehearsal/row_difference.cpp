#include "runtime/rehearsal/row_difference.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "runtime/rehearsal/constant.hpp"

namespace weir::rehearsal {
namespace {

std::string shown(const column& from, std::size_t row) {
  const auto text = text_at(from, row);
  if (!text) return "null";
  const bool bare = is_number(from.type.id) || from.type.id == type_id::boolean;
  if (bare) return from.type.id == type_id::boolean ? (*text == "t" ? "true" : "false") : *text;
  std::string quoted = "'";
  for (const char c : *text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

/// Equal rows have equal keys; by their order people find a row.
struct shown_row {
  std::string key;
  std::string text;
};

shown_row row_of(const std::vector<column>& columns, std::size_t row) {
  shown_row out;
  for (const auto& c : columns) {
    const auto part = key_of(c, row);
    out.key += fmt::format("{}:{}", part.size(), part);
    out.text += (out.text.empty() ? "" : ", ") + shown(c, row);
  }
  out.text = "(" + out.text + ")";
  return out;
}

} // namespace

result<row_difference> compare_rows(const view_plan& view, const std::vector<std::vector<expression>>& expected,
                                    const batch& found) {
  std::map<std::string, std::vector<std::string>> wanted;
  row_difference out;
  for (const auto& values : expected) {
    std::vector<column> columns;
    for (std::size_t i = 0; i < values.size(); ++i) {
      WEIR_ASSIGN(auto value, constant(values[i]));
      value.type = without_modifier(view.outputs[i].type);
      columns.push_back(std::move(value));
    }
    auto r = row_of(columns, 0);
    wanted[r.key].push_back(std::move(r.text));
  }
  std::vector<std::pair<std::string, char>> lines;
  for (std::size_t i = 0; i < found.rows(); ++i) {
    auto r = row_of(found.columns, i);
    auto& same = wanted[r.key];
    lines.emplace_back(r.text, same.empty() ? '+' : ' ');
    if (!same.empty()) same.pop_back();
  }
  for (const auto& [key, left] : wanted)
    for (const auto& text : left) lines.emplace_back(text, '-');
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
    return a.first.substr(0, a.first.find(',')) < b.first.substr(0, b.first.find(','));
  });
  out.expected = expected.size();
  out.found = found.rows();
  for (const auto& [text, mark] : lines) {
    out.same = out.same && mark == ' ';
    out.lines.push_back(fmt::format("{} {}", mark, text));
  }
  return out;
}

} // namespace weir::rehearsal
