#include "runtime/doctor/report.hpp"

#include "runtime/base/human_text.hpp"
#include "tests/unit/doctor/healthy.hpp"

namespace weir::doctor {
namespace {

TEST_CASE("a report: errors first, cures as they are, what is well as a number", "[doctor]") {
  report r{"orders", "raw", {{"w1", "10.0.0.2:5432/shop  PostgreSQL 15.20"}, {"target", "10.0.0.1:5432/shop"}}, {}};
  findings_of w1("w1", r.findings);
  w1.ok("version", "PostgreSQL 15.20");
  w1.warn("clock", "its clock is ahead", "NTP");
  w1.fail("select", "role weir may not read it", "GRANT SELECT ON a TO weir;\nGRANT SELECT ON b TO weir;");
  findings_of("target", r.findings).ok("version", "PostgreSQL 15.20");
  CHECK(
      render(r, false) ==
      "pipeline orders, capture raw\n"
      "\n"
      "w1           10.0.0.2:5432/shop  PostgreSQL 15.20                                                         1 ok\n"
      "  error    select               role weir may not read it\n"
      "             GRANT SELECT ON a TO weir;\n"
      "             GRANT SELECT ON b TO weir;\n"
      "  warning  clock                its clock is ahead\n"
      "             NTP\n"
      "target       10.0.0.1:5432/shop                                                                           1 ok\n"
      "\n"
      "2 ok, 1 warning, 1 error\n");
  CHECK_THAT(render(r, true), WEIR_CONTAINS("  ok       version              PostgreSQL 15.20\n"));
}

TEST_CASE("amounts in words", "[doctor]") {
  CHECK(human_bytes(512) == "512 B");
  CHECK(human_bytes(std::int64_t{3} << 30) == "3 GB");
  CHECK(human_bytes(1'700'000) == "1.6 MB");
  CHECK(human_seconds(40) == "40 s");
  CHECK(human_seconds(7200) == "2.0 h");
  CHECK(human_seconds(400'000) == "5 days");
  CHECK(some_of({"a", "b", "c"}, 2) == "a, b and 1 more");
}

} // namespace
} // namespace weir::doctor
