#include "runtime/postgres/discovery.hpp"

#include <libpq-fe.h>

#include <map>
#include <memory>

#include "tests/support/catch.hpp"

using namespace weir::postgres;

namespace {

/// The settings of a connection string, as libpq reads them.
std::map<std::string, std::string> settings(const std::string& conninfo) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{PQconninfoParse(conninfo.c_str(), nullptr),
                                                                            &PQconninfoFree};
  REQUIRE(parsed);
  std::map<std::string, std::string> out;
  for (const auto* o = parsed.get(); o->keyword != nullptr; ++o)
    if (o->val != nullptr) out[o->keyword] = o->val;
  return out;
}

std::map<std::string, std::string> moved(const std::string& conninfo) {
  const auto out = with_address(conninfo, "w1", "5433");
  REQUIRE(out);
  return settings(*out);
}

using map = std::map<std::string, std::string>;

} // namespace

TEST_CASE("another address keeps everything else", "[postgres]") {
  CHECK(moved("host=c port=1 dbname=shop user=weir") ==
        map{{"host", "w1"}, {"port", "5433"}, {"dbname", "shop"}, {"user", "weir"}});
  CHECK(moved("postgresql://weir:p%20w@c:1/shop?sslmode=require") == map{{"host", "w1"},
                                                                         {"port", "5433"},
                                                                         {"dbname", "shop"},
                                                                         {"user", "weir"},
                                                                         {"password", "p w"},
                                                                         {"sslmode", "require"}});
  CHECK(moved("service=shop") == map{{"host", "w1"}, {"port", "5433"}, {"service", "shop"}});
  CHECK(moved("hostaddr=10.0.0.1 host=a,b port=1,2") == map{{"host", "w1"}, {"port", "5433"}});
}

TEST_CASE("values that need quotes get them", "[postgres]") {
  CHECK(moved(R"(password='a \' b \\ c')").at("password") == R"(a ' b \ c)");
  CHECK(moved("password='' user=a").at("password").empty());
}

TEST_CASE("an unreadable connection string is refused without quoting it", "[postgres]") {
  const auto out = with_address("host=a hunter2", "w1", "5433");
  REQUIRE_FALSE(out);
  CHECK(out.error().code == weir::errc::config_invalid);
  CHECK(out.error().message.find("hunter2") == std::string::npos);
  const auto opened = connection::open("host=a hunter2", {});
  REQUIRE_FALSE(opened);
  CHECK((opened.error().message + opened.error().hint).find("hunter2") == std::string::npos);
}

TEST_CASE("parameters take the place of those that were there", "[postgres]") {
  const auto changed = [](const std::string& conninfo, const std::string& changes) {
    const auto out = with_parameters(conninfo, changes);
    REQUIRE(out);
    return settings(*out);
  };
  CHECK(changed("host=a port=1 user=weir sslmode=require", "sslmode=verify-full sslrootcert='/a b/ca'") ==
        map{{"host", "a"}, {"port", "1"}, {"user", "weir"}, {"sslmode", "verify-full"}, {"sslrootcert", "/a b/ca"}});
  CHECK(changed("host=a hostaddr=10.0.0.1 user=weir", "host=b") == map{{"host", "b"}, {"user", "weir"}});
  CHECK(changed("host=a", "postgresql://b:7/shop") == map{{"host", "b"}, {"port", "7"}, {"dbname", "shop"}});
  const auto unreadable = with_parameters("host=a", "hunter2");
  REQUIRE_FALSE(unreadable);
  CHECK(unreadable.error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("the user a connection string asks for", "[postgres]") {
  CHECK(user_of("host=a user=weir") == "weir");
  CHECK(user_of("postgresql://weir@a/shop") == "weir");
  CHECK(user_of("host=a") == "");
}
