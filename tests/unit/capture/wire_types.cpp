#include "runtime/capture/wire_types.hpp"

#include "tests/support/catch.hpp"

using namespace weir;
using weir::capture::wire_types;

namespace {

const data_type mood{type_id::verbatim, -1, "public.\"Mood\""};
const data_type moods{type_id::verbatim, -1, "public.\"Mood\"[]"};

} // namespace

TEST_CASE("a type of a user is known by its name, whatever its oid is", "[capture]") {
  wire_types types;
  types.add({70001, "public", "Mood"});
  types.add({70002, "public", "_Mood"});
  types.add({70003, "other", "Mood"});
  CHECK(types.fits(mood, 70001, -1));
  CHECK_FALSE(types.fits(mood, 70003, -1));
  CHECK(types.fits(moods, 70002, -1));
  CHECK_FALSE(types.fits(moods, 70001, -1));
  CHECK_FALSE(types.fits({type_id::text}, 70001, -1));
  CHECK(types.text_of(70003, -1) == "other.Mood");
}

TEST_CASE("a domain comes with the name of its base type", "[capture]") {
  wire_types types;
  types.add({70001, "pg_catalog", "numeric"});
  types.add({70002, "pg_catalog", "inet"});
  CHECK(types.fits({type_id::numeric}, 70001, -1));
  CHECK_FALSE(types.fits({type_id::int4}, 70001, -1));
  CHECK(types.fits({type_id::verbatim, -1, "inet"}, 70002, -1));
  CHECK_FALSE(types.fits({type_id::verbatim, -1, "inet"}, 70001, -1));
}

TEST_CASE("a type of the server is known by its oid, and may have become narrower", "[capture]") {
  const wire_types types;
  CHECK(types.fits({type_id::varchar, 20 + 4}, 1043, 10 + 4));
  CHECK_FALSE(types.fits({type_id::varchar, 20 + 4}, 1043, 30 + 4));
  CHECK(types.fits({type_id::verbatim, -1, "inet"}, 869, -1));
  CHECK_FALSE(types.fits({type_id::verbatim, -1, "inet"}, 25, -1));
  CHECK(types.text_of(1043, 14) == "character varying(10)");
}
