#include "actors/slot_session.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/sim/world/sample_plan.hpp"
#include "tests/support/catch.hpp"

/// What a slot session asks of its node, step by step, where the simulated world is too large to show it.
namespace weir::sim {
namespace {

using namespace std::chrono_literals;
using reason = slot_session::pause::reason;
using instant = slot_session::instant;

constexpr std::int64_t credit = 1 << 20;

/// Answers as it is told, and writes down what it was asked.
class scripted_node final : public node_port {
public:
  std::vector<std::string> asked;
  postgres::server_identity who{"7", 1, "sim", lsn{500}};
  std::vector<postgres::timeline_end> history;
  std::optional<postgres::slot_info> slot;
  std::optional<bool> snapshot_there;
  std::vector<xid> prepared;
  std::optional<lsn> end_of_wal;
  std::vector<std::string> feedback;
  translation_look look{false, {"tables", "placements", {{500, 500}}}}; ///< logical capture
  std::optional<translation> at_snapshot;                               ///< another than `look`
  status fitness;
  bool logical = false;
  std::size_t bytes_ready = 0; ///< of the stream

  scripted_node() {
    slot.emplace();
    slot->two_phase = true;
    slot->confirmed = lsn{100};
  }

  status connect() override { return note("connect"); }
  std::string address() const override { return "w1:5432/sim"; }
  result<postgres::server_identity> identify() override { return who; }
  result<std::vector<postgres::timeline_end>> timeline_history(std::int32_t) override { return history; }
  status check_server() override { return note("check server"); }
  result<std::int64_t> clock_offset() override { return 0; }
  status verify_publication() override { return note("verify publication"); }
  status ensure_publication() override { return note("ensure publication"); }
  result<std::optional<postgres::slot_info>> find_slot(const std::string&) override { return slot; }
  result<std::optional<bool>> has_decoding_snapshot(lsn) override { return snapshot_there; }
  status drop_slot(const std::string&) override { return note("drop slot"); }
  result<std::optional<postgres::created_slot>> create_slot(const std::string&, std::chrono::milliseconds) override {
    asked.emplace_back("create slot");
    return std::optional{postgres::created_slot{lsn{300}, "snapshot"}};
  }
  status check_translation() override { return fitness; }
  result<translation_look> look_at_translation() override {
    asked.emplace_back("look");
    return look;
  }
  result<std::optional<ownership>> owned_now() override {
    ownership owned;
    owned.translated = look.now;
    return std::optional(std::move(owned));
  }
  result<std::vector<xid>> prepared_transactions() override { return prepared; }
  result<std::unique_ptr<snapshot_port>> open_snapshot(const std::string&) override {
    asked.emplace_back("open snapshot");
    return std::unique_ptr<snapshot_port>(new empty_snapshot(*this));
  }
  result<std::unique_ptr<stream_port>> start_stream(const postgres::stream_options& options) override {
    asked.push_back("stream from " + to_string(options.start));
    return std::unique_ptr<stream_port>(new silent_stream(*this));
  }
  status heartbeat() override { return note("heartbeat"); }
  status ask_position() override { return note("ask"); }
  result<std::optional<lsn>> position() override { return std::exchange(end_of_wal, std::nullopt); }

  bool was_asked(const std::string& what) const { return std::find(asked.begin(), asked.end(), what) != asked.end(); }

private:
  struct empty_snapshot final : snapshot_port {
    explicit empty_snapshot(const scripted_node& of) : node(of) {}
    result<std::optional<ownership>> owned() override {
      ownership owned;
      owned.translated = node.at_snapshot.value_or(node.look.now);
      return node.logical ? std::optional(std::move(owned)) : std::nullopt;
    }
    status start_view(std::size_t, load_form) override { return {}; }
    result<std::optional<batch>> next() override { return std::optional<batch>{}; }
    status abandon_view() override { return {}; }
    status finish() override { return {}; }
    const scripted_node& node;
  };
  class silent_stream final : public stream_port {
  public:
    explicit silent_stream(scripted_node& node) : node_(node) {}
    result<postgres::replication_stream::read_outcome> read(std::vector<std::byte>& out, std::size_t) override {
      out.resize(out.size() + std::exchange(node_.bytes_ready, 0));
      return postgres::replication_stream::read_outcome{0, true};
    }
    status send_feedback(lsn, lsn flushed, bool request_reply) override {
      node_.feedback.push_back(to_string(flushed) + (request_reply ? "?" : ""));
      return {};
    }
    void stop() noexcept override {}

  private:
    scripted_node& node_;
  };

  status note(const char* what) {
    asked.emplace_back(what);
    return {};
  }
};

/// A session from its start on, on a clock of its own.
struct started {
  scripted_node node;
  std::shared_ptr<node_link> link = std::make_shared<node_link>(credit);
  std::vector<slot_report> told;
  instant now{1h};
  std::optional<slot_session> session;

  void begin(messages::node_resume resume, std::optional<known_identity> identity) {
    auto plan = std::make_shared<pipeline_plan>(make_sample_plan(1, consistency::transaction, {}, "", false));
    if (node.logical) plan->capture = capture_mode::logical;
    session.emplace(slot_session::start{std::move(plan), node_index{0}, 1, link, resume, std::move(identity)}, node);
  }
  /// Resumed at 0/C8, with 0/FA known, from timeline 1.
  void resume() { begin({node_index{0}, lsn{200}, lsn{200}, lsn{250}}, known_identity{"7", 1}); }

  result<slot_session::pause> step() { return session->step(now, told); }
  /// Steps until it waits for something, or ends with an error.
  result<slot_session::pause> settle() {
    for (;;) {
      auto outcome = step();
      if (!outcome || outcome->why != reason::none) return outcome;
    }
  }
  template <class Message>
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::count_if(told.begin(), told.end(), [](const auto& m) { return std::holds_alternative<Message>(m); }));
  }
};

/// Reads what Citus translates, from a load on.
started streaming_logical() {
  started s;
  s.node.logical = true;
  return s;
}

} // namespace

TEST_CASE("logical capture: a chunk is handed over when the catalogs are as they were") {
  auto s = streaming_logical();
  s.begin({node_index{0}, {}, {}, {}}, {});
  REQUIRE(s.settle());
  CHECK(s.count<messages::stream_begins>() == 0);
  s.now += 500ms;
  s.node.bytes_ready = 100;
  s.node.look.in_doubt = true; // a shard is being made known
  for (int i = 0; i < 10; ++i, s.now += 10ms) REQUIRE(s.settle());
  CHECK(s.count<messages::wire_chunk>() == 0);
  s.node.look.in_doubt = false;
  SECTION("nothing came of it") {
    REQUIRE(s.settle());
    CHECK(s.count<messages::wire_chunk>() == 1);
    s.node.bytes_ready = 100; // the next little one waits for more
    s.now += 10ms;
    for (int i = 0; i < 3; ++i, s.now += 10ms) REQUIRE(s.settle());
    CHECK(s.count<messages::wire_chunk>() == 1);
    s.now += 50ms;
    REQUIRE(s.settle());
    CHECK(s.count<messages::wire_chunk>() == 2);
  }
  SECTION("a shard has moved") {
    s.node.look.now.placements = "others";
    s.node.look.now.files.clear();
    REQUIRE(s.settle());
    CHECK(s.count<messages::shards_moved>() == 1);
    CHECK(s.count<messages::wire_chunk>() == 1);
  }
  SECTION("there is another shard: what was read goes nowhere") {
    s.node.look.now.tables = "others";
    const auto outcome = s.settle();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == errc::source_reshaped);
    CHECK(s.count<messages::wire_chunk>() == 0);
  }
}

TEST_CASE("logical capture: without a change in the stream, too, the catalogs are looked at") {
  auto s = streaming_logical();
  s.begin({node_index{0}, {}, {}, {}}, {});
  REQUIRE(s.settle());
  s.now += 1s;
  // The position of the node is asked for first, and comes.
  const auto soon = [&] {
    auto outcome = s.settle();
    for (int i = 0; i < 5 && outcome; ++i, s.now += 10ms) {
      s.node.end_of_wal = lsn{300};
      outcome = s.settle();
    }
    return outcome;
  };
  SECTION("a shard was truncated") {
    s.node.look.now.files[500] = 501;
    const auto outcome = soon();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == errc::source_reshaped);
  }
  SECTION("the setting is off") {
    s.node.fitness = error{errc::unsupported, "off"};
    CHECK_FALSE(soon());
  }
}

TEST_CASE("logical capture: a slot does not count if shards changed while it was made") {
  auto s = streaming_logical();
  s.node.at_snapshot = translation{"others", "placements", {{500, 500}}};
  s.begin({node_index{0}, {}, {}, {}}, {});
  const auto outcome = s.settle();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == errc::ownership_unclear);
  CHECK(s.count<messages::load_started>() == 0);
}

TEST_CASE("logical capture: a stream is resumed only if nothing has moved meanwhile") {
  auto s = streaming_logical();
  ownership recorded;
  recorded.translated = s.node.look.now;
  messages::node_resume resume{node_index{0}, lsn{200}, lsn{200}, lsn{250}};
  resume.ownership = std::make_shared<const std::string>(ownership_tracker(recorded).text());
  bool resumed = false;
  SECTION("as it was") { resumed = true; }
  SECTION("moved") { s.node.look.now.placements = "others"; }
  SECTION("nothing is recorded") { resume.ownership.reset(); }
  s.begin(resume, known_identity{"7", 1});
  const auto outcome = s.settle();
  CHECK(bool(outcome) == resumed);
  CHECK(s.node.was_asked("stream from 0/C8") == resumed);
  if (!resumed) CHECK(outcome.error().code == errc::source_reshaped);
}

TEST_CASE("a session that resumes checks before it repairs, and streams from where it was") {
  started s;
  s.resume();
  REQUIRE(s.settle());
  CHECK(s.node.asked == std::vector<std::string>{"connect", "check server", "verify publication", "ensure publication",
                                                 "stream from 0/C8"});
  CHECK(s.count<messages::node_identified>() == 1);
  CHECK_FALSE(s.node.was_asked("drop slot"));
}

TEST_CASE("a server is refused that is another, or lacks what was read") {
  started s;
  SECTION("another server") { s.node.who.system_id = "8"; }
  SECTION("never on that timeline") { s.node.who.timeline = 2; }
  SECTION("it left the timeline before what is known") {
    s.node.who.timeline = 2;
    s.node.history = {{1, lsn{249}}};
  }
  SECTION("it left a later one before") {
    s.node.who.timeline = 3;
    s.node.history = {{1, lsn{400}}, {2, lsn{240}}};
  }
  s.resume();
  const auto outcome = s.settle();
  REQUIRE_FALSE(outcome);
  const bool other = s.node.who.system_id != "7";
  CHECK(outcome.error().code == (other ? errc::wrong_server : errc::history_lost));
  CHECK_FALSE(outcome.error().hint.empty());
  // The frontier must not be said to be of this server.
  CHECK(s.count<messages::node_identified>() == 0);
}

TEST_CASE("a server that has all that was read is taken, whatever its timeline") {
  started s;
  s.node.who.timeline = 3;
  s.node.history = {{1, lsn{250}}, {2, lsn{300}}};
  s.resume();
  REQUIRE(s.settle());
  CHECK(s.count<messages::node_identified>() == 1);
}

TEST_CASE("a promoted server's slot is refused if it came without its snapshot; the server's own is not asked for it") {
  started s;
  s.node.snapshot_there = false;
  SECTION("promoted") {
    s.node.who.timeline = 2;
    s.node.history = {{1, lsn{250}}};
    s.resume();
    const auto outcome = s.settle();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == errc::slot_invalidated);
    CHECK(s.count<messages::node_identified>() == 0); // so that it is refused the next time, too
  }
  SECTION("as before") {
    s.resume();
    CHECK(s.settle());
  }
}

TEST_CASE("a slot is refused that cannot have sent what is to come") {
  started s;
  SECTION("it is gone") { s.node.slot.reset(); }
  SECTION("its WAL is gone") { s.node.slot->wal_status = "lost"; }
  SECTION("it was moved") { s.node.slot->confirmed = lsn{201}; }
  SECTION("it is another") { s.node.slot->two_phase = false; }
  s.resume();
  const auto outcome = s.settle();
  REQUIRE_FALSE(outcome);
  CHECK(kind_of(outcome.error().code) == failure_kind::fatal);
  CHECK_FALSE(s.node.was_asked("ensure publication"));
}

TEST_CASE("a load ends when what was prepared while its slot was made is decided") {
  started s;
  s.node.prepared = {xid{7}, xid{8}};
  s.begin({node_index{0}, {}, {}, {}}, {});
  const auto waits = s.settle();
  REQUIRE(waits);
  CHECK(waits->why == reason::link);
  CHECK(s.count<messages::load_started>() == 1);
  CHECK(s.count<messages::load_ended>() == 0);
  s.node.prepared = {xid{8}, xid{9}};
  REQUIRE(s.settle());
  CHECK(s.count<messages::load_ended>() == 0);
  s.node.prepared = {xid{9}, xid{10}}; // later ones are told by the stream
  REQUIRE(s.settle());
  CHECK(s.count<messages::load_ended>() == 1);
  CHECK(s.node.was_asked("stream from 0/12C"));
}

TEST_CASE("a sample is asked for without waiting, and the walsender until it is passed") {
  started s;
  s.resume();
  REQUIRE(s.settle());
  s.node.asked.clear();
  s.node.feedback.clear();

  s.link->request_sample();
  REQUIRE(s.settle());
  CHECK(s.node.asked == std::vector<std::string>{"ask"});
  CHECK(s.count<messages::position_sampled>() == 0);
  s.node.end_of_wal = lsn{700};
  REQUIRE(s.settle());
  CHECK(s.count<messages::position_sampled>() == 1);
  CHECK(s.link->awaited());
  CHECK(s.node.feedback == std::vector<std::string>{"0/0?"});

  std::vector<std::chrono::milliseconds> asked_at;
  const auto began = s.now;
  for (; s.now < began + 200ms; s.now += 1ms) {
    const auto before = s.node.feedback.size();
    REQUIRE(s.settle());
    if (s.node.feedback.size() > before && s.node.feedback.back().back() == '?')
      asked_at.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(s.now - began));
  }
  CHECK(asked_at == std::vector<std::chrono::milliseconds>{2ms, 6ms, 14ms, 30ms, 62ms, 126ms, 190ms});
  CHECK(std::count(s.node.asked.begin(), s.node.asked.end(), "heartbeat") == 1);

  s.link->passed();
  s.node.feedback.clear();
  for (const auto until = s.now + 150ms; s.now < until; s.now += 1ms) REQUIRE(s.settle());
  CHECK(s.node.feedback.empty());
}

TEST_CASE("without credit nothing is read, and a stop is polite") {
  started s;
  s.resume();
  REQUIRE(s.settle());
  s.link->spend(credit);
  const auto waits = s.settle();
  REQUIRE(waits);
  CHECK(waits->why == reason::link);
  s.link->confirm(lsn{222});
  s.link->stop();
  const auto over = s.settle();
  REQUIRE(over);
  CHECK(over->why == reason::over);
  CHECK(s.node.feedback.back() == "0/DE");
}

} // namespace weir::sim
