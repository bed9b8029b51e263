#pragma once

namespace weir::postgres {

/// Counts up with every change of schema_ddl; kept in the comment of schema weir.
constexpr int schema_version = 5;

/// From each version to the next, the first from 1 to 2: what `IF NOT EXISTS` does not bring to tables that are there.
extern const char* const schema_upgrades[schema_version - 1];
/// The tables and views of schema weir, every statement idempotent.
extern const char* const schema_ddl;
/// Its functions, likewise.
extern const char* const functions_ddl;

} // namespace weir::postgres
