#include "tests/unit/rehearsal/play.hpp"

using weir::test::played;

namespace {

constexpr const char* one_paid = "given orders (1, 'north', 'paid', 10.00);\n";

std::string after(const std::string& steps) { return played(one_paid + steps); }

} // namespace

TEST_CASE("given rows are loaded from the worker that has them") {
  CHECK(after("expect revenue ('north', 1, 10.00, 10.00);") == "passed");
  CHECK(played("given w2: orders (1, 'north', 'paid', 1);\ngiven w1: orders (1, 'north', 'paid', 2);\n"
               "expect revenue ('north', 2, 3, 1.5);") == "passed");
  CHECK(played("expect revenue is empty;") == "passed");
}

TEST_CASE("what is not delivered is not shown") {
  CHECK(after("w1: insert into orders values (2, 'north', 'paid', 5);\nwait 1 min;\n"
              "expect revenue ('north', 1, 10, 10);\ndeliver w2;\nexpect revenue ('north', 1, 10, 10);\n"
              "deliver w1;\nexpect revenue ('north', 2, 15, 7.5);") == "passed");
}

TEST_CASE("statements change rows as PostgreSQL does") {
  CHECK(after("w1: update orders set amount = amount * 3 - 0.005, region = region || 'ern' where order_id = 1;\n"
              "deliver all;\nexpect revenue ('northern', 1, 30.00, 30.00);") == "passed"); // 29.995 is rounded
  CHECK(after("w1: delete from orders where amount > 100;\ndeliver all;\nexpect revenue ('north', 1, 10, 10);\n"
              "w1: delete from orders;\ndeliver all;\nexpect revenue is empty;") == "passed");
  CHECK(after("w1: insert into orders (order_id, amount, region, status) values (2, 4, 'south', 'paid'), (3, null, "
              "'east', 'paid');\nw1: truncate orders;\nw1: insert into orders values (4, 'west', 'paid', 1, '{}');\n"
              "deliver all;\nexpect revenue ('west', 1, 1, 1);") == "passed");
  CHECK(played("w1: insert into events values (7, 'a');\nw1: update events set event_id = event_id + 1;\n"
               "deliver all;\nexpect seen (8, 1);\nw1: update events set kind = 'b';\nw1: delete from events;\n"
               "deliver all;\nexpect seen is empty;") == "passed"); // only keys come with what goes
}

TEST_CASE("citext is one group in all its spellings, and labels have their order") {
  const std::string given = "given w1: visits ('Ann@x', 1, 'new'), ('bob', 1, 'sent');\n"
                            "given w2: visits ('ANN@X', 2, null), ('Bob', 2, 'new');\n";
  CHECK(played(given + "expect visitors ('ann@X', 2), ('BOB', 1);") == "passed");
  CHECK(played(given + "w2: update visits set stage = 'paid' where email = 'BOB';\n"
                       "w1: delete from visits where email = 'ann@x';\ndeliver all;\n"
                       "expect visitors ('ann@x', 1), ('bob', 2);") == "passed");
  CHECK_THAT(played(given + "w2: insert into visits values ('aNN@x', 2, 'new');"),
             WEIR_CONTAINS("duplicate key value violates the primary key"));
  CHECK_THAT(played(given + "expect visitors ('ann@x', 2), ('bobby', 1);"), WEIR_CONTAINS("- ('bobby', 1)"));
}

TEST_CASE("a distributed transaction shows at once, or not at all") {
  const std::string move = "transaction move {\n  w1: delete from orders where order_id = 1;\n"
                           "  w2: insert into orders values (2, 'south', 'paid', 10);\n}\n";
  CHECK(after(move + "deliver w1;\nexpect revenue ('north', 1, 10, 10);\ndeliver w2;\n"
                     "expect revenue ('south', 1, 10, 10);") == "passed");
  CHECK(after(move + "deliver w2;\nexpect revenue ('north', 1, 10, 10);\ndeliver w1;\n"
                     "expect revenue ('south', 1, 10, 10);") == "passed");
  CHECK(after(move + "deliver w1;\nrestart;\nexpect revenue ('north', 1, 10, 10);\ndeliver w2;\n"
                     "expect revenue ('south', 1, 10, 10);") == "passed");
}

TEST_CASE("with consistency node each part shows as it comes") {
  const std::string steps = one_paid + std::string("transaction move {\n  w1: delete from orders where order_id = 1;\n"
                                                   "  w2: insert into orders values (2, 'south', 'paid', 10);\n}\n"
                                                   "deliver w1;\nexpect revenue is empty;\ndeliver w2;\n"
                                                   "expect revenue ('south', 1, 10, 10);");
  CHECK(played(steps, weir::consistency::node) == "passed");
  CHECK(played(steps).starts_with("view revenue: expected no row (-), found 1 row (+)"));
}

TEST_CASE("workers fail and return") {
  CHECK(
      after(
          "fail w2;\nwait 2 min;\nw1: insert into orders values (2, 'north', 'paid', 5);\ndeliver w1;\n"
          "expect revenue ('north', 2, 15, 7.5);\nrecover w2;\nw2: insert into orders values (3, 'north', 'paid', 0);\n"
          "deliver w2;\nexpect revenue ('north', 3, 15, 5);") == "passed");
  CHECK(after("fail w1;\nw1: truncate orders;\nexpect error 'refuses connections';\nwait 10 min;\n"
              "expect error 'w1';\nrecover w1;\nexpect revenue ('north', 1, 10, 10);") == "passed");
}

TEST_CASE("a kill loses and doubles nothing") {
  CHECK(after("restart;\nexpect revenue ('north', 1, 10, 10);\nw1: insert into orders values (2, 'north', 'paid', 5);\n"
              "deliver w1;\nrestart;\nrestart;\nexpect revenue ('north', 2, 15, 7.5);\n"
              "w2: insert into orders values (3, 'north', 'paid', 0);\nrestart;\ndeliver w2;\n"
              "expect revenue ('north', 3, 15, 5);") == "passed");
}

TEST_CASE("rows that cannot be computed are dead letters, and told") {
  CHECK(played("w1: insert into orders values (1, 'north', 'paid', 0), (2, 'north', 'paid', 50);\ndeliver w1;\n"
               "expect error 'division by zero';\nexpect ratio (2, 1, 2.0);\nexpect revenue ('north', 2, 50, 25);") ==
        "passed");
  CHECK(played("given orders (1, 'north', 'paid', 0);\nexpect ratio is empty;\nexpect error 'division by zero';") ==
        "passed"); // of the first load
}

TEST_CASE("what PostgreSQL refuses fails the test unless it is expected") {
  const auto refused = [](const std::string& statement) {
    return after("w1: insert into orders values (2, 'north', 'paid', 5);\nw1: " + statement +
                 ";\nexpect revenue is empty;");
  };
  CHECK(refused("insert into orders values (2, 'x')") ==
        "w1: duplicate key value violates the primary key of \"orders\": (order_id)=(2)\nat: insert into orders values "
        "(2, 'x')");
  CHECK(refused("update orders set order_id = 1 where order_id = 2").starts_with("w1: duplicate key value"));
  CHECK(refused("insert into orders (order_id) values (3)").starts_with("w1: null value in column \"region\""));
  CHECK(refused("update orders set region = null").starts_with("w1: null value in column \"region\""));
  CHECK(refused("update orders set status = 'quite paid'")
            .starts_with("w1: value too long for type character varying(8)"));
  CHECK(refused("update orders set amount = amount / 0").starts_with("w1: division by zero"));
  CHECK(refused("update orders set amount = amount * 10000000000").starts_with("w1: "));
  CHECK(after("transaction t {\n  w2: insert into orders values (5, 'north', 'paid', 1);\n"
              "  w1: insert into orders values (1, 'north');\n}\nexpect error 'duplicate key';\ndeliver all;\n"
              "expect revenue ('north', 1, 10, 10);") == "passed"); // no part of it is done
}

TEST_CASE("a transaction on one worker sees what it did") {
  CHECK(after("transaction t {\n  w1: insert into orders values (2, 'north', 'paid', 5);\n"
              "  w1: update orders set amount = amount + 1;\n  w1: delete from orders where order_id = 1;\n}\n"
              "deliver w1;\nexpect revenue ('north', 1, 6, 6);") == "passed");
}

TEST_CASE("an expectation that fails tells expected and found rows") {
  CHECK(after("w1: insert into orders values (2, 'south', 'paid', 3), (3, 'east', 'paid', null);\ndeliver all;\n"
              "expect revenue ('north', 1, 10, 10.0), ('south', 2, 6, 3), ('west', 0, 0, null);") ==
        "view revenue: expected 3 rows (-), found 3 rows (+)\n"
        "+ ('east', 1, null, null)\n"
        "  ('north', 1, 10.00, 10.0000000000000000)\n"
        "+ ('south', 1, 3.00, 3.0000000000000000)\n"
        "- ('south', 2, 6, 3)\n"
        "- ('west', 0, 0, null)\n"
        "at: revenue ('north', 1, 10, 10.0), ('south', 2, 6, 3), ('west', 0, 0, null)");
  CHECK(after("expect revenue ('north', 1, 10, 10), ('north', 1, 10, 10);") ==
        "view revenue: expected 2 rows (-), found 1 row (+)\n"
        "  ('north', 1, 10.00, 10.0000000000000000)\n- ('north', 1, 10, 10)\n"
        "at: revenue ('north', 1, 10, 10), ('north', 1, 10, 10)");
  CHECK(after("expect error 'nothing of the kind';") ==
        "expected an error with 'nothing of the kind', nothing was reported\nat: error 'nothing of the kind'");
}

TEST_CASE("the same script has the same outcome") {
  const std::string steps =
      "transaction t {\n  w1: delete from orders;\n  w2: insert into orders values (2, 'a', 'paid', "
      "1);\n}\nfail w2;\nwait 1 min;\nrecover w2;\ndeliver all;\nexpect revenue is empty;";
  const auto first = after(steps);
  CHECK(first.starts_with("view revenue: expected no row (-), found 1 row (+)\n+ ('a', 1, 1.00"));
  for (int i = 0; i < 5; ++i) CHECK(after(steps) == first);
}
