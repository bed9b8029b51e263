#pragma once

#include <string>
#include <vector>

#include "runtime/postgres/connection.hpp"
#include "tools/weir/commands.hpp"

namespace weir::program {

/// The database that a command looks into, and the pipeline it was told of.
struct target_choice {
  std::string conninfo;
  std::string pipeline;           ///< of FILE; "" with --target alone
  std::vector<std::string> nodes; ///< of FILE, where it lists them
};

/// What --target says, or else the definition; its findings are printed.
///
/// Input    `command` is for messages.
/// Errors   `errc::config_invalid` neither was given, or the definition has errors
result<target_choice> find_target(const command_line& line, const std::string& command);

/// A connection for a command that only looks.
result<postgres::connection> open_target(const target_choice& target, const std::string& command);

} // namespace weir::program
