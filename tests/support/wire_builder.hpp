#pragma once

#include "runtime/rehearsal/wire_builder.hpp"

/// What a server would send, for tests: a rehearsal sends the same.
namespace weir::test {

using rehearsal::bytes;
using rehearsal::encode;
using rehearsal::to_tuple;
using rehearsal::unchanged;
using rehearsal::wire_builder;
using rehearsal::wire_row;
using rehearsal::wire_value;
using rehearsal::wire_writer;

} // namespace weir::test
