#pragma once

#include <rapidcheck.h>

#include <memory>
#include <string>
#include <utility>

#include "dsl/syntax.hpp"

namespace weir::test {

/// Draws trees that the parser can make, from RapidCheck's random numbers: a failing one is made smaller.
class random_syntax {
public:
  /// `room`: about how many nodes a tree may have.
  explicit random_syntax(int room) : room_(room) {}

  dsl::syntax program() {
    dsl::syntax s;
    for (unsigned i = pick(2); i > 0; --i) s.pipelines.push_back({name()});
    for (unsigned i = pick(3); i > 0; --i) s.includes.push_back({content(false), {}});
    for (unsigned i = pick(2); i > 0; --i) s.memories.push_back({memory(), {}});
    for (unsigned i = pick(3); i > 0; --i) s.clusters.push_back(cluster());
    for (unsigned i = pick(3); i > 0; --i) s.sources.push_back({name(), table_name()});
    for (unsigned i = pick(4); i > 0; --i) s.views.push_back({name(), query()});
    for (unsigned i = pick(3); i > 0; --i) s.sinks.push_back(sink());
    for (unsigned i = pick(2); i > 0; --i) s.supervises.push_back(supervise());
    return s;
  }

private:
  static unsigned pick(unsigned bound) { return *rc::gen::inRange(0U, bound); }
  static bool coin() { return pick(2) == 1; }
  /// Is there room for one more? Trees end where there is none.
  bool grow() { return --room_ > 0 && pick(4) != 0; }

  template <std::size_t N>
  static std::string one_of(const char* const (&all)[N]) {
    return all[pick(N)];
  }

  static dsl::name name() {
    static constexpr const char* names[] = {
        "a",     "orders", "region",  "Mixed", "select",   "left",   "substring", "trim", "exists",
        "x y",   "q\"q",   "größe",   "1st",   "end",      "memory", "e",         "u",    "date",
        "union", "$1",     "with",    "zone",  "position", "row",    "case",      "view", "node",
        "all",   "on",     "extract", "array", "unknown",  "as",     "escape",    "any",  "similar"};
    return {one_of(names), {}};
  }
  static std::vector<dsl::name> some_names() {
    std::vector<dsl::name> out{name()};
    for (unsigned i = pick(3); i > 0; --i) out.push_back(name());
    return out;
  }
  /// What stands between quotes.
  static std::string content(bool may_be_empty) {
    static constexpr const char* contents[] = {"",       "it's",  "a\"b", "-- no comment", "/* nor this", "${HOST}",
                                               "host=a", "ä\n\t", "''",   "\"\"",          "\\",          ";"};
    return may_be_empty ? one_of(contents) : contents[1 + pick(std::size(contents) - 1)];
  }

  static memory_size memory() {
    if (coin()) return {0, 1 + pick(100)};
    return {least_memory_bytes + pick(1U << 30U), 0};
  }

  static dsl::table_name table_name() { return {name(), name(), name()}; }

  static dsl::cluster_declaration cluster() {
    dsl::cluster_declaration c;
    c.cluster = name();
    if (coin()) c.coordinator = dsl::conninfo_text{content(true), {}};
    static constexpr const char* plain[] = {"w1", "w2", "node", "größe", "a$b"};
    for (unsigned i = pick(3); i > 0; --i) {
      dsl::node_declaration n;
      if (coin()) n.node = dsl::name{one_of(plain), {}};
      n.conninfo.text = content(true);
      c.nodes.push_back(std::move(n));
    }
    if (coin()) c.consistency = dsl::consistency_choice{consistency{static_cast<std::uint8_t>(pick(2))}, {}};
    if (coin()) c.capture = dsl::capture_choice{coin() ? capture_mode::raw : capture_mode::logical, {}};
    if (coin()) c.transaction_name = dsl::transaction_pattern{coin() ? "t_([0-9]+)" : "it's_(.*)_x", {}};
    return c;
  }

  static dsl::sink_declaration sink() {
    dsl::sink_declaration s{name(), table_name(), {}, false, {}};
    if (coin()) {
      s.distributed = dsl::distribution{name(), {}, {}};
      if (coin()) s.distributed->with_source = name();
      if (!s.distributed->with_source && coin()) s.distributed->with_table = table_name();
    } else {
      s.reference = coin();
    }
    if (coin()) s.every = std::chrono::milliseconds(pick(86'400'001));
    return s;
  }

  static dsl::supervise_declaration supervise() {
    dsl::supervise_declaration s;
    if (coin()) s.retry = static_cast<int>(1 + pick(1'000'000));
    if (s.retry && coin()) {
      s.backoff_min = std::chrono::milliseconds(1 + pick(1000));
      s.backoff_max = *s.backoff_min + std::chrono::milliseconds(pick(100'000));
    }
    if (coin()) s.on_worker_failure = coin() ? dsl::failure_policy::wait : dsl::failure_policy::isolate;
    if (coin()) s.on_slot_lost = coin() ? on_slot_lost::stop : on_slot_lost::reload;
    if (coin()) s.on_error = coin() ? on_error::stop : on_error::skip;
    if (coin()) s.on_schema_change = coin() ? on_schema_change::stop : on_schema_change::evolve;
    return s;
  }

  dsl::query query() {
    dsl::query q;
    if (grow() && pick(3) == 0) {
      for (unsigned i = 1 + pick(2); i > 0; --i) {
        dsl::common_table t{name(), {}, nullptr};
        if (coin()) t.column_names = some_names();
        t.body = std::make_shared<const dsl::query>(query());
        q.with.push_back(std::move(t));
      }
      q.recursive = coin();
    }
    if (grow() && pick(3) == 0) {
      q.sides.push_back(query());
      q.sides.push_back(query());
      q.operation = static_cast<dsl::set_operation>(pick(3));
      q.all = coin();
    } else {
      q.select = select();
    }
    if (pick(4) == 0)
      for (unsigned i = 1 + pick(2); i > 0; --i) {
        dsl::order_item item{expression(), coin(), {}};
        if (coin()) item.nulls_first = coin();
        q.order_by.push_back(std::move(item));
      }
    if (pick(4) == 0) q.limit = expression();
    if (pick(4) == 0) q.offset = expression();
    return q;
  }

  dsl::select_statement select() {
    dsl::select_statement s;
    if (pick(4) == 0) s.distinct = dsl::span{};
    if (s.distinct && coin()) s.distinct_on = {expression()};
    for (unsigned i = 1 + pick(3); i > 0; --i) {
      dsl::select_item item;
      item.star = pick(5) == 0;
      if (item.star) {
        if (coin()) item.star_of = name();
      } else {
        item.value = expression();
        if (coin()) item.alias = name();
      }
      s.items.push_back(std::move(item));
    }
    for (unsigned i = 1 + pick(2); i > 0; --i) s.from.push_back(table());
    if (coin()) s.where = expression();
    for (unsigned i = pick(3); i > 0; --i) s.group_by.push_back(expression());
    if (pick(4) == 0) s.having = expression();
    return s;
  }

  dsl::table_item table() {
    dsl::table_item t;
    if (grow() && coin()) {
      t.sides.push_back(table());
      t.sides.push_back(table());
      t.kind = static_cast<dsl::join_kind>(pick(5));
      t.natural = pick(4) == 0;
      if (coin()) t.on = expression();
      if (!t.on && coin()) t.using_columns = some_names();
      return t;
    }
    if (grow() && coin()) {
      t.subquery = std::make_shared<const dsl::query>(query());
      t.lateral = pick(4) == 0;
    } else {
      t.table = name();
    }
    if (coin()) t.alias = name();
    if (t.alias && pick(4) == 0) t.column_names = some_names();
    return t;
  }

  dsl::syntax_expression leaf() {
    dsl::syntax_expression e;
    static constexpr const char* numbers[] = {"0", "42", "007", "99999999999999999999"};
    static constexpr const char* decimals[] = {"1.5", ".5", "1.", "1e3", "2.5E-10"};
    switch (pick(7)) {
      case 0: e.form = dsl::form::integer, e.text = one_of(numbers); break;
      case 1: e.form = dsl::form::decimal, e.text = one_of(decimals); break;
      case 2: e.form = dsl::form::string, e.text = content(true); break;
      case 3: e.form = dsl::form::boolean, e.text = coin() ? "true" : "false"; break;
      case 4: e.form = dsl::form::null; break;
      case 5:
        e.form = dsl::form::typed_string, e.text = content(true);
        type(e);
        break;
      default: e.form = dsl::form::column, e.names = some_names();
    }
    return e;
  }

  static void type(dsl::syntax_expression& e) {
    static constexpr const char* types[] = {"bigint",
                                            "numeric",
                                            "double precision",
                                            "character varying",
                                            "timestamp",
                                            "timestamp with time zone",
                                            "timestamp without time zone",
                                            "no_such_type"};
    e.type = one_of(types);
    for (unsigned i = pick(3); i > 0; --i) e.type_modifiers.push_back(std::to_string(pick(40)));
    if (e.form == dsl::form::cast && pick(5) == 0) e.type += "[]";
  }

  void operands(dsl::syntax_expression& e, unsigned number) {
    for (; number > 0; --number) e.args.push_back(expression());
  }

  dsl::syntax_expression expression() {
    if (!grow()) return leaf();
    dsl::syntax_expression e;
    static constexpr const char* operators[] = {"+",  "-",  "*",  "/",   "%",  "||",  "=",   "<>", "<",   ">",
                                                "<=", ">=", "->", "->>", "#>", "#>>", "?",   "?|", "?&",  "@>",
                                                "<@", "&&", "~",  "!~",  "~*", "!~*", "and", "or", "and", "or"};
    static constexpr const char* patterns[] = {"like", "ilike", "similar to"};
    static constexpr const char* quantified[] = {"= any", "<> all", "< any", ">= all"};
    static constexpr const char* truths[] = {"true", "false", "unknown"};
    constexpr dsl::form kinds[] = {
        dsl::form::cast,        dsl::form::call,        dsl::form::negate,        dsl::form::plus,
        dsl::form::binary,      dsl::form::binary,      dsl::form::logical_not,   dsl::form::is_null,
        dsl::form::in_list,     dsl::form::between,     dsl::form::like,          dsl::form::is_truth,
        dsl::form::is_distinct, dsl::form::simple_case, dsl::form::searched_case, dsl::form::collate,
        dsl::form::row,         dsl::form::exists,      dsl::form::in_query,      dsl::form::scalar_query,
        dsl::form::array,       dsl::form::subscript,   dsl::form::quantified};
    e.form = kinds[pick(std::size(kinds))];
    switch (e.form) {
      case dsl::form::cast: type(e), operands(e, 1); break;
      case dsl::form::call:
        e.names = {name()};
        if (pick(4) == 0) e.names.push_back(name());
        e.star = pick(5) == 0;
        if (!e.star) operands(e, pick(3));
        e.distinct = pick(5) == 0;
        if (pick(5) == 0) e.filter = {expression()};
        break;
      case dsl::form::binary: e.text = one_of(operators), operands(e, 2); break;
      case dsl::form::in_list:
        operands(e, 2 + pick(3));
        if (e.args.size() == 2 && e.args[1].form == dsl::form::scalar_query) operands(e, 1); // alone it is an in_query
        break;
      case dsl::form::between: operands(e, 3); break;
      case dsl::form::like: e.text = one_of(patterns), operands(e, 2 + pick(2)); break;
      case dsl::form::array: operands(e, pick(4)); break;
      case dsl::form::subscript: operands(e, 2); break;
      case dsl::form::quantified: e.text = one_of(quantified), operands(e, 2); break;
      case dsl::form::collate: e.names = {name()}, operands(e, 1); break;
      case dsl::form::is_distinct: operands(e, 2); break;
      case dsl::form::is_truth: e.text = one_of(truths), operands(e, 1); break;
      case dsl::form::row: operands(e, 1 + pick(3)); break;
      case dsl::form::exists:
      case dsl::form::scalar_query: e.subquery = std::make_shared<const dsl::query>(query()); break;
      case dsl::form::in_query:
        e.subquery = std::make_shared<const dsl::query>(query());
        operands(e, 1);
        break;
      case dsl::form::searched_case: operands(e, 2 * (1 + pick(2)) + pick(2)); break;
      case dsl::form::simple_case: operands(e, 1 + 2 * (1 + pick(2)) + pick(2)); break;
      default: operands(e, 1);
    }
    if (e.form == dsl::form::is_null || e.form == dsl::form::in_list || e.form == dsl::form::in_query ||
        e.form == dsl::form::between || e.form == dsl::form::like || e.form == dsl::form::is_truth ||
        e.form == dsl::form::is_distinct)
      e.negated = coin();
    return e;
  }

  int room_;
};

} // namespace weir::test
