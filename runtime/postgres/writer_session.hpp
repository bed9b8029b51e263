#pragma once

#include <string>

#include "runtime/postgres/connection.hpp"
#include "runtime/postgres/lease.hpp"

namespace weir::postgres {

/// Makes a session fit to write views, and the only one that does so for `pipeline`: a writer that was dropped may
/// have left statements, even a COMMIT, that its server process is still busy with. Waits some seconds for it to end;
/// then, if the lease is still ours, ends it.
///
/// Output   what is read from here on is what the writer before has left behind, for good.
/// Errors   `errc::lease_lost` · `errc::timeout` naming the process that does not end
status prepare_writer_session(connection& target, const std::string& pipeline, const lease_grant& grant);

} // namespace weir::postgres
