#include "runtime/postgres/object_name.hpp"

#include "runtime/postgres/node_admin.hpp"
#include "tests/support/catch.hpp"

using namespace weir::postgres;

TEST_CASE("names of objects are plain", "[postgres]") {
  CHECK(object_name("weir_Orders") == "weir_orders");
  CHECK(object_name("a-b.c d\"e'f") == "a_b_c_d_e_f");
  CHECK(object_name("größe") == "gr____e"); // a byte, an underscore
  CHECK(slot_name("orders", "w1") == "weir_orders_w1");
  CHECK(publication_name("Orders") == "weir_orders");
}

TEST_CASE("a name of 63 bytes stays, a longer one keeps a hash of the whole", "[postgres]") {
  const std::string just(63, 'a');
  CHECK(object_name(just) == just);
  const auto one = object_name(just + "b");
  const auto other = object_name(just + "c");
  CHECK(one.size() == 63);
  CHECK(one.substr(0, 55) == just.substr(0, 54) + "_");
  CHECK(one != other);
  CHECK(object_name(just + "b") == one);
  CHECK(object_name(one) == one);
}
