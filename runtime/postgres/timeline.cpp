#include "runtime/postgres/timeline.hpp"

#include <charconv>

#include <fmt/format.h>

namespace weir::postgres {
namespace {

error bad_line(std::string_view line) {
  return {errc::invalid_value, fmt::format("a line of the server's timeline history is not one: \"{}\"", line)};
}

/// "1\t0/3000000\tno recovery target specified"
result<timeline_end> parse_line(std::string_view line) {
  timeline_end out;
  const auto* last = line.data() + line.size();
  const auto [rest, failure] = std::from_chars(line.data(), last, out.timeline);
  if (failure != std::errc{} || rest == last || *rest != '\t') return bad_line(line);
  std::string_view position(rest + 1, static_cast<std::size_t>(last - rest - 1));
  position = position.substr(0, position.find('\t'));
  auto end = parse_lsn(position);
  if (!end) return bad_line(line);
  out.end = *end;
  return out;
}

} // namespace

result<std::vector<timeline_end>> parse_timeline_history(std::string_view text) {
  std::vector<timeline_end> ends;
  while (!text.empty()) {
    const auto length = text.find('\n');
    const auto line = text.substr(0, length);
    text.remove_prefix(length == std::string_view::npos ? text.size() : length + 1);
    if (line.empty() || line.front() == '#') continue;
    WEIR_ASSIGN(const auto end, parse_line(line));
    ends.push_back(end);
  }
  return ends;
}

result<std::vector<timeline_end>> timeline_history(connection& replication, std::int32_t timeline) {
  if (timeline <= 1) return std::vector<timeline_end>{};
  WEIR_ASSIGN(const auto answer, replication.query(fmt::format("TIMELINE_HISTORY {}", timeline)));
  if (answer.rows() != 1 || answer.columns() < 2)
    return error{errc::internal, replication.address() + ": TIMELINE_HISTORY gave an unexpected answer"};
  return parse_timeline_history(answer.at(0, 1));
}

} // namespace weir::postgres
