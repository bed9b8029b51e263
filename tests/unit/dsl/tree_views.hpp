#pragma once

#include <string>

#include "runtime/plan/pipeline_plan.hpp"
#include "tests/support/compile.hpp"

// Views that are planned and not run: two tables, and what comes of a query over them.
namespace weir::test {

inline const schema_text& tree_schema() {
  static const schema_text made(R"(
public.orders full
  id bigint not_null
  customer_id bigint not_null
  region text not_null
  amount numeric(10,2)
  placed_on date
public.customers full
  id bigint not_null
  name text not_null
  region varchar(20)
)");
  return made;
}

inline compiled compile_views(const std::string& views) {
  return compile("pipeline p; cluster c { coordinator \"host=a\"; nodes w1 \"host=b\", w2 \"host=c\"; }\n"
                 "source orders from c.public.orders;\nsource customers from c.public.customers;\n" +
                     views + "\nsink w into c.public.w;\n",
                 tree_schema());
}

/// Names and types of its columns.
inline std::string columns_of(const std::string& query) {
  const auto done = compile_views("view w as " + query + ";");
  if (!done.plan) return done.rendered();
  std::string out;
  for (const auto& c : done.plan->unbuilt.back().root->columns)
    out += (out.empty() ? "" : ", ") + c.name + " " + to_sql(c.type) + (c.nullable ? "" : " not null");
  return out;
}

inline std::string error_of(const std::string& query) {
  const auto done = compile_views("view w as " + query + ";");
  for (const auto& d : done.found)
    if (d.severity == dsl::severity::error) return to_string(d.code) + " " + d.message;
  return "none";
}

} // namespace weir::test
