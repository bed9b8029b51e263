#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/cluster/cluster_spec.hpp"

namespace weir {
namespace {

using parameter = std::pair<std::string, std::string>;

constexpr std::string_view space = " \t\r\n\v\f";

/// What may be shown of a connection string. All else is left out, known or not.
constexpr std::array<std::string_view, 6> shown{"service", "host", "hostaddr", "port", "dbname", "user"};

/// keyword = value …, values perhaps in single quotes, with backslash escapes, as libpq reads them.
std::vector<parameter> read_pairs(std::string_view text) {
  std::vector<parameter> out;
  std::size_t at = 0;
  const auto skip_space = [&] { at = std::min(text.find_first_not_of(space, at), text.size()); };
  for (skip_space(); at < text.size(); skip_space()) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\v\f=", at), text.size());
    parameter p{std::string(text.substr(at, end - at)), {}};
    at = end;
    skip_space();
    if (at >= text.size() || text[at] != '=') break; // libpq refuses it; what follows may be anything
    ++at;
    skip_space();
    const bool quoted = at < text.size() && text[at] == '\'';
    if (quoted) ++at;
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (quoted ? c == '\'' : space.find(c) != std::string_view::npos) break;
      if (c == '\\' && at + 1 < text.size()) ++at;
      p.second += text[at];
    }
    if (quoted) ++at;
    out.push_back(std::move(p));
  }
  return out;
}

/// postgresql://[user[:password]@][host][:port][,…][/dbname][?…]. Parameters are left out: their names may be escaped.
std::vector<parameter> read_uri(std::string_view rest) {
  std::vector<parameter> out;
  rest = rest.substr(0, rest.find('?'));
  const auto slash = rest.find('/');
  // an unescaped '/' in a password would end the servers here: then nothing before the last '@' is believed
  const auto at = rest.rfind('@');
  std::string_view database;
  std::string_view servers = rest;
  if (at != std::string_view::npos) servers = rest.substr(at + 1);
  const auto path = servers.find('/');
  if (path != std::string_view::npos) {
    database = servers.substr(path + 1);
    servers = servers.substr(0, path);
  }
  std::string hosts;
  std::string ports;
  while (!servers.empty()) {
    const auto comma = std::min(servers.find(','), servers.size());
    const auto one = servers.substr(0, comma);
    const auto bracket = one.rfind(']');
    const auto colon = one.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (!hosts.empty()) hosts += ',';
    hosts += one.substr(0, colon);
    if (colon != std::string_view::npos) ports += (ports.empty() ? "" : ",") + std::string(one.substr(colon + 1));
    servers.remove_prefix(std::min(comma + 1, servers.size()));
  }
  if (!hosts.empty()) out.emplace_back("host", hosts);
  if (!ports.empty()) out.emplace_back("port", ports);
  if (!database.empty()) out.emplace_back("dbname", std::string(database));
  if (at != std::string_view::npos && slash > at)
    out.emplace_back("user", std::string(rest.substr(0, std::min(rest.find(':'), at))));
  return out;
}

} // namespace

std::string redact(const std::string& conninfo) {
  const std::string_view text = conninfo;
  const auto scheme = text.find("://");
  const bool uri = text.starts_with("postgresql://") || text.starts_with("postgres://");
  const auto parameters = uri ? read_uri(text.substr(scheme + 3)) : read_pairs(text);
  std::string out;
  for (const auto keyword : shown)
    for (const auto& [name, value] : parameters) {
      if (name != keyword || value.empty()) continue;
      if (keyword == "dbname" && value.find_first_of("=:") != std::string::npos) continue; // a connection string again
      if (!out.empty()) out += ' ';
      out += name + "=" + value;
    }
  return out.empty() ? "(libpq's defaults)" : out;
}

} // namespace weir
