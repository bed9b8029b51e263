#include "runtime/capture/table_drift.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/capture/binding.hpp"

namespace weir::capture {

namespace {

using kind = table_drift::kind;

bool is_planned(const source_column& planned, const column_shape& c) {
  const bool named = is_passed_through(planned.type.id);
  const bool same_type = named ? planned.type.name == c.type_name
                               : oid_of(planned.type.id) == c.type_oid && planned.type.typmod == c.typmod;
  return same_type && (c.not_null || !planned.not_null);
}

/// Gathers what was found: the gravest kind, every text.
class findings {
public:
  explicit findings(const source_plan& source) : table_(quoted_table(source)) {}

  void add(kind what, const std::string& text, const std::string& column = {}, const std::string& cure = {}) {
    found_.what = std::max(found_.what, what);
    if (!column.empty()) found_.columns.push_back(column);
    if (!cure.empty()) found_.cure += (found_.cure.empty() ? "" : "; ") + cure;
    if (text.empty()) return;
    found_.text += (found_.text.empty() ? fmt::format("table {}: ", table_) : "; ") + text;
  }
  table_drift take() { return std::move(found_); }

private:
  std::string table_;
  table_drift found_;
};

void compare_gone(const column_shape& before, const table_shape& now, findings& out) {
  const auto* namesake = now.named(before.name);
  if (namesake != nullptr)
    return out.add(kind::rewritten, fmt::format("column \"{}\" was dropped, and added again", before.name),
                   before.name);
  out.add(kind::gone, fmt::format("column \"{}\" was dropped", before.name), before.name,
          fmt::format("take \"{}\" out of the definition, or add the column again", before.name));
}

void compare_renamed(const column_shape& before, const column_shape& renamed, const table_shape& now, findings& out) {
  if (now.named(before.name) != nullptr)
    return out.add(
        kind::rewritten,
        fmt::format("column \"{}\" is now called \"{}\", and another one has its name", before.name, renamed.name),
        before.name);
  out.add(kind::gone, fmt::format("column \"{}\" is now called \"{}\"", before.name, renamed.name), before.name,
          fmt::format("write \"{}\" in the definition where it says \"{}\", or rename the column back", renamed.name,
                      before.name));
}

void compare_column(const source_column& planned, const column_shape& before, bool files_differ, const table_shape& now,
                    findings& out) {
  const auto* c = now.numbered(before.number);
  if (c == nullptr) return compare_gone(before, now, out);
  if (c->name != before.name) return compare_renamed(before, *c, now, out);
  // An ALTER COLUMN … TYPE writes the column's row of pg_attribute, and new files where it computes other values.
  const bool rewritten = files_differ && c->changed != before.changed;
  const bool retyped = c->type_oid != before.type_oid || c->typmod != before.typmod;
  if (retyped && (rewritten || !is_planned(planned, *c)))
    return out.add(rewritten ? kind::rewritten : kind::widened,
                   fmt::format("column \"{}\" is now {}, was {}", c->name, c->type_name, before.type_name), c->name);
  if (rewritten)
    return out.add(kind::rewritten, fmt::format("the values of column \"{}\" were rewritten", c->name), c->name);
  if (!is_planned(planned, *c)) out.add(kind::widened, fmt::format("column \"{}\" may be null now", c->name), c->name);
}

/// A table that took the source's name: does it have what the views use?
void compare_replaced(const source_plan& source, const table_shape& now, findings& out) {
  const bool same = std::all_of(source.columns.begin(), source.columns.end(), [&](const source_column& planned) {
    const auto* c = now.named(planned.name);
    return c != nullptr && is_planned(planned, *c);
  });
  out.add(same ? kind::replaced : kind::rewritten, "it is another table than the one that was read");
}

} // namespace

const table_shape* shape_of(const source_plan& source, const std::vector<table_shape>& shapes) {
  const auto at = std::find_if(shapes.begin(), shapes.end(), [&](const table_shape& t) {
    return t.schema == source.schema && t.name == source.table;
  });
  return at == shapes.end() ? nullptr : &*at;
}

table_drift compare(const source_plan& source, const table_shape& before, const std::vector<table_shape>& now) {
  findings out(source);
  const auto* table = shape_of(source, now);
  if (table == nullptr) {
    const auto same = std::find_if(now.begin(), now.end(), [&](const table_shape& t) { return t.oid == before.oid; });
    out.add(kind::gone,
            same == now.end() ? "it was dropped"
                              : fmt::format("it is now called \"{}\".\"{}\"", same->schema, same->name),
            "", "name another table in the source, or give it its name back");
    return out.take();
  }
  if (table->oid != before.oid) {
    compare_replaced(source, *table, out);
    return out.take();
  }
  for (const auto& planned : source.columns)
    if (const auto* c = before.named(planned.name))
      compare_column(planned, *c, table->files != before.files, *table, out);
  if (table->identity != before.identity) out.add(kind::identity, "");
  return out.take();
}

table_drift compare(const source_plan& source, const std::vector<table_shape>& now) {
  findings out(source);
  const auto* table = shape_of(source, now);
  if (table == nullptr) return out.take(); // whoever reads it says so
  for (const auto& planned : source.columns) {
    const auto* c = table->named(planned.name);
    if (c != nullptr && !is_planned(planned, *c))
      out.add(kind::widened,
              fmt::format("column \"{}\" is now {}{}, was {}{}", c->name, c->type_name, c->not_null ? " not null" : "",
                          to_sql(planned.type), planned.not_null ? " not null" : ""),
              c->name);
  }
  return out.take();
}

std::vector<table_shape> used_of(const std::vector<source_plan>& sources, const std::vector<table_shape>& now) {
  std::vector<table_shape> used;
  for (const auto& source : sources) {
    const auto* table = shape_of(source, now);
    if (table == nullptr) continue;
    auto shape = *table;
    std::erase_if(shape.columns, [&](const column_shape& c) {
      return std::none_of(source.columns.begin(), source.columns.end(),
                          [&](const auto& s) { return s.name == c.name; });
    });
    // Several sources of one table: what each of them uses.
    const auto same = std::find_if(used.begin(), used.end(), [&](const table_shape& t) { return t.oid == shape.oid; });
    if (same == used.end()) {
      used.push_back(std::move(shape));
      continue;
    }
    for (auto& c : shape.columns)
      if (same->named(c.name) == nullptr) same->columns.push_back(std::move(c));
  }
  return used;
}

} // namespace weir::capture
