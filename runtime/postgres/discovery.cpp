#include "runtime/postgres/discovery.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace weir::postgres {

namespace {

error no_coordinator(const connection& server, std::string_view why) {
  return {errc::config_invalid, fmt::format("{}: the server is not a Citus coordinator: {}", server.address(), why),
          "for servers without Citus list them in the cluster block: nodes \"host=… port=… dbname=…\", …"};
}

std::string quoted_value(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// Quoted only where it has to be: for people.
std::string shown_value(std::string_view value) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/";
  const bool bare = !value.empty() && value.find_first_not_of(plain) == std::string_view::npos;
  return bare ? std::string(value) : quoted_value(value);
}

/// Name and value of what a connection string says.
using conninfo_pairs = std::vector<std::pair<std::string, std::string>>;

result<conninfo_pairs> parse_conninfo(const std::string& conninfo) {
  struct free_options {
    void operator()(PQconninfoOption* o) const noexcept { PQconninfoFree(o); }
  };
  char* text = nullptr; // may quote a password
  const std::unique_ptr<PQconninfoOption, free_options> parsed{PQconninfoParse(conninfo.c_str(), &text)};
  if (text != nullptr) PQfreemem(text);
  if (!parsed) return error{errc::config_invalid, "a connection string cannot be read"};
  conninfo_pairs pairs;
  for (const PQconninfoOption* o = parsed.get(); o->keyword != nullptr; ++o)
    if (o->val != nullptr) pairs.emplace_back(o->keyword, o->val);
  return pairs;
}

std::string join(const conninfo_pairs& pairs) {
  std::string out;
  for (const auto& [keyword, value] : pairs)
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", keyword, quoted_value(value));
  return out;
}

bool names_a_place(std::string_view keyword) { return keyword == "host" || keyword == "hostaddr" || keyword == "port"; }

} // namespace

result<std::string> with_address(const std::string& conninfo, const std::string& host, const std::string& port) {
  WEIR_ASSIGN(const auto before, parse_conninfo(conninfo));
  conninfo_pairs pairs{{"host", host}, {"port", port}};
  for (const auto& p : before)
    if (!names_a_place(p.first)) pairs.push_back(p);
  return join(pairs);
}

result<std::string> with_parameters(const std::string& conninfo, const std::string& changes) {
  WEIR_ASSIGN(const auto before, parse_conninfo(conninfo));
  WEIR_ASSIGN(auto pairs, parse_conninfo(changes));
  const auto said = [&pairs = std::as_const(pairs)](std::string_view keyword) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const auto& p) { return p.first == keyword; });
  };
  // Another host is at another address than the one that was given for it.
  const bool moved = said("host") || said("hostaddr");
  conninfo_pairs kept;
  for (const auto& p : before) {
    const bool stale = moved && (p.first == "host" || p.first == "hostaddr");
    if (!said(p.first) && !stale) kept.push_back(p);
  }
  pairs.insert(pairs.begin(), kept.begin(), kept.end());
  return join(pairs);
}

std::string place_of(const connection& sql) {
  std::string out;
  for (const auto& [keyword, value] : {std::pair{"host", PQhost(sql.native())}, std::pair{"port", PQport(sql.native())},
                                       std::pair{"dbname", PQdb(sql.native())}})
    if (value != nullptr && *value != '\0')
      out += fmt::format("{}{}={}", out.empty() ? "" : " ", keyword, shown_value(value));
  return out;
}

std::string user_of(const std::string& conninfo) {
  const auto pairs = parse_conninfo(conninfo);
  if (!pairs) return {};
  for (const auto& [keyword, value] : *pairs)
    if (keyword == "user") return value;
  return {};
}

result<std::vector<node_spec>> discover_nodes(connection& coordinator, const std::string& coordinator_conninfo) {
  WEIR_ASSIGN(const auto columns,
              coordinator.query("SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT "
                                "attisdropped AND attrelid = to_regclass('pg_catalog.pg_dist_node')"));
  if (columns.rows() == 0) return no_coordinator(coordinator, "it has no table pg_dist_node");
  bool has_clones = false; // Citus 13.2 and later
  for (std::size_t i = 0; i < columns.rows(); ++i) has_clones = has_clones || columns.at(i, 0) == "nodeisclone";
  WEIR_ASSIGN(const auto rows,
              coordinator.query(fmt::format("SELECT groupid, nodename, nodeport FROM pg_catalog.pg_dist_node WHERE "
                                            "noderole::text = 'primary' AND isactive{} ORDER BY groupid",
                                            has_clones ? " AND NOT nodeisclone" : "")));
  if (rows.rows() == 0) return no_coordinator(coordinator, "its pg_dist_node names no active primary");
  std::vector<node_spec> nodes;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    WEIR_ASSIGN(auto conninfo,
                with_address(coordinator_conninfo, std::string{rows.at(i, 1)}, std::string{rows.at(i, 2)}));
    nodes.push_back({fmt::format("g{}", rows.at(i, 0)), std::move(conninfo)});
  }
  return nodes;
}

} // namespace weir::postgres
