#pragma once

#include <string>
#include <vector>

#include "runtime/base/sql_quoter.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"

namespace weir::program {

/// Is no server to be asked? A schema file says so, too.
bool is_offline(const command_line& line);

/// Binds against schema files, in place of the servers' catalogs: every node has the tables that they make. Nodes that
/// only a coordinator could name are those that tests speak of.
///
/// Output   findings go to `d.found`, those about schema files too: their text is behind that of the definition
bound_definition bind_offline(definition& d, const std::vector<std::string>& schema_files);

/// Against schema files, or the servers, as the command line says.
/// Errors   as bind_definition
result<bound_definition> bind_for(definition& d, const command_line& line);

/// Quotes as libpq does for a server of encoding UTF-8: for SQL that is shown where no server is at hand.
class offline_quoter final : public sql_quoter {
public:
  std::string identifier(std::string_view name) const override;
  std::string literal(std::string_view text) const override;
};

} // namespace weir::program
