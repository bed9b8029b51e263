#include "runtime/postgres/discovery.hpp"

#include <memory>

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

} // namespace

result<std::string> with_address(const std::string& conninfo, const std::string& host, const std::string& port) {
  struct free_options {
    void operator()(PQconninfoOption* o) const noexcept { PQconninfoFree(o); }
  };
  char* text = nullptr; // may quote a password
  const std::unique_ptr<PQconninfoOption, free_options> parsed{PQconninfoParse(conninfo.c_str(), &text)};
  if (text != nullptr) PQfreemem(text);
  if (!parsed) return error{errc::config_invalid, "a connection string cannot be read"};
  std::string out = fmt::format("host={} port={}", quoted_value(host), quoted_value(port));
  for (const PQconninfoOption* o = parsed.get(); o->keyword != nullptr; ++o) {
    const std::string_view keyword = o->keyword;
    if (o->val == nullptr || keyword == "host" || keyword == "hostaddr" || keyword == "port") continue;
    out += fmt::format(" {}={}", keyword, quoted_value(o->val));
  }
  return out;
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
