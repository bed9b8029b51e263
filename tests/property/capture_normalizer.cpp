#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/capture/normalizer.hpp"
#include "tests/support/effect_text.hpp"
#include "tests/support/plan_builder.hpp"
#include "tests/support/property.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir {
namespace {

namespace gen = rc::gen;
using pgoutput::old_row;

const data_type text_type{type_id::text, -1};
const data_type int4_type{type_id::int4, -1};
const data_type money_type{type_id::numeric, ((12 << 16) | 2) + 4};
const data_type bool_type{type_id::boolean, -1};

/// Two tables of (region text, amount numeric(12,2), pieces int4). Views:
///   0 on table 0: region, amount where region <> 'test'
///   1 on table 0: 12 / pieces
///   2 on table 1: region, region, pieces
pipeline_plan two_tables() {
  pipeline_plan plan;
  for (const auto* name : {"full", "keyed"}) {
    plan.sources.push_back(
        {name, "public", name, {{"region", text_type}, {"amount", money_type}, {"pieces", int4_type}}});
  }
  const auto& source = plan.sources[0];
  view_plan filtered;
  filtered.filter =
      test::apply(operation::not_equal, bool_type, {test::column_of(source, 0), test::literal(text_type, "test")});
  filtered.keys = {test::column_of(source, 0)};
  filtered.inputs = {test::column_of(source, 1)};
  view_plan computed;
  computed.inputs = {
      test::apply(operation::divide, int4_type, {test::literal(int4_type, "12"), test::column_of(source, 2)})};
  view_plan plain;
  plain.source = 1;
  plain.keys = {test::column_of(source, 0), test::column_of(source, 0)};
  plain.inputs = {test::column_of(source, 2)};
  plan.views = {filtered, computed, plain};
  return plan;
}

/// How often each row, live or dead, appeared in a view in a transaction, between two truncations.
using place = std::tuple<std::size_t, std::size_t, std::size_t, std::string>; // view, transaction, truncations, row
using tally = std::map<place, std::int64_t>;

/// The slow obvious way, over texts.
class model {
public:
  void begin() { ++transaction_; }
  void row(std::size_t table, const test::wire_row& row, std::int64_t weight) {
    const auto text = [&](std::size_t i) { return is_null(row[i]) ? "null" : row[i].text; };
    if (table == 1) {
      add(2, text(0) + ", " + text(0) + ", " + text(2), weight);
      return;
    }
    if (!is_null(row[0]) && row[0].text != "test") add(0, text(0) + ", " + text(1), weight);
    if (is_null(row[2])) {
      add(1, "null", weight);
    } else if (const int pieces = std::stoi(row[2].text); pieces == 0) {
      add(1, "dead " + text(0), weight);
    } else {
      add(1, std::to_string(12 / pieces), weight);
    }
  }
  void truncate(std::size_t table) {
    if (table == 1) {
      ++truncations_[2];
    } else {
      ++truncations_[0];
      ++truncations_[1];
    }
  }
  const tally& seen() const { return seen_; }

private:
  static bool is_null(const test::wire_value& v) { return v.kind == pgoutput::value_kind::null; }
  void add(std::size_t view, const std::string& row, std::int64_t weight) {
    const place at{view, transaction_, truncations_[view], row};
    if ((seen_[at] += weight) == 0) seen_.erase(at);
  }

  tally seen_;
  std::size_t transaction_ = 0;
  std::array<std::size_t, 3> truncations_{};
};

/// The same tally, from effects. Nothing if they do not stand in transactions as they should.
class tallied {
public:
  void operator()(const capture::transaction_begin&) {
    RC_ASSERT(!open_);
    open_ = true;
    ++transaction_;
  }
  void operator()(const capture::item& e) {
    RC_ASSERT(open_);
    if (e.what == capture::item::kind::truncate) {
      ++truncations_[e.view];
      return;
    }
    RC_ASSERT(e.first < e.last);
    RC_ASSERT(e.last <= e.rows->rows());
    for (auto row = e.first; row < e.last; ++row) {
      const auto text = test::row_text(*e.rows, row);
      add(e.view, text.substr(text.find(' ') + 1), e.rows->weights[row]);
    }
  }
  void operator()(const capture::dead_row& e) {
    RC_ASSERT(open_);
    RC_ASSERT(e.cause == "division by zero");
    const auto region = e.row_text.substr(7, e.row_text.find(',') - 7); // "region=eu, …"
    add(e.view, "dead " + (region == "NULL" ? "null" : region), e.weight);
  }
  void operator()(const capture::participant&) { RC_FAIL("no table of the model names participants"); }
  void operator()(const capture::follows&) { RC_FAIL("no shard of the model moves"); }
  void operator()(const capture::ownership_record&) { RC_FAIL("the model has no catalogs of Citus"); }
  void operator()(const capture::transaction_end& e) {
    RC_ASSERT(open_);
    RC_ASSERT(e.commit_lsn == lsn{transaction_});
    open_ = false;
  }
  void operator()(const capture::prepared_decision&) { RC_ASSERT(!open_); }
  void operator()(const capture::progress&) { RC_ASSERT(!open_); }

  const tally& seen() const { return seen_; }

private:
  void add(std::size_t view, const std::string& row, std::int64_t weight) {
    const place at{view, transaction_, truncations_[view], row};
    if ((seen_[at] += weight) == 0) seen_.erase(at);
  }

  tally seen_;
  bool open_ = false;
  std::size_t transaction_ = 0;
  std::array<std::size_t, 3> truncations_{};
};

test::wire_row any_row() {
  const auto region = *gen::element<const char*>("eu", "us", "test", "", nullptr);
  const auto amount = *gen::element<const char*>("1.00", "-2.50", nullptr);
  const auto pieces = *gen::element<const char*>("0", "1", "5", nullptr);
  const auto value = [](const char* text) { return text == nullptr ? test::wire_value(nullptr) : text; };
  return {value(region), value(amount), value(pieces)};
}

/// A random life of both tables, on the wire and in the model.
class history {
public:
  explicit history(const pipeline_plan& plan) : plan_(plan) {}

  void run() {
    const auto transactions = *gen::inRange<std::uint64_t>(0, 8);
    for (std::uint64_t i = 1; i <= transactions; ++i) {
      const bool prepared = *gen::weightedElement<bool>({{4, false}, {1, true}});
      if (*gen::weightedElement<bool>({{4, false}, {1, true}})) wire.keepalive(lsn{i});
      if (prepared) {
        wire.begin_prepare(lsn{i}, lsn{i}, 0, xid{1}, "gid");
      } else {
        wire.begin(lsn{i}, 0, xid{1});
      }
      expected.begin();
      if (i == 1) send_relations();
      for (auto left = *gen::inRange(0, 20); left > 0; --left) step();
      if (prepared) {
        wire.prepare(lsn{i}, lsn{i}, 0, xid{1}, "gid").commit_prepared(lsn{i}, lsn{i}, 0, xid{1}, "gid");
      } else {
        wire.commit(lsn{i}, lsn{i}, 0);
      }
    }
  }

  test::wire_builder wire;
  model expected;

private:
  static table_oid oid(std::size_t table) { return table_oid{static_cast<std::uint32_t>(100 + table)}; }
  /// Both hold all that is needed; the second as the key of an index.
  static old_row old_form(std::size_t table) { return table == 0 ? old_row::full : old_row::key; }

  void send_relations() {
    wire.relation(test::relation_of(plan_.sources[0], oid(0), 'f'));
    wire.relation(test::relation_of(plan_.sources[1], oid(1), 'i', {"region", "amount", "pieces"}));
  }

  void step() {
    const auto table = *gen::inRange<std::size_t>(0, 2);
    auto& rows = rows_[table];
    const auto what = *gen::weightedElement<char>({{6, 'i'}, {6, 'u'}, {3, 'd'}, {1, 't'}});
    if (what == 't') {
      wire.truncate({oid(table)});
      expected.truncate(table);
      rows.clear();
    } else if (what == 'i' || rows.empty()) {
      rows.push_back(any_row());
      wire.insert(oid(table), rows.back());
      expected.row(table, rows.back(), 1);
    } else {
      change(table, rows, *gen::inRange<std::size_t>(0, rows.size()), what);
    }
  }

  void change(std::size_t table, std::vector<test::wire_row>& rows, std::size_t at, char what) {
    const auto before = rows[at];
    expected.row(table, before, -1);
    if (what == 'd') {
      wire.remove(oid(table), old_form(table), before);
      rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    }
    rows[at] = any_row();
    auto sent = rows[at];
    if (*gen::arbitrary<bool>()) {
      rows[at][0] = before[0];
      sent[0] = test::unchanged();
    }
    expected.row(table, rows[at], 1);
    if (table == 1 && rows[at] == before) {
      wire.update(oid(table), rows[at]); // the key did not change: no old row
    } else {
      wire.update(oid(table), old_form(table), before, sent);
    }
  }

  const pipeline_plan& plan_;
  std::array<std::vector<test::wire_row>, 2> rows_;
};

} // namespace

TEST_CASE("normalizer: its effects sum up to the changes, for every split and every limit") {
  const auto plan = two_tables();
  test::require_property("sum of effects == model", [&] {
    history h(plan);
    h.run();
    const capture::normalizer_limits limits{*gen::inRange<std::size_t>(1, 2000), *gen::inRange<std::size_t>(1, 12)};
    auto machine = capture::normalizer::make(plan, limits);
    RC_ASSERT(machine.has_value());
    std::vector<capture::effect> effects;
    for (std::size_t from = 0; from < h.wire.frames();) {
      const auto to = from + *gen::inRange<std::size_t>(1, 30);
      const auto outcome = machine->consume(h.wire.slice(from, to), effects);
      if (!outcome) RC_FAIL(outcome.error().message);
      from = to;
    }
    tallied seen;
    for (const auto& e : effects) std::visit(seen, e);
    RC_ASSERT(seen.seen() == h.expected.seen());
  });
}

} // namespace weir
