#include "tests/citus/citus_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <thread>

#include "tests/support/catch.hpp"

namespace weir::test {

namespace {

std::string source_name(const std::string& table) {
  if (table.starts_with("public.")) return table.substr(7);
  auto name = table;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

/// The way of capture that the tests ask for: raw, unless WEIR_CAPTURE says otherwise ("automatic" leaves it open).
std::string wanted_capture() {
  const char* given = std::getenv("WEIR_CAPTURE");
  return given == nullptr ? "raw" : given;
}

std::vector<std::string> lines_of(sql_session& session, const std::string& query) {
  std::vector<std::string> lines;
  for (const auto& row : session.rows(query)) lines.push_back(row[0].value_or("NULL"));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> statements_of(const std::string& text) {
  std::vector<std::string> all(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') quoted = !quoted;
    if (c == ';' && !quoted)
      all.emplace_back();
    else
      all.back() += c;
  }
  std::erase_if(all, [](const std::string& s) { return s.find_first_not_of(" \n") == std::string::npos; });
  return all;
}

std::string tail_of(const std::string& text) { return text.size() < 6000 ? text : text.substr(text.size() - 6000); }

} // namespace

test_cluster& shared_citus(bool cdc) {
  static const auto make = [](server_kind kind) {
    auto cluster = std::make_unique<test_cluster>(2, kind);
    cluster->add("w3");
    return cluster;
  };
  if (cdc) {
    static const auto with = make(server_kind::citus_cdc);
    return *with;
  }
  static const auto without = make(server_kind::citus);
  return *without;
}

bool cdc_is_needed() { return wanted_capture() == "logical"; }

citus_scenario::citus_scenario(const std::string& name, bool cdc, const std::string& setup)
    : scenario(name, shared_citus(cdc)), capture_(wanted_capture()) {
  prepare(setup);
}

citus_scenario::citus_scenario(const std::string& name, test_cluster& own, const std::string& setup)
    : scenario(name, own), capture_(wanted_capture()) {
  leave_servers_ = true;
  prepare(setup);
}

void citus_scenario::sql(const std::string& statements) const {
  auto session = coordinator();
  for (const auto& statement : statements_of(statements)) session.run(statement);
}

void citus_scenario::prepare(const std::string& setup) {
  for (const auto& node : cluster().nodes()) session(node).run("create extension citus");
  sql(fmt::format("select citus_set_coordinator_host({})", place("coordinator")));
  for (const auto* node : {"w1", "w2"}) join(node);
  sql(setup);
  keep({kept_view{}});
}

std::string citus_scenario::text_of(const std::vector<kept_view>& views) const {
  const auto capture = capture_ == "automatic" ? "" : fmt::format("  capture {};\n", capture_);
  auto text =
      fmt::format("pipeline {};\ncluster shop {{\n  coordinator \"{}\";\n{}}}\n", name(), conninfo(target_), capture);
  std::set<std::string> tables;
  for (const auto& v : views) tables.insert(v.table);
  for (const auto& t : tables) text += fmt::format("source {} from shop.{};\n", source_name(t), t);
  for (const auto& v : views)
    text += fmt::format("view {0} as {1};\nsink {0} into shop.analytics.{0} {2} every 20 ms;\n", v.name, v.select,
                        v.placement);
  return text +
         fmt::format("supervise {{ retry 3, backoff 50 ms to 300 ms; on worker failure isolate; {} }}\n", supervise_);
}

void citus_scenario::keep(const std::vector<kept_view>& views) {
  views_ = views;
  define(text_of(views_));
}

void citus_scenario::supervise(const std::string& line) {
  supervise_ = line;
  keep(views_);
}

long long citus_scenario::events(const std::string& event) const {
  return coordinator().number(
      fmt::format("select count(*) from weir.events where pipeline = '{}' and name = '{}'", name(), event));
}

void citus_scenario::use_coordinator(const std::string& node) {
  target_ = node;
  keep(views_);
}

void citus_scenario::capture(const std::string& how) {
  capture_ = how;
  keep(views_);
}

child_process citus_scenario::start() {
  auto weir = run();
  INFO(program({"check", "FILE"}).err);
  await_first_cut();
  return weir;
}

std::string citus_scenario::port(const std::string& node) const {
  const auto text = conninfo(node);
  const auto from = text.find("port=") + 5;
  return text.substr(from, text.find(' ', from) - from);
}

std::string citus_scenario::place(const std::string& node) const { return fmt::format("'127.0.0.1', {}", port(node)); }

long long citus_scenario::group(const std::string& node) const {
  return session(node).number("select groupid from pg_dist_local_group");
}

std::vector<std::string> citus_scenario::members() const {
  std::set<std::string> ports;
  for (const auto& row :
       coordinator().rows("select nodeport from pg_dist_node where isactive and noderole = 'primary'"))
    ports.insert(*row[0]);
  std::vector<std::string> names;
  for (const auto& node : cluster().nodes())
    if (ports.contains(port(node))) names.push_back(node);
  return names;
}

std::vector<std::string> citus_scenario::member_conninfos() const {
  std::vector<std::string> all;
  for (const auto& node : members()) all.push_back(conninfo(node));
  return all;
}

void citus_scenario::join(const std::string& node) const { sql(fmt::format("select citus_add_node({})", place(node))); }

void citus_scenario::leave(const std::string& node) const {
  sql(fmt::format("select citus_drain_node({})", place(node)));
  sql(fmt::format("select citus_remove_node({})", place(node)));
}

std::string citus_scenario::shard_on(const std::string& node, const std::string& table) const {
  return coordinator().value(
      fmt::format("select min(shardid) from pg_dist_placement join pg_dist_shard using (shardid) "
                  "where logicalrelid = '{}'::regclass and groupid = {}",
                  table, group(node)));
}

void citus_scenario::move_shard(const std::string& shard, const std::string& from, const std::string& to,
                                const std::string& mode) const {
  const auto move =
      fmt::format("select citus_move_shard_placement({}, {}, {}, '{}')", shard, place(from), place(to), mode);
  for (int tries = 1;; ++tries) {
    try {
      return sql(move);
    } catch (const sql_error& e) {
      // What the last move of the shard left may be in use for a moment, and Citus ends moves that deadlock with
      // writers.
      const std::string why = e.what();
      const bool passes = why.find("could not be cleaned up") != std::string::npos ||
                          why.find("involved in a distributed deadlock") != std::string::npos;
      if (tries == 30 || !passes) throw;
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  }
}

void citus_scenario::split_shard(const std::string& shard, const std::string& left, const std::string& right,
                                 const std::string& mode) const {
  auto session = coordinator();
  const auto node_id = [&](const std::string& node) {
    return session.value(fmt::format("select nodeid from pg_dist_node where nodeport = {}", port(node)));
  };
  session.run(fmt::format("select citus_split_shard_by_split_points(shardid, array[((shardminvalue::bigint + "
                          "shardmaxvalue::bigint) / 2)::text], array[{}, {}], '{}') from pg_dist_shard "
                          "where shardid = {}",
                          node_id(left), node_id(right), mode, shard));
}

void citus_scenario::rebalance() const {
  auto session = coordinator();
  session.run("select citus_rebalance_start()");
  session.run("select citus_rebalance_wait()");
}

void citus_scenario::wait_for_prepared() const {
  for (const auto& node : members())
    REQUIRE(eventually(std::chrono::seconds(60), [&] {
      return session(node).number("select count(*) from pg_prepared_xacts where database = current_database() "
                                  "and gid like 'citus%'") == 0;
    }));
}

void citus_scenario::catch_up() {
  wait_for_prepared();
  std::map<long long, std::string> ends;
  for (const auto& node : members()) {
    auto there = session(node);
    ends[group(node)] = there.value("select pg_current_wal_insert_lsn()");
    there.run("select pg_logical_emit_message(true, 'test', '')"); // behind it: else its passing takes a heartbeat
  }
  const bool logical = capture_ != "raw";
  for (const auto& [group, end] : ends) {
    const auto mine =
        fmt::format("(select position from weir.frontier where pipeline = '{}' and node = 'g{}')", name(), group);
    INFO("weir's log: " << tail_of(log()));
    INFO("waiting for the frontier to pass " << end << " of group " << group);
    // A coordinator without shards has nothing that logical capture could read.
    if (logical && group == 0 && coordinator().value("select " + mine).empty()) continue;
    REQUIRE(target_says(fmt::format("{} >= '{}'::pg_lsn", mine, end), std::chrono::seconds(60)));
  }
}

std::string citus_scenario::differences() const {
  std::string all;
  auto session = coordinator();
  for (const auto& v : views_) {
    const auto line_of = [&v](const char* row) { return fmt::format(fmt::runtime(v.line), row); };
    const auto shown =
        lines_of(session, fmt::format("select {} from analytics.{} the_view", line_of("the_view"), v.name));
    // The rows as a CTE: what is asked is then computed by PostgreSQL in one place, and not in parts by Citus.
    const auto asked =
        lines_of(session, fmt::format("with {0} as materialized (select {3} from {1}) "
                                      "select {4} from ({2}) the_query",
                                      source_name(v.table), v.table, v.select, v.columns, line_of("the_query")));
    std::vector<std::string> only_shown, only_asked;
    std::set_difference(shown.begin(), shown.end(), asked.begin(), asked.end(), std::back_inserter(only_shown));
    std::set_difference(asked.begin(), asked.end(), shown.begin(), shown.end(), std::back_inserter(only_asked));
    if (only_shown.size() + only_asked.size() > 40) {
      only_shown.resize(std::min<std::size_t>(only_shown.size(), 20));
      only_asked.resize(std::min<std::size_t>(only_asked.size(), 20));
    }
    for (const auto& line : only_shown) all += fmt::format("{} shows      {}\n", v.name, line);
    for (const auto& line : only_asked) all += fmt::format("{} should show {}\n", v.name, line);
  }
  return all;
}

void citus_scenario::expect_views_equal_queries() {
  catch_up();
  const auto found = differences();
  INFO("weir's log: " << (found.empty() ? std::string() : tail_of(log())));
  CHECK(found == "");
}

void citus_scenario::expect_views_become_queries(std::chrono::seconds patience) {
  catch_up();
  std::string found;
  (void)eventually(patience, [&] { return (found = differences()).empty(); });
  INFO("weir's log: " << (found.empty() ? std::string() : tail_of(log())));
  CHECK(found == "");
}

} // namespace weir::test
