#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/doctor/checks.hpp"
#include "tests/support/catch.hpp"

// Servers that fit, to be spoilt one thing after the other.
namespace weir::doctor {

inline constexpr reading as_tables{capture_mode::tables};
inline constexpr reading as_raw{capture_mode::raw};
inline constexpr reading as_logical{capture_mode::logical};

inline server_facts healthy_server() {
  server_facts s;
  s.address = "10.0.0.2:5432/shop";
  s.version = 150020;
  s.version_text = "15.20";
  s.quoted_database = "shop";
  s.quoted_role = "weir";
  s.replication_right = true;
  s.connections = {97, 5};
  s.statement_timeout = "0";
  return s;
}

inline source_facts healthy_source() {
  source_facts t;
  t.schema = "public";
  t.table = "orders";
  t.sql_schema = "public";
  t.sql_name = "public.orders";
  t.there = true;
  t.identity = replica_identity::full;
  t.has_identity = true;
  t.may_select = true;
  t.may_use_schema = true;
  return t;
}

/// A node of no cluster, before the first run.
inline node_facts healthy() {
  node_facts n;
  n.server = healthy_server();
  n.log = {"logical", {10, 1}, {10, 1}, {0, 0}, -1, std::int64_t{1} << 30, std::nullopt, "pgoutput, test_decoding"};
  n.slot = "weir_orders_w1";
  n.sources = {healthy_source()};
  n.publication.name = "weir_orders";
  n.publication.there = true;
  return n;
}

inline node_facts healthy_citus() {
  auto n = healthy();
  n.log.prepared = {200, 3};
  n.log.output_plugin_libraries = "pgoutput, test_decoding, citus";
  n.sources[0].citus_kind = 'h';
  n.sources[0].citus_replication = 's';
  n.sources[0].most_placements = 1;
  citus_facts c;
  c.version = "13.2-1";
  c.group = 2;
  c.change_data_capture = true;
  c.loaded_from = "$libdir/citus_decoders:$libdir";
  c.wrapped = true;
  c.may_unwrap = true;
  c.raw_possible = true;
  c.raw_published = true;
  c.raw_publication_sql = "CREATE PUBLICATION weir_orders …";
  n.citus = c;
  return n;
}

inline slot_facts own_slot() {
  slot_facts s;
  s.name = "weir_orders_w1";
  s.plugin = "pgoutput";
  s.active = true;
  s.two_phase = true;
  s.wal_status = "reserved";
  return s;
}

/// "code: severity" of what is not well.
inline std::vector<std::string> troubles(const std::vector<finding>& found) {
  std::vector<std::string> out;
  for (const auto& f : found)
    if (f.severity != severity::ok) out.push_back(f.code + ": " + to_string(f.severity));
  return out;
}

struct trouble_case {
  std::string expected;
  std::string cure; ///< part of it
  std::function<void(node_facts&)> spoil;
};

inline void expect_each(const std::vector<trouble_case>& cases, const node_facts& well, reading how) {
  REQUIRE(troubles(examine("g2", well, how)).empty());
  for (const auto& c : cases) {
    INFO(c.expected << " / " << c.cure);
    auto node = well;
    c.spoil(node);
    const auto found = examine("g2", node, how);
    CHECK(troubles(found) == std::vector<std::string>{c.expected});
    for (const auto& f : found)
      if (f.severity != severity::ok) CHECK_THAT(f.cure, WEIR_CONTAINS(c.cure));
  }
}

} // namespace weir::doctor
