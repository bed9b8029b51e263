#include "actors/postgres_node.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/citus_catalogs.hpp"
#include "runtime/postgres/citus_translation.hpp"
#include "runtime/postgres/copy_reader.hpp"
#include "runtime/postgres/letter_check.hpp"
#include "runtime/postgres/prepared_transactions.hpp"
#include "runtime/postgres/raw_publication.hpp"
#include "runtime/postgres/snapshot_load.hpp"
#include "runtime/postgres/table_shapes.hpp"
#include "runtime/postgres/zone_check.hpp"

namespace weir {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t batch_bytes = 256U << 10U;
constexpr std::size_t wake_bytes = 64U << 10U;
constexpr auto longest_wait = 1s;
constexpr auto farewell = 200ms;

result<ownership> read_owned(postgres::connection& sql, const pipeline_plan& plan) {
  WEIR_ASSIGN(auto owned, postgres::read_ownership(sql, plan));
  if (plan.capture == capture_mode::logical) {
    WEIR_ASSIGN(owned.translated, postgres::read_translation(sql, plan));
  }
  return owned;
}

} // namespace

/// Each view is read behind a savepoint: a query that fails on a row must not take the snapshot with it.
class postgres_node::snapshot final : public snapshot_port {
public:
  snapshot(postgres::connection& sql, const pipeline_plan& plan, node_index node)
      : sql_(sql), plan_(plan), node_(node) {}

  result<std::optional<ownership>> owned() override {
    if (plan_.capture == capture_mode::tables) return std::optional<ownership>{};
    WEIR_ASSIGN(owned_, read_owned(sql_, plan_));
    return owned_;
  }

  status start_view(std::size_t view, load_form form) override {
    const auto index = plan_.views[view].source;
    const auto& source = plan_.sources[index];
    const auto tables = owned_ ? postgres::tables_of(source, index, *owned_) : postgres::shard_tables{};
    has_rows_ = !tables || !tables->empty();
    if (!has_rows_) return {};
    std::vector<data_type> types;
    std::string select;
    if (form == load_form::aggregated) {
      for (const auto& c : state_layout(plan_.views[view])) types.push_back(c.type);
      select = postgres::aggregated_load_sql(plan_, view, node_, sql_, {}, tables);
    } else {
      for (const auto& c : source.columns) types.push_back(c.type);
      select = postgres::raw_load_sql(source, sql_, tables);
    }
    WEIR_TRY(sql_.execute("SAVEPOINT weir_view"));
    WEIR_ASSIGN(rows_, postgres::copy_reader::start(sql_, select, types, batch_bytes));
    return {};
  }
  result<std::optional<batch>> next() override {
    if (!has_rows_) return std::optional<batch>{};
    return rows_->next();
  }
  status abandon_view() override {
    if (rows_) rows_->abandon();
    rows_.reset();
    return sql_.execute("ROLLBACK TO SAVEPOINT weir_view");
  }
  status finish() override {
    WEIR_TRY(postgres::check_files(sql_, plan_, owned_));
    return sql_.execute("COMMIT");
  }

private:
  postgres::connection& sql_;
  const pipeline_plan& plan_;
  node_index node_;
  std::optional<ownership> owned_; ///< in a Citus cluster
  bool has_rows_ = true;           ///< does the node have anything of the view's source?
  std::optional<postgres::copy_reader> rows_;
};

class postgres_node::stream final : public stream_port {
public:
  stream(postgres::replication_stream started, postgres_node& node) : stream_(std::move(started)), node_(node) {
    node_.stream_ = this;
  }
  ~stream() override { node_.stream_ = nullptr; }

  result<postgres::replication_stream::read_outcome> read(std::vector<std::byte>& out, std::size_t max_bytes) override {
    return stream_.read(out, max_bytes);
  }
  status send_feedback(lsn received, lsn flushed, bool request_reply) override {
    return stream_.send_feedback(received, flushed, request_reply);
  }
  void stop() noexcept override { stream_.stop(farewell); }

  int socket() const noexcept { return stream_.socket(); }
  void wake_at(std::size_t bytes) noexcept { stream_.wake_at(bytes); }

private:
  postgres::replication_stream stream_;
  postgres_node& node_;
};

postgres_node::postgres_node(const pipeline_plan& plan, node_index node)
    : plan_(plan), index_(node), spec_(plan.nodes[node.value]) {}
postgres_node::~postgres_node() = default;

void postgres_node::wait(const slot_session::pause& pause, node_link& link) {
  using reason = slot_session::pause::reason;
  if (pause.why == reason::none) return;
  std::array<pollfd, 3> fds{};
  nfds_t count = 0;
  const auto add = [&](int fd) { fds[count++] = {fd, POLLIN, 0}; };
  const bool chunk = pause.why == reason::chunk;
  if (!chunk) add(link.wake_fd());
  if (stream_ != nullptr && pause.why != reason::link) {
    stream_->wake_at(chunk ? wake_bytes : 1);
    add(stream_->socket());
  }
  if (position_.asked()) add(sql_->socket());
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(pause.due - std::chrono::steady_clock::now());
  const auto time = std::clamp<std::chrono::milliseconds>(left, 0ms, longest_wait);
  poll(fds.data(), count, static_cast<int>(time.count()));
  if (!chunk && (fds[0].revents & POLLIN) != 0) link.clear_wake();
}

result<postgres::connection> postgres_node::open(bool replication) {
  postgres::connect_options options;
  options.application_name = fmt::format("weir {} {}", plan_.name, spec_.name);
  options.replication = replication;
  return postgres::connection::open(spec_.conninfo, options);
}

status postgres_node::connect() {
  WEIR_ASSIGN(replication_, open(true));
  WEIR_ASSIGN(sql_, open(false));
  if (plan_.capture == capture_mode::logical)
    return sql_->execute("SET citus.override_table_visibility TO off"); // shards are looked at, too
  return {};
}

std::string postgres_node::address() const { return sql_->address(); }

result<postgres::server_identity> postgres_node::identify() { return postgres::identify(*replication_); }

result<std::vector<postgres::timeline_end>> postgres_node::timeline_history(std::int32_t timeline) {
  return postgres::timeline_history(*replication_, timeline);
}

status postgres_node::check_server() {
  WEIR_TRY(postgres::check_server(*sql_, spec_));
  const auto place = fmt::format("node {} ({})", spec_.name, sql_->address());
  WEIR_TRY(postgres::check_zones(*sql_, plan_, place));
  return postgres::check_letters(*sql_, plan_, place);
}

result<std::int64_t> postgres_node::clock_offset() {
  using namespace std::chrono;
  constexpr sys_days postgres_epoch = year{2000} / January / 1;
  WEIR_ASSIGN(const auto ahead_us, postgres::clock_offset(*sql_));
  const auto wall = duration_cast<microseconds>(system_clock::now() - postgres_epoch);
  return ahead_us + wall.count() - duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

status postgres_node::verify_publication() {
  if (plan_.capture == capture_mode::raw) return postgres::verify_raw_publication(*sql_, plan_, spec_);
  return postgres::verify_publication(*sql_, plan_, spec_);
}

status postgres_node::ensure_publication() {
  if (plan_.capture == capture_mode::raw) return postgres::ensure_raw_publication(*sql_, plan_, spec_);
  return postgres::ensure_publication(*sql_, plan_, spec_);
}

status postgres_node::check_translation() { return postgres::check_translation(*sql_, plan_, spec_); }

result<translation_look> postgres_node::look_at_translation() { return postgres::look_at_translation(*sql_, plan_); }

result<std::optional<ownership>> postgres_node::owned_now() {
  if (plan_.capture == capture_mode::tables) return std::optional<ownership>{};
  WEIR_ASSIGN(auto owned, read_owned(*sql_, plan_));
  return std::optional(std::move(owned));
}

result<std::vector<partition>> postgres_node::partitions() { return postgres::read_partitions(*sql_, plan_); }

status postgres_node::refresh_tables(ownership_tracker& of) { return postgres::refresh_tables(*sql_, of); }

result<std::vector<table_shape>> postgres_node::table_shapes(const std::vector<source_plan>& sources,
                                                             const std::vector<std::uint32_t>& oids) {
  return postgres::read_table_shapes(*sql_, sources, oids);
}

result<std::string> postgres_node::table_shapes_digest(const std::vector<source_plan>& sources,
                                                       const std::vector<std::uint32_t>& oids) {
  return postgres::table_shapes_digest(*sql_, sources, oids);
}

result<std::optional<postgres::citus_membership>> postgres_node::citus_membership() {
  return postgres::read_citus_membership(*sql_, postgres::publication_name(plan_.name));
}

result<std::optional<postgres::slot_info>> postgres_node::find_slot(const std::string& slot) {
  return postgres::find_slot(*sql_, slot);
}

result<std::optional<bool>> postgres_node::has_decoding_snapshot(lsn restart) {
  return postgres::has_decoding_snapshot(*sql_, restart);
}

status postgres_node::drop_slot(const std::string& slot) { return postgres::drop_slot(*sql_, slot); }

result<std::optional<postgres::created_slot>> postgres_node::create_slot(const std::string& slot,
                                                                         std::chrono::milliseconds lock_wait) {
  WEIR_TRY(postgres::check_free_slot(*sql_, spec_, slot));
  WEIR_ASSIGN(auto made, postgres::create_slot(*replication_, *sql_, spec_, slot, lock_wait));
  return std::optional{std::move(made)};
}

result<std::vector<xid>> postgres_node::prepared_transactions() { return postgres::prepared_transactions(*sql_); }

result<std::unique_ptr<snapshot_port>> postgres_node::open_snapshot(const std::string& name) {
  WEIR_TRY(postgres::import_snapshot(*sql_, name));
  return std::unique_ptr<snapshot_port>(new snapshot(*sql_, plan_, index_));
}

result<std::unique_ptr<stream_port>> postgres_node::start_stream(const postgres::stream_options& options) {
  if (plan_.capture == capture_mode::raw) WEIR_TRY(postgres::choose_stock_decoder(*replication_, *sql_));
  auto taken = *std::exchange(replication_, std::nullopt);
  WEIR_ASSIGN(auto made, postgres::replication_stream::start(std::move(taken), options));
  return std::unique_ptr<stream_port>(new stream(std::move(made), *this));
}

result<std::optional<postgres::slot_retention>> postgres_node::retention(const std::string& slot) {
  return postgres::read_slot_retention(*sql_, slot);
}

status postgres_node::heartbeat() { return postgres::heartbeat(*sql_, plan_.name); }

status postgres_node::ask_position() { return position_.ask(*sql_); }

result<std::optional<lsn>> postgres_node::position() { return position_.answer(*sql_); }

} // namespace weir
