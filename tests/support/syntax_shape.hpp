#pragma once

#include <string>

#include "dsl/syntax.hpp"

namespace weir::test {

/// A syntax tree as text without places: all that it says, each string with its length before it, so that no two trees
/// have one shape. It knows nothing of how a program is written.
class syntax_shape {
public:
  static std::string of(const dsl::syntax& program) {
    syntax_shape s;
    for (const auto& p : program.pipelines) s.node("pipeline", [&] { s.add(p.pipeline); });
    for (const auto& i : program.includes) s.node("include", [&] { s.add(i.file); });
    for (const auto& m : program.memories) s.node("memory", [&] { s.add(m.size.bytes), s.add(m.size.percent); });
    for (const auto& c : program.clusters) s.node("cluster", [&] { s.cluster(c); });
    for (const auto& d : program.sources) s.node("source", [&] { s.add(d.source), s.table(d.table); });
    for (const auto& v : program.views) s.node("view", [&] { s.add(v.view), s.query(v.query); });
    for (const auto& d : program.sinks) s.node("sink", [&] { s.sink(d); });
    for (const auto& d : program.supervises) s.node("supervise", [&] { s.supervise(d); });
    return std::move(s.out_);
  }

private:
  template <class Content>
  void node(const char* kind, Content content) {
    out_ += '(' + std::string(kind);
    content();
    out_ += ")\n";
  }
  void add(const std::string& text) { out_ += ' ' + std::to_string(text.size()) + ':' + text; }
  void add(const dsl::name& n) { add(n.text); }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void add(Number number) { out_ += " #" + std::to_string(number); }
  template <class T>
  void add(const std::vector<T>& all) {
    out_ += " [";
    for (const auto& one : all) add(one);
    out_ += ']';
  }
  /// An optional, or nothing.
  template <class T, class Content>
  void perhaps(const std::optional<T>& value, Content content) {
    out_ += value ? " {" : " -";
    if (value) content(*value);
    if (value) out_ += '}';
  }

  void table(const dsl::table_name& t) { add(t.cluster), add(t.schema), add(t.table); }

  void cluster(const dsl::cluster_declaration& c) {
    add(c.cluster);
    perhaps(c.coordinator, [&](const auto& v) { add(v.text); });
    for (const auto& n : c.nodes) {
      perhaps(n.node, [&](const auto& v) { add(v); });
      add(n.conninfo.text);
    }
    perhaps(c.consistency, [&](const auto& v) { add(static_cast<int>(v.choice)); });
    perhaps(c.capture, [&](const auto& v) { add(static_cast<int>(v.choice)); });
    perhaps(c.transaction_name, [&](const auto& v) { add(v.text); });
  }

  void sink(const dsl::sink_declaration& d) {
    add(d.view), table(d.table);
    perhaps(d.distributed, [&](const auto& v) {
      add(v.column);
      perhaps(v.with_source, [&](const auto& s) { add(s); });
      perhaps(v.with_table, [&](const auto& t) { table(t); });
    });
    add(d.reference);
    perhaps(d.every, [&](const auto& v) { add(v.count()); });
  }

  void supervise(const dsl::supervise_declaration& d) {
    perhaps(d.retry, [&](const auto& v) { add(v); });
    perhaps(d.backoff_min, [&](const auto& v) { add(v.count()); });
    perhaps(d.backoff_max, [&](const auto& v) { add(v.count()); });
    perhaps(d.on_worker_failure, [&](const auto& v) { add(static_cast<int>(v)); });
    perhaps(d.on_slot_lost, [&](const auto& v) { add(static_cast<int>(v)); });
    perhaps(d.on_error, [&](const auto& v) { add(static_cast<int>(v)); });
    perhaps(d.on_schema_change, [&](const auto& v) { add(static_cast<int>(v)); });
  }

  void query(const dsl::query& q) {
    node("query", [&] {
      for (const auto& t : q.with) {
        add(t.table), add(t.column_names);
        query(*t.body);
      }
      add(q.recursive);
      perhaps(q.select, [&](const auto& s) { select(s); });
      for (const auto& side : q.sides) query(side);
      add(static_cast<int>(q.operation)), add(q.all);
      for (const auto& o : q.order_by) {
        add(o.value), add(o.descending);
        perhaps(o.nulls_first, [&](bool v) { add(v); });
      }
      perhaps(q.limit, [&](const auto& e) { add(e); });
      perhaps(q.offset, [&](const auto& e) { add(e); });
    });
  }

  void select(const dsl::select_statement& s) {
    add(s.distinct.has_value()), add(s.distinct_on);
    for (const auto& item : s.items) {
      add(item.star);
      perhaps(item.star_of, [&](const auto& n) { add(n); });
      if (!item.star) add(item.value);
      perhaps(item.alias, [&](const auto& n) { add(n); });
    }
    for (const auto& item : s.from) table_item(item);
    perhaps(s.where, [&](const auto& e) { add(e); });
    add(s.group_by);
    perhaps(s.having, [&](const auto& e) { add(e); });
  }

  void table_item(const dsl::table_item& t) {
    node("table", [&] {
      add(t.table);
      if (t.subquery) query(*t.subquery);
      perhaps(t.alias, [&](const auto& n) { add(n); });
      add(t.column_names), add(t.lateral);
      for (const auto& side : t.sides) table_item(side);
      add(static_cast<int>(t.kind)), add(t.natural);
      perhaps(t.on, [&](const auto& e) { add(e); });
      add(t.using_columns);
    });
  }

  void add(const dsl::syntax_expression& e) {
    node("", [&] {
      add(static_cast<int>(e.form)), add(e.text), add(e.names), add(e.args);
      add(e.negated), add(e.star), add(e.distinct), add(e.filter), add(e.type), add(e.type_modifiers);
      if (e.subquery) query(*e.subquery);
    });
  }

  std::string out_;
};

} // namespace weir::test
