#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/messages.hpp"
#include "actors/node_load.hpp"
#include "actors/node_port.hpp"
#include "actors/shape_watch.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/read_pacer.hpp"

namespace weir {

/// Who a node was when its positions were written down.
struct known_identity {
  std::string system_id;
  std::int32_t timeline = 0;
  std::string shapes = {}; ///< of the tables whose rows they are (shape_watch::text)
};

/// What a slot session tells others; each kind of message has one receiver (slot_reader.hpp).
using slot_report =
    std::variant<messages::stream_begins, messages::node_identified, messages::node_described, messages::load_started,
                 messages::load_rows, messages::load_ended, messages::shards_moved, messages::position_sampled,
                 messages::wire_chunk, messages::node_progress, messages::wal_kept>;

/// One life of a slot reader, from connecting to the error or stop that ends it: checks the server, makes publication
/// and slot, reads the snapshot if need be, then moves frames against credit. A machine: it asks its node through the
/// port, is told the time, and says what is to be waited for.
class slot_session {
public:
  using instant = std::chrono::steady_clock::time_point;
  static constexpr std::size_t chunk_bytes = 256U << 10U; ///< handed over at once, if there is so much

  struct start {
    std::shared_ptr<const pipeline_plan> plan;
    node_index node;
    std::uint64_t incarnation = 0;
    std::shared_ptr<node_link> link;
    messages::node_resume resume;
    std::optional<known_identity> identity;
    std::optional<error> doubt = {}; ///< the stream told of other columns than the plan has
  };

  /// What the next step has to wait for, until `due` at the latest. An answer to ask_position() ends every wait.
  struct pause {
    enum class reason : std::uint8_t {
      none,   ///< go on at once
      link,   ///< for the link to have something
      stream, ///< for the link or the stream to have something
      chunk,  ///< for the stream to have a chunk's worth
      over,   ///< for nothing: it was stopped
    };
    reason why = reason::none;
    instant due{};
  };

  slot_session(start from, node_port& node);

  /// Does what is next, and appends to `out` what it has to tell.
  /// Errors   those of the port, and what the session itself finds wrong with the node; it is over then
  result<pause> step(instant now, std::vector<slot_report>& out);

private:
  enum class stage : std::uint8_t { connect, check, make_slot, load, settle, stream, over };

  result<pause> go_on(instant now, std::vector<slot_report>& out);
  result<pause> check(instant now, std::vector<slot_report>& out);
  status identify(std::vector<slot_report>& out);
  status check_history(const postgres::server_identity& identity);
  status check_copied_slot();
  status check_slot();
  status verify_publication();
  result<pause> make_slot(instant now, std::vector<slot_report>& out);
  result<pause> load(instant now, std::vector<slot_report>& out);
  result<pause> settle(instant now, std::vector<slot_report>& out);
  status check_moves_since();
  status tell_ownership(std::vector<slot_report>& out);
  result<pause> start_stream(lsn position, instant now, std::vector<slot_report>& out);
  result<pause> read(instant now, std::vector<slot_report>& out);

  status housekeeping(instant now, std::vector<slot_report>& out);
  status partitions_if_due(instant now);
  status shapes_if_due(instant now, std::vector<slot_report>& out);
  result<std::optional<pause>> look_before_slot(instant now);
  status compare_at_snapshot();
  status check_unwatched();
  status translation_fails(error why);
  status still_untranslated() const;
  status compare_translation(const translation& now, std::vector<slot_report>& out);
  status translation_if_due(instant now, std::vector<slot_report>& out);
  result<std::optional<pause>> wait_for_translation(instant now, std::vector<slot_report>& out);
  status retention_if_due(instant now, std::vector<slot_report>& out);
  status ask_if_due(instant now);
  status take_position(instant now, std::vector<slot_report>& out);
  status feedback_if_due(instant now);
  status heartbeat_if_due(instant now);
  instant next_due() const;
  void report(messages::node_phase phase, instant now, std::vector<slot_report>& out, std::optional<lsn> flushed = {});
  messages::wire_chunk hand_over();

  start to_;
  node_port& node_;
  std::string slot_;
  stage stage_ = stage::connect;
  bool dropped_ = false; ///< whatever had the slot's name
  std::optional<postgres::created_slot> made_;
  std::vector<xid> undecided_; ///< of what was prepared when the slot was made
  bool had_undecided_ = false;
  std::optional<node_load> load_;
  std::shared_ptr<const ownership> owned_; ///< in a Citus cluster, once it was loaded
  bool logical_ = false;                   ///< is it Citus that translates?
  translation translation_;                ///< logical capture: as last seen
  std::optional<error> untranslated_;      ///< logical capture: why nothing more is handed over
  partition_files partitions_;             ///< of partitioned sources, as last seen
  bool partitioned_ = false;               ///< is some source?
  shape_watch shapes_;
  messages::node_identified identified_; ///< as last told
  std::uint64_t rows_loaded_ = 0;
  std::unique_ptr<stream_port> stream_;

  std::vector<std::byte> buffer_; ///< read, and not handed over
  postgres::read_pacer pacer_;
  instant oldest_{}; ///< since when something is in buffer_

  struct asked_position {
    bool asked = false;      ///< the answer is under way
    bool for_sample = false; ///< it was asked after the link's request
    bool for_report = false;
  };
  asked_position position_;
  bool sample_wanted_ = false;
  bool drained_ = false;                     ///< nothing was at hand behind the last read
  std::chrono::milliseconds nudge_pause_{0}; ///< until the walsender is asked again
  instant next_nudge_{};
  instant next_feedback_{};
  instant next_report_{};
  instant next_heartbeat_{};
  instant next_partitions_{};
  instant next_shapes_{};
  instant next_translation_{};
  instant next_hand_over_{}; ///< logical capture: the catalogs are not asked for each little chunk
  instant next_retention_{};
};

} // namespace weir
