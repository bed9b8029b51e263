#include "runtime/cluster/cluster_spec.hpp"
#include "tests/support/catch.hpp"

TEST_CASE("what finds a server is shown, all else is not") {
  using weir::redact;
  CHECK(redact("host=a port=5432 dbname=d password=geheim") == "host=a port=5432 dbname=d");
  CHECK(redact("password='it\\'s geheim' host = 'a b' user=u") == "host=a b user=u");
  CHECK(redact("service=shop sslpassword=geheim options='-c x=geheim'") == "service=shop");
  CHECK(redact("postgresql://u:geheim@h1:1,[::1]:2/d?sslmode=require&password=geheim") ==
        "host=h1,[::1] port=1,2 dbname=d user=u");
  CHECK(redact("postgres://u:ge/heim@h/d") == "host=h dbname=d");
  CHECK(redact("dbname='host=a password=geheim'") == "(libpq's defaults)");
  CHECK(redact("geheim") == "(libpq's defaults)");
  CHECK(redact("host=a geheim password=geheim") == "host=a");
  CHECK(redact("") == "(libpq's defaults)");
}
