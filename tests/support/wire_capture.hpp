#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "tests/support/source_file.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir::test {

struct captured_message {
  lsn position;
  bytes payload;
};

/// The messages of a recording: on each line a position and a message in hex.
inline std::vector<captured_message> read_capture(const std::string& path) {
  std::vector<captured_message> messages;
  std::ifstream in(path);
  std::string position;
  std::string hex;
  while (in >> position >> hex) {
    captured_message m;
    if (auto parsed = parse_lsn(position)) m.position = *parsed;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      m.payload.push_back(static_cast<std::byte>(std::strtoul(hex.substr(i, 2).c_str(), nullptr, 16)));
    }
    messages.push_back(std::move(m));
  }
  return messages;
}

/// What PostgreSQL 15 sent for tests/unit/pgoutput/captures/postgres15.sql: every kind of message.
inline std::vector<captured_message> postgres15_capture() {
  return read_capture(source_file("tests/unit/pgoutput/captures/postgres15.hex"));
}

} // namespace weir::test
