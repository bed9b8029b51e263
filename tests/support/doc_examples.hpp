#pragma once

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::test {

/// A fenced block of a document: what stands behind the quotes, and the text.
struct fenced_block {
  std::string kind;
  std::string text;
  std::string after = {}; ///< the line behind it that is not empty
};

inline std::vector<fenced_block> fenced_blocks(const std::string& markdown) {
  std::vector<fenced_block> blocks;
  std::istringstream lines(markdown);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), {}});
    } else if (inside) {
      blocks.back().text += line + "\n";
    } else if (!blocks.empty() && blocks.back().after.empty()) {
      blocks.back().after = line;
    }
  }
  return blocks;
}

/// A program that is refused: ```pipe refused W0301.
inline std::optional<std::string> refusal_of(const fenced_block& block) {
  constexpr std::string_view begin = "pipe refused ";
  if (!block.kind.starts_with(begin)) return std::nullopt;
  return block.kind.substr(begin.size());
}

/// What is told of a refused program: behind it stands "Told: `MESSAGE`".
inline std::string told_of(const fenced_block& block) {
  constexpr std::string_view begin = "Told: `";
  if (!block.after.starts_with(begin)) return {};
  return block.after.substr(begin.size(), block.after.find('`', begin.size()) - begin.size());
}

/// A line of a block ```diff: an expression, and what is told of it.
///
///     + left('pipe', 2)   -- text = pi; of a negative number all but the last
///     - left(region)      -- W0302 there is no left(text); a remark
struct expression_example {
  std::string text;
  bool holds = false;
  std::string type;                 ///< where it holds: PostgreSQL's name
  std::optional<std::string> value; ///< where it holds, and the value is told
  std::string code;                 ///< where it does not
  std::string message;              ///< a part of what is told
};

/// Empty if the line is not written so.
inline std::optional<expression_example> example_of(const std::string& line) {
  const auto trimmed = [](const std::string& s) {
    const auto first = s.find_first_not_of(' ');
    return first == std::string::npos ? std::string() : s.substr(first, s.find_last_not_of(' ') + 1 - first);
  };
  const auto comment = line.find(" -- ");
  if (comment == std::string::npos || line.size() < 4 || (line[0] != '+' && line[0] != '-') || line[1] != ' ')
    return std::nullopt;
  expression_example out{trimmed(line.substr(2, comment - 2)), line[0] == '+', {}, {}, {}, {}};
  const auto told = line.substr(comment + 4);
  const auto first = trimmed(told.substr(0, told.find(';')));
  if (!out.holds) {
    out.code = first.substr(0, 5);
    out.message = trimmed(first.substr(std::min<std::size_t>(5, first.size())));
    return out;
  }
  const auto equals = first.find(" = ");
  out.type = first.substr(0, equals);
  if (equals != std::string::npos) out.value = first.substr(equals + 3);
  return out;
}

} // namespace weir::test
