#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "runtime/cluster/about_node.hpp"
#include "runtime/doctor/setup_sql.hpp"
#include "runtime/postgres/discovery.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/partial_plan.hpp"
#include "tools/weir/programs.hpp"

namespace weir::program {
namespace {

/// The connection strings of a definition, changed for who looks into the servers.
weir::status look_as(definition& d, const std::string& changes) {
  const auto change = [&](std::string& conninfo) -> weir::status {
    WEIR_ASSIGN(conninfo, postgres::with_parameters(conninfo, changes));
    return {};
  };
  auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  if (cluster.coordinator) WEIR_TRY(change(*cluster.coordinator));
  for (auto& node : cluster.nodes) WEIR_TRY(change(node.conninfo));
  if (d.outline.target) WEIR_TRY(change(d.outline.target->conninfo));
  return {};
}

/// Whom the definition connects as.
std::string role_of(const definition& d) {
  const auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  if (!cluster.nodes.empty()) return postgres::user_of(cluster.nodes.front().conninfo);
  return cluster.coordinator ? postgres::user_of(*cluster.coordinator) : std::string();
}

class printer {
public:
  void add(const std::string& name, const result<std::string>& sql) {
    if (sql) {
      fmt::print("{}", *sql);
      return;
    }
    code_ = server_unfit;
    auto why = name == "target" ? sql.error() : about_node(name, sql.error());
    fmt::print("\n-- {}: left out, run `weir setup` again for it\n", name);
    print_error(why);
  }
  int code() const { return code_; }

private:
  int code_ = success;
};

template <class Make>
result<std::string> at_server(const std::string& conninfo, Make make) {
  WEIR_ASSIGN(auto sql, postgres::connection::open(conninfo, {.application_name = "weir setup"}));
  return make(sql);
}

int setup_program(const command_line& line, const std::vector<std::string>& files) {
  auto read = read_definition(files, line.config);
  if (!read) {
    print_error(read.error());
    return bad_definition;
  }
  auto& d = *read;
  if (!d.outline.sound) return print_findings(d);
  const auto role = line.role.empty() ? role_of(d) : line.role;
  if (role.empty()) {
    print_error({errc::invalid_value, "whom the statements are for is not known",
                 "--role NAME, or user=… in the connection strings"});
    return bad_command_line;
  }
  if (!line.as.empty())
    if (const auto changed = look_as(d, line.as); !changed) {
      print_error(changed.error());
      return bad_command_line;
    }
  const auto planned = plan_as_far_as_possible(d);
  if (planned.undiscovered) {
    print_error(*planned.undiscovered);
    return server_unfit;
  }
  const auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  const auto capture = cluster.discovered ? cluster.capture.value_or(capture_mode::raw) : capture_mode::tables;
  const doctor::setup_request request{planned.plan, role, capture};
  fmt::print("-- What a superuser runs once, so that weir keeps pipeline {} as a role without special rights.\n"
             "-- psql -U postgres -f THIS_FILE goes to each server in turn; running it again changes nothing.\n"
             "-- pg_hba.conf of each server has to let the role in, for this database.\n"
             "\\set ON_ERROR_STOP on\n",
             planned.plan.name);
  printer out;
  auto nodes = planned.plan.nodes;
  std::stable_partition(nodes.begin(), nodes.end(), [](const node_spec& n) { return n.group.value_or(1) != 0; });
  for (const auto& node : nodes)
    out.add(node.name, at_server(node.conninfo, [&](postgres::connection& sql) {
              return doctor::node_setup_sql(sql, node, request);
            }));
  out.add("target", at_server(planned.plan.target.conninfo,
                              [&](postgres::connection& sql) { return doctor::target_setup_sql(sql, request); }));
  if (!planned.bound) print_findings(d);
  return out.code();
}

} // namespace

int setup(const command_line& line) {
  return for_each_program(line.files, [&](const auto& files) { return setup_program(line, files); });
}

} // namespace weir::program
