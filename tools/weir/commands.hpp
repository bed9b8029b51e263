#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::program {

/// What `weir verify` looks at.
struct verify_options {
  double percent = 100;
  std::optional<std::uint32_t> seed; ///< of the sample; a fresh one if not given
  std::string keys;                  ///< "", "FROM..TO"
  std::string timeout = "60s";
};

/// What the command line said.
struct command_line {
  std::vector<std::string> files; ///< for why: the name of a view among them
  std::string config;
  std::string log_format;      ///< "", text, json
  std::string log_level;       ///< "", debug, info, warn, error
  std::string target;          ///< connection string, for those that only look: status, wait, why
  std::string pipeline;        ///< for wait
  std::string node;            ///< for wait
  std::string lsn;             ///< for wait
  std::string timeout = "15s"; ///< for wait
  bool json = false;
  bool views = false;
  bool verbose = false;             ///< for doctor
  bool strict = false;              ///< for doctor
  bool print_sql = false;           ///< for setup
  std::string role;                 ///< for setup
  std::string as;                   ///< for setup: "user=postgres"
  bool check = false;               ///< for fmt: say what would change, write nothing
  std::string code;                 ///< for explain: "W0203", "" for a list
  std::string format = "text";      ///< for plan: text, svg, dot, mermaid, json
  bool diff = false;                ///< for plan: since the registered version
  bool offline = false;             ///< for check, plan and test: ask no server
  std::vector<std::string> schemas; ///< for check, plan and test: SQL files in place of the servers' catalogs
  std::string filter;               ///< for test: a part of the names of those that run
  std::string junit;                ///< for test: a file for the report, "" for none
  verify_options verify;
};

// Each returns an exit_code (definition.hpp).
int run(const command_line& line);
int check(const command_line& line);
int plan(const command_line& line);
int status(const command_line& line);
int verify(const command_line& line);
int drop(const command_line& line);
int doctor(const command_line& line);
int setup(const command_line& line);
int wait(const command_line& line);
int why(const command_line& line);
int format(const command_line& line);
int explain(const command_line& line);
int test(const command_line& line);

} // namespace weir::program
