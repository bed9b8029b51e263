#include "runtime/config/config.hpp"
#include "tests/support/catch.hpp"

namespace {

std::string faults_of(const std::string& text) {
  const auto read = weir::parse_config(text, "weir.yaml");
  return read ? "none" : read.error().message;
}

} // namespace

TEST_CASE("weir.yaml is read") {
  const auto read = weir::parse_config("clusters:\n"
                                       "  shop:\n"
                                       "    coordinator: host=c\n"
                                       "    nodes: {w1: host=a, w2: host=b}\n"
                                       "    consistency: node\n"
                                       "    node_parameters: {g2: 'sslrootcert=/etc/g2.crt'}\n"
                                       "    transaction_name: 'transfer_([0-9]+)_.*'\n"
                                       "  dwh: {nodes: [host=x, host=y]}\n"
                                       "log: {format: json, level: debug}\n"
                                       "memory: 1 GiB\n",
                                       "weir.yaml");
  REQUIRE(read);
  REQUIRE(read->clusters.size() == 2);
  CHECK(read->clusters[0].name == "shop");
  CHECK(read->clusters[0].coordinator == "host=c");
  CHECK(read->clusters[0].nodes[1].name == "w2");
  CHECK(read->clusters[0].nodes[1].conninfo == "host=b");
  CHECK(read->clusters[1].nodes[1].name == "n2");
  CHECK(read->clusters[0].consistency == weir::consistency::node);
  CHECK(read->clusters[0].transaction_name == "transfer_([0-9]+)_.*");
  CHECK(read->clusters[0].node_parameters == weir::node_parameters{{"g2", "sslrootcert=/etc/g2.crt"}});
  CHECK_FALSE(read->clusters[1].consistency);
  CHECK(read->log.format == weir::log_format::json);
  CHECK(read->log.level == weir::log_level::debug);
  CHECK(read->memory == weir::memory_size{std::uint64_t{1} << 30, 0});
}

TEST_CASE("an empty weir.yaml is the default") {
  CHECK(faults_of("") == "none");
  CHECK_FALSE(weir::parse_config("# nothing\n", "w")->memory);
  CHECK(weir::parse_config("memory: 25 %\n", "w")->memory == weir::memory_size{0, 25});
}

TEST_CASE("faults have a place, and all are told") {
  CHECK(faults_of("clustres: {}\nlogg: {}\nport: 1\n") ==
        "weir.yaml:1:1: unknown key \"clustres\" in weir.yaml; did you mean \"clusters\"?\n"
        "weir.yaml:2:1: unknown key \"logg\" in weir.yaml; did you mean \"log\"?\n"
        "weir.yaml:3:1: unknown key \"port\" in weir.yaml; there are: clusters, log, memory");
  CHECK(faults_of("clusters:\n  shop:\n    coordinater: x\n") ==
        "weir.yaml:3:5: unknown key \"coordinater\" in cluster \"shop\"; did you mean \"coordinator\"?");
  CHECK(faults_of("log: {level: warn}\n") == "weir.yaml:1:14: level is one of: debug, info, warning, error");
  CHECK(faults_of("memory: lots\n") == "weir.yaml:1:9: memory is a number of bytes with its unit, or a share of the "
                                       "machine's; for example 256 MiB, or 25 %");
  CHECK(faults_of("memory: 1 kB\n") == "weir.yaml:1:9: memory is too small to work with; at least 16 MiB");
  CHECK_THAT(faults_of("clusters: {a: {nodes: 5}}\n"), WEIR_CONTAINS("weir.yaml:1:23: nodes is a list"));
  CHECK_THAT(faults_of("clusters: {a: {nodes: []}}\n"), WEIR_CONTAINS("nodes names no node"));
  CHECK(faults_of("clusters: {a: {consistency: nodes}}\n") ==
        "weir.yaml:1:29: consistency is one of: transaction, node; did you mean \"node\"?");
  CHECK_THAT(faults_of("clusters: {a: {transaction_name: 'a_('}}\n"),
             WEIR_CONTAINS("weir.yaml:1:34: this is no regular expression"));
  CHECK_THAT(faults_of("clusters: {a: {transaction_name: []}}\n"), WEIR_CONTAINS("this pattern is empty"));
  CHECK_THAT(faults_of("log: {level: info, level: info}\n"), WEIR_CONTAINS("\"level\" stands twice"));
  CHECK_THAT(faults_of("- a\n"), WEIR_CONTAINS("weir.yaml is a map"));
  CHECK_THAT(faults_of("clusters: [\n"), WEIR_CONTAINS("is this YAML?"));
}

TEST_CASE("no fault shows a connection string") {
  for (const auto* text : {"clusters: {a: 'password=geheim'}", "clusters: {a: {nodes: 'password=geheim'}}",
                           "clusters: {a: {'password=geheim': x}}", "clusters: {a: {coordinator: [password=geheim]}}",
                           "clusters: {a: {coordinator: *geheim}}", "memory: password=geheim", "password=geheim"}) {
    INFO(faults_of(text));
    CHECK(faults_of(text) != "none");
    CHECK(faults_of(text).find("geheim") == std::string::npos);
  }
}

TEST_CASE("a file that is not there is an error") {
  const auto read = weir::load_config("/nowhere/weir.yaml");
  REQUIRE_FALSE(read);
  CHECK(read.error().code == weir::errc::io_failed);
}
