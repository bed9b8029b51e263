#include "runtime/capture/shard_stream.hpp"

#include <utility>

#include "tests/unit/capture/orders.hpp"

/// Rows of shards, and the rows of Citus' catalogs that tell whose they are, as a node's stream brings them.
namespace weir {
namespace {

using pgoutput::old_row;

constexpr table_oid dist_shard{16'501};
constexpr table_oid dist_placement{16'502};
constexpr group_id self = 1;
constexpr group_id other = 2;

pipeline_plan raw_plan() {
  auto plan = test::by_region_plan();
  plan.capture = capture_mode::raw;
  plan.sources[0].kind = table_kind::distributed;
  return plan;
}

/// Shards 102008 of this node and 102009 of the other; no table was seen yet.
ownership two_shards() {
  ownership o(self);
  o.put(shard{102'008, 0, {INT32_MIN, -1}, 0, "orders_102008"});
  o.put(shard{102'009, 0, {0, INT32_MAX}, 0, "orders_102009"});
  o.put(1, placement{102'008, self});
  o.put(2, placement{102'009, other});
  return o;
}

/// A stream of transactions, each at the next position.
class stream {
public:
  explicit stream(pipeline_plan plan = raw_plan(), ownership from = two_shards())
      : plan_(std::move(plan)), machine_(make(plan_, std::move(from))) {}

  stream& table(std::uint32_t oid, std::string_view name, std::string_view schema = "shop") {
    auto r = test::relation_of(plan_.sources[0], table_oid{oid}, 'f');
    r.table = name;
    r.schema = schema;
    wire_.relation(r);
    return *this;
  }
  stream& catalogs() {
    wire_.relation({dist_shard,
                    "pg_catalog",
                    "pg_dist_shard",
                    'i',
                    {{false, "logicalrelid", 2205, -1},
                     {true, "shardid", 20, -1},
                     {false, "shardstorage", 18, -1},
                     {false, "shardminvalue", 25, -1},
                     {false, "shardmaxvalue", 25, -1}}});
    wire_.relation({dist_placement,
                    "pg_catalog",
                    "pg_dist_placement",
                    'i',
                    {{true, "placementid", 20, -1},
                     {false, "shardid", 20, -1},
                     {false, "shardstate", 23, -1},
                     {false, "shardlength", 20, -1},
                     {false, "groupid", 23, -1}}});
    return *this;
  }

  stream& begin() {
    wire_.begin(at(), 0, xid{1});
    return *this;
  }
  stream& commit() {
    wire_.commit(at(), lsn{position_ + 8}, 0);
    position_ += 10;
    return *this;
  }
  stream& begin_prepare(std::string_view gid) {
    wire_.begin_prepare(at(), lsn{position_ + 8}, 0, xid{1}, gid);
    return *this;
  }
  stream& prepare(std::string_view gid) {
    wire_.prepare(at(), lsn{position_ + 8}, 0, xid{1}, gid);
    position_ += 10;
    return *this;
  }
  stream& commit_prepared(std::string_view gid) {
    wire_.commit_prepared(at(), lsn{position_ + 8}, 0, xid{1}, gid);
    position_ += 10;
    return *this;
  }
  stream& rollback_prepared(std::string_view gid) {
    wire_.rollback_prepared(lsn{position_ - 2}, lsn{position_ + 8}, 0, xid{1}, gid);
    position_ += 10;
    return *this;
  }

  stream& row(std::uint32_t oid, const char* id) {
    wire_.insert(table_oid{oid}, {id, "eu", "1.00", "1"});
    return *this;
  }
  stream& rows_gone(std::uint32_t oid, const char* id) {
    wire_.remove(table_oid{oid}, old_row::full, {id, "eu", "1.00", "1"});
    return *this;
  }
  stream& truncate(std::vector<table_oid> tables) {
    wire_.truncate(std::move(tables));
    return *this;
  }

  /// UPDATE of a placement, as workers see it.
  stream& place(const char* placement, const char* shard, const char* group, const char* state = "1") {
    wire_.update(dist_placement, {placement, shard, state, "0", group});
    return *this;
  }
  stream& new_place(const char* placement, const char* shard, const char* group) {
    wire_.insert(dist_placement, {placement, shard, "1", "0", group});
    return *this;
  }
  stream& no_place(const char* placement) {
    wire_.remove(dist_placement, old_row::key, {placement, nullptr, nullptr, nullptr, nullptr});
    return *this;
  }
  stream& new_shard(const char* shard, const char* first, const char* last, const char* table = "shop.orders") {
    wire_.insert(dist_shard, {table, shard, "t", first, last});
    return *this;
  }
  stream& no_shard(const char* shard) {
    wire_.remove(dist_shard, old_row::key, {nullptr, shard, nullptr, nullptr, nullptr});
    return *this;
  }

  /// What came since the last call: the rows that count, and what is concluded; positions left out.
  std::string effects() {
    std::vector<capture::effect> out;
    const auto outcome = machine_.consume(wire_.chunk(), out);
    wire_.take();
    auto text = short_text(out);
    if (!outcome) text += fmt::format("error {}\n", to_string(outcome.error().code));
    return text;
  }

private:
  static capture::normalizer make(const pipeline_plan& plan, ownership from) {
    auto made = capture::normalizer::make(plan, {}, ownership_tracker(std::move(from)));
    REQUIRE(made);
    return std::move(made).value();
  }
  static std::string short_text(const std::vector<capture::effect>& effects) {
    std::string out;
    for (const auto& e : effects) {
      if (const auto* b = std::get_if<capture::transaction_begin>(&e))
        out += b->gid.empty() ? "begin\n" : "begin " + b->gid + "\n";
      else if (const auto* d = std::get_if<capture::prepared_decision>(&e))
        out += (d->commit ? "commit " : "rollback ") + d->gid + "\n";
      else if (!std::holds_alternative<capture::transaction_end>(e))
        out += std::visit(test::detail::effect_text{}, e) + "\n";
    }
    return out;
  }

  lsn at() const { return lsn{position_}; }

  pipeline_plan plan_;
  capture::normalizer machine_;
  test::wire_builder wire_;
  std::uint64_t position_ = 100;
};

constexpr const char* one_row = "begin\n  rows view 0: (+1 eu, 1.00)\n";

} // namespace

TEST_CASE("raw capture: rows of shards that the node owns count, others do not") {
  stream s;
  s.table(8, "orders_102008").table(9, "orders_102009").table(10, "orders").table(11, "notes");
  s.begin().row(8, "1").commit();
  CHECK(s.effects() == one_row);
  s.begin().row(9, "2").row(10, "3").row(11, "4").commit();
  CHECK(s.effects() == "begin\n");
}

TEST_CASE("raw capture: what is copied to a node before it owns the shard does not count") {
  stream s;
  s.catalogs().table(9, "orders_102009");
  s.begin().row(9, "1").row(9, "2").commit();
  s.begin().rows_gone(9, "1").commit();
  CHECK(s.effects() == "begin\nbegin\n");
  s.begin().place("2", "102009", "1").commit();
  CHECK(s.effects() == "begin\n  owns 102008 102009; shard 102009 from 2\n");
  s.begin().row(9, "3").commit();
  CHECK(s.effects() == one_row);
}

TEST_CASE("raw capture: a shard is the new owner's from the PREPARE of its move on") {
  stream s;
  s.catalogs().table(9, "orders_102009");
  s.begin_prepare("citus_0_1_1_0").place("2", "102009", "1").prepare("citus_0_1_1_0");
  CHECK(s.effects() == "begin citus_0_1_1_0\n  owns 102008 102009\n");
  // Whoever writes now comes after all that the old owner has.
  s.begin().row(9, "1").row(9, "2").commit();
  CHECK(s.effects() == "begin\n  follows 'citus_0_1_1_0'\n  rows view 0: (+1 eu, 1.00) (+1 eu, 1.00)\n");
  s.commit_prepared("citus_0_1_1_0");
  CHECK(s.effects() == "  owns 102008 102009; shard 102009 from 2\ncommit citus_0_1_1_0\n");
  s.begin().row(9, "3").commit();
  CHECK(s.effects() == one_row);
}

TEST_CASE("raw capture: the old owner's rows count until it has committed its part of the move") {
  stream s;
  s.catalogs().table(8, "orders_102008");
  s.begin_prepare("m").place("1", "102008", "2").prepare("m");
  s.begin().row(8, "1").commit();
  CHECK(s.effects() == std::string("begin m\n  owns\n") + one_row);
  s.commit_prepared("m");
  s.begin().row(8, "2").commit();
  CHECK(s.effects() == "  owns; source 0 to 2; none of 0\ncommit m\nbegin\n");
}

TEST_CASE("raw capture: a move that is rolled back leaves everything as it was") {
  stream s;
  s.catalogs().table(8, "orders_102008").table(9, "orders_102009");
  s.begin_prepare("m").place("1", "102008", "2").place("2", "102009", "1").prepare("m");
  s.begin().row(8, "1").commit();
  // Its other parts may have been rolled back before: the shard takes writes again.
  CHECK(s.effects() == std::string("begin m\n  owns 102009\n") + one_row);
  s.rollback_prepared("m");
  CHECK(s.effects() == "  owns 102008\nrollback m\n");
  s.begin().row(9, "2").commit();
  s.begin().row(8, "3").commit();
  CHECK(s.effects() == std::string("begin\n") + one_row);
}

TEST_CASE("raw capture: the coordinator sees a move as a new placement and the end of the old one, in any order") {
  for (const bool new_first : {true, false}) {
    stream s;
    s.catalogs().begin();
    if (new_first) s.new_place("7", "102008", "2");
    s.no_place("1");
    if (!new_first) s.new_place("7", "102008", "2");
    s.commit();
    CHECK(s.effects() == "begin\n  owns; source 0 to 2; none of 0\n");
  }
}

TEST_CASE("raw capture: a placement that is not active is none") {
  stream s;
  s.catalogs().begin().place("1", "102008", "1", "4").commit();
  CHECK(s.effects() == "begin\n  owns; none of 0\n");
}

TEST_CASE("raw capture: children of a split count from there on, though their tables were told of long before") {
  stream s;
  s.catalogs().table(8, "orders_102008").table(20, "orders_102020").table(21, "orders_102021");
  s.begin().row(20, "1").row(21, "2").row(8, "3").commit();
  CHECK(s.effects() == one_row);
  s.begin_prepare("s");
  s.new_shard("102020", "-2147483648", "-1000").new_place("20", "102020", "1");
  s.new_shard("102021", "-999", "-1").new_place("21", "102021", "2");
  s.no_place("1").no_shard("102008").prepare("s");
  CHECK(s.effects() == "begin s\n  owns 102020\n");
  s.begin().row(20, "4").row(21, "5").commit();
  CHECK(s.effects() == "begin\n  follows 's'\n  rows view 0: (+1 eu, 1.00)\n");
  s.commit_prepared("s");
  CHECK(s.effects() == "  owns 102020; source 0 to 2\ncommit s\n");
}

TEST_CASE("raw capture: a TRUNCATE counts once for each shard that is owned, and after the move that brought it") {
  stream s;
  s.catalogs().table(8, "orders_102008").table(9, "orders_102009");
  s.begin().truncate({table_oid{8}, table_oid{9}}).commit();
  CHECK(s.effects() == "begin\n  truncate view 0\n");
  s.begin().truncate({table_oid{9}}).commit();
  CHECK(s.effects() == "begin\n");
  s.begin_prepare("m").place("2", "102009", "1").prepare("m");
  s.begin().truncate({table_oid{9}}).commit();
  CHECK(s.effects() == "begin m\n  owns 102008 102009\nbegin\n  follows 'm'\n  truncate view 0\n");
}

TEST_CASE("raw capture: a shard's table that was renamed is known by its oid") {
  auto owned = two_shards();
  owned.remember_table(102'008, "orders_102008", 8);
  stream s(raw_plan(), owned);
  s.table(8, "bookings_102008").begin().row(8, "1").commit();
  CHECK(s.effects() == one_row);
}

TEST_CASE("raw capture: a table that is named like a shard is none") {
  stream s;
  s.table(8, "orders_102008").table(30, "data_102008").table(31, "orders_102008", "attic");
  s.begin().row(8, "1").row(30, "2").row(31, "3").commit();
  CHECK(s.effects() == one_row);
}

TEST_CASE("raw capture: where nothing tells whether a table is a shard's, nothing is guessed") {
  ownership unseen(self);
  unseen.put(shard{102'008, 0, {}, 0, {}});
  unseen.put(1, placement{102'008, self});
  stream s(raw_plan(), unseen);
  s.table(30, "data_102008").begin().row(30, "2").commit();
  CHECK(s.effects() == "begin\nerror ownership_unclear\n");
}

TEST_CASE("raw capture: a table that is distributed anew is told, not guessed at") {
  stream s;
  s.catalogs().begin();
  s.no_place("1").no_place("2").no_shard("102008").no_shard("102009");
  s.new_shard("102030", "-2147483648", "2147483647").new_place("30", "102030", "1").commit();
  CHECK(s.effects() == "begin\nerror source_reshaped\n");
}

TEST_CASE("raw capture: shards of other tables are of no interest, whatever happens to them") {
  stream s;
  s.catalogs().begin().new_shard("500", "0", "1", "shop.other").new_place("50", "500", "1").no_shard("499").commit();
  CHECK(s.effects() == "begin\n");
}

TEST_CASE("raw capture: regclass quotes names that are no plain words") {
  auto plan = raw_plan();
  plan.sources[0].schema = "My Shop";
  plan.sources[0].table = "Order";
  ownership none(self);
  none.put(shard{1, 0, {INT32_MIN, -1}, 0, "Order_1"});
  none.put(1, placement{1, self});
  stream s(plan, none);
  s.catalogs().table(40, "Order_2", "My Shop").begin();
  s.no_place("1").no_shard("1").new_shard("2", "-2147483648", "-1", "\"My Shop\".\"Order\"").new_place("2", "2", "1");
  s.new_shard("3", "0", "2147483647", "\"My Shop\".\"Order\"").new_place("3", "3", "2").commit();
  // The hashes that nobody had are a new table's.
  CHECK(s.effects() == "begin\nerror source_reshaped\n");
}

TEST_CASE("raw capture: a reference table counts on the node of the lowest group") {
  auto plan = raw_plan();
  plan.sources[0].kind = table_kind::reference;
  ownership o(self);
  o.put(shard{102'010, 0, {}, 0, "orders_102010"});
  o.put(1, placement{102'010, self});
  o.put(2, placement{102'010, other});
  stream s(plan, o);
  s.catalogs().table(8, "orders_102010").begin().row(8, "1").commit();
  CHECK(s.effects() == one_row);
  s.begin().new_place("3", "102010", "0").commit();
  CHECK(s.effects() == "begin\n  owns; source 0 to 0; none of 0\n");
  s.begin().row(8, "2").commit();
  CHECK(s.effects() == "begin\n");
}

TEST_CASE("raw capture: a prepared move of another table leaves no trace when it is decided") {
  stream s;
  s.catalogs().begin_prepare("m").place("99", "777", "1").prepare("m").commit_prepared("m");
  CHECK(s.effects() == "begin m\n  owns 102008\n  owns 102008\ncommit m\n");
}

} // namespace weir
