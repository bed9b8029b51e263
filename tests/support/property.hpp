#pragma once

#include <rapidcheck.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir::test {

/// Requires that `property` holds for random cases drawn from WEIR_SEED. RapidCheck prints the smallest failing one.
template <class Testable>
void require_property(const std::string& description, Testable&& property) {
  // RapidCheck reads its parameters once, at its first check; RC_PARAMS given by hand (a replay) stays.
  static const int set = setenv("RC_PARAMS", ("seed=" + std::to_string(seed())).c_str(), 0);
  REQUIRE(set == 0);
  REQUIRE(rc::check(description, std::forward<Testable>(property)));
}

} // namespace weir::test
