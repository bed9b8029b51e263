#pragma once

namespace weir::postgres {

/// Counts up with every change of schema_ddl; kept in the comment of schema weir.
constexpr int schema_version = 1;

/// The tables and views of schema weir, every statement idempotent.
extern const char* const schema_ddl;

} // namespace weir::postgres
