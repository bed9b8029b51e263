#include "runtime/rows/text_form.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "runtime/rows/integer_text.hpp"

namespace weir {
namespace {

constexpr std::array<std::pair<type_id, std::string_view>, 19> names_of_types{{{type_id::boolean, "bool"},
                                                                               {type_id::int2, "int2"},
                                                                               {type_id::int4, "int4"},
                                                                               {type_id::int8, "int8"},
                                                                               {type_id::numeric, "numeric"},
                                                                               {type_id::float4, "float4"},
                                                                               {type_id::float8, "float8"},
                                                                               {type_id::text, "text"},
                                                                               {type_id::varchar, "varchar"},
                                                                               {type_id::date, "date"},
                                                                               {type_id::timestamp, "timestamp"},
                                                                               {type_id::timestamptz, "timestamptz"},
                                                                               {type_id::uuid, "uuid"},
                                                                               {type_id::time, "time"},
                                                                               {type_id::interval, "interval"},
                                                                               {type_id::character, "bpchar"},
                                                                               {type_id::verbatim, "verbatim"},
                                                                               {type_id::opaque, "opaque"},
                                                                               {type_id::citext, "citext"}}};

constexpr std::int32_t typmod_header = 4;

bool needs_quotes(std::string_view value) {
  if (value.empty() || value == "null") return true;
  return std::any_of(value.begin(), value.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code <= ' ' || code == 0x7f || c == '\'' || c == '#';
  });
}

std::string in_quotes(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    switch (c) {
      case '\'': out += "''"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '\\': out += "\\\\"; break;
      default: out.push_back(c);
    }
  }
  return out + "'";
}

std::string cell(const column& from, std::size_t row) {
  if (from.is_null(row)) return "null";
  std::string value;
  write_text(from, row, value);
  return needs_quotes(value) ? in_quotes(value) : value;
}

/// As many columns of a terminal as the text takes, if every code point takes one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// One line's words.
struct word {
  std::string text;
  bool was_quoted = false;
};

char unescaped(char c) noexcept {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    default: return c;
  }
}

/// Reads a quoted word from behind its opening quote; false if it does not end.
bool read_quoted(std::string_view line, std::size_t& at, std::string& out) {
  while (at < line.size()) {
    const char c = line[at++];
    if (c == '\'') {
      if (at == line.size() || line[at] != '\'') return true;
      out.push_back(line[at++]);
    } else if (c == '\\' && at < line.size()) {
      out.push_back(unescaped(line[at++]));
    } else {
      out.push_back(c);
    }
  }
  return false;
}

result<std::vector<word>> split(std::string_view line) {
  std::vector<word> words;
  for (std::size_t at = 0; at < line.size();) {
    if (is_blank(line[at])) {
      ++at;
      continue;
    }
    if (line[at] == '#') break;
    auto& next = words.emplace_back();
    if (line[at] == '\'') {
      next.was_quoted = true;
      if (!read_quoted(line, ++at, next.text)) return error{errc::invalid_value, "a quoted value does not end"};
      continue;
    }
    while (at < line.size() && !is_blank(line[at]) && line[at] != '#') next.text.push_back(line[at++]);
  }
  return words;
}

result<std::int64_t> parse_weight(std::string_view text) {
  if (text == "+") return std::int64_t{1};
  if (text == "-") return std::int64_t{-1};
  std::int64_t weight = 0;
  const bool has_sign = text.starts_with('+') || text.starts_with('-');
  if (has_sign && parse_integer(text, weight) == parse_outcome::ok) return weight;
  return error{errc::invalid_value, fmt::format("'{}' is no weight", text), "write +, -, +2, -3 …"};
}

std::string print_weight(std::int64_t weight) {
  if (weight == 1) return "+";
  if (weight == -1) return "-";
  return fmt::format("{:+}", weight);
}

status parse_header(const std::vector<word>& words, named_batch& into) {
  for (const auto& w : words) {
    const auto colon = w.text.rfind(':');
    if (colon == std::string::npos || colon == 0) {
      return error{errc::invalid_value, fmt::format("'{}' is no column", w.text), "write name:type"};
    }
    WEIR_ASSIGN(const auto type, parse_short_name(std::string_view(w.text).substr(colon + 1)));
    into.names.push_back(w.text.substr(0, colon));
    into.rows.columns.emplace_back(type);
  }
  return {};
}

status parse_row(const std::vector<word>& words, batch& into) {
  if (words.size() != into.columns.size() + 1) {
    return error{errc::invalid_value, fmt::format("{} values for {} columns", words.size() - 1, into.columns.size())};
  }
  WEIR_ASSIGN(const auto weight, parse_weight(words.front().text));
  for (std::size_t i = 0; i < into.columns.size(); ++i) {
    const auto& value = words[i + 1];
    if (!value.was_quoted && value.text == "null") {
      into.columns[i].append_null();
    } else {
      WEIR_TRY(append_text(into.columns[i], value.text));
    }
  }
  into.weights.push_back(weight);
  return {};
}

/// The cells of a text form; row 0 is the header, cell 0 the weight.
std::vector<std::vector<std::string>> cells_of(const batch& rows, std::span<const std::string> names) {
  std::vector<std::vector<std::string>> cells(rows.rows() + 1);
  for (std::size_t c = 0; c < rows.columns.size(); ++c) {
    const auto& from = rows.columns[c];
    cells[0].push_back(
        fmt::format("{}:{}", c < names.size() ? names[c] : fmt::format("c{}", c), short_name(from.type)));
    for (std::size_t r = 0; r < rows.rows(); ++r) cells[r + 1].push_back(cell(from, r));
  }
  return cells;
}

void pad_and_append(std::string& out, const std::string& value, std::size_t width, bool to_the_right) {
  const std::string blanks(width - std::min(width, width_of(value)), ' ');
  out += to_the_right ? blanks + value : value + blanks;
}

} // namespace

std::string short_name(const data_type& type) {
  if (is_passed_through(type.id)) return type.name;
  const auto name = names_of_types[static_cast<std::size_t>(type.id)].second;
  if (type.typmod < 0) return std::string(name);
  const auto modifier = type.typmod - typmod_header;
  switch (type.id) {
    case type_id::numeric:
      return fmt::format("numeric({},{})", (modifier >> 16) & 0xffff, ((modifier & 0x7ff) ^ 1024) - 1024);
    case type_id::varchar:
    case type_id::character: return fmt::format("{}({})", name, modifier);
    default: return fmt::format("{}({})", name, type.typmod);
  }
}

result<data_type> parse_short_name(std::string_view name) {
  const auto open = name.find('(');
  const auto base = name.substr(0, open);
  const auto* const known =
      std::find_if(names_of_types.begin(), names_of_types.end(), [&](const auto& n) { return n.second == base; });
  if (known == names_of_types.end()) {
    std::string all;
    for (const auto& n : names_of_types) all += fmt::format("{}{}", all.empty() ? "" : ", ", n.second);
    return error{errc::invalid_value, fmt::format("'{}' is no type", name), "the types are " + all};
  }
  data_type type{known->first, -1};
  if (open == std::string_view::npos) return type;
  std::int64_t first = 0;
  std::int64_t second = 0;
  auto inside = name.substr(open + 1);
  if (!inside.ends_with(')')) return error{errc::invalid_value, fmt::format("'{}' is no type", name)};
  inside.remove_suffix(1);
  const auto comma = inside.find(',');
  const bool has_scale = comma != std::string_view::npos;
  if (parse_integer(inside.substr(0, comma), first) != parse_outcome::ok ||
      (has_scale && parse_integer(inside.substr(comma + 1), second) != parse_outcome::ok)) {
    return error{errc::invalid_value, fmt::format("'{}' is no type", name)};
  }
  switch (type.id) {
    case type_id::numeric:
      type.typmod = static_cast<std::int32_t>((first << 16) | (second & 0x7ff)) + typmod_header;
      break;
    case type_id::varchar:
    case type_id::character: type.typmod = static_cast<std::int32_t>(first) + typmod_header; break;
    default: type.typmod = static_cast<std::int32_t>(first);
  }
  return type;
}

std::string to_text(const batch& rows, std::span<const std::string> names) {
  const auto cells = cells_of(rows, names);
  std::size_t weight_width = 2;
  for (const auto weight : rows.weights) weight_width = std::max(weight_width, print_weight(weight).size());
  std::vector<std::size_t> widths(rows.columns.size(), 0);
  for (std::size_t r = 1; r < cells.size(); ++r) {
    for (std::size_t c = 0; c < widths.size(); ++c) widths[c] = std::max(widths[c], width_of(cells[r][c]));
  }
  std::string out;
  for (const auto& title : cells[0]) out += (out.empty() ? "" : "  ") + title;
  out += '\n';
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    std::string line;
    pad_and_append(line, print_weight(rows.weights[r]), weight_width, false);
    for (std::size_t c = 0; c < widths.size(); ++c) {
      line += c == 0 ? " " : "  ";
      pad_and_append(line, cells[r + 1][c], widths[c], is_number(rows.columns[c].type.id));
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + '\n';
  }
  return out;
}

result<named_batch> parse_text(std::string_view text) {
  named_batch parsed;
  bool has_header = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto words = split(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words && words->empty()) continue;
    status outcome = !words       ? status(words.error())
                     : has_header ? parse_row(*words, parsed.rows)
                                  : parse_header(*words, parsed);
    has_header = true;
    if (!outcome) {
      auto failure = std::move(outcome).error();
      failure.message = fmt::format("line {}: {}", number, failure.message);
      return failure;
    }
  }
  return parsed;
}

} // namespace weir
