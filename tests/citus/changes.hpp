#pragma once

#include <string>

#include "tests/citus/citus_scenario.hpp"

namespace weir::test {

/// CREATE TABLE with the columns of `orders`, and the whole old row in each change.
std::string orders_table(const std::string& table = "orders");

/// An INSERT of the rows with these keys.
std::string some_rows(int from, int to, const std::string& table = "orders");

/// Inserts, updates and deletes of rows with keys from `from` to `from` + 299, through the coordinator and both
/// workers.
void some_changes(const citus_scenario& s, int from, const std::string& table = "orders");

} // namespace weir::test
