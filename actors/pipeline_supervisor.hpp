#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/messages.hpp"
#include "actors/registrar.hpp"
#include "actors/slot_reader.hpp"
#include "actors/topology_watcher.hpp"
#include "actors/view_writer.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/supervision/retention.hpp"
#include "runtime/supervision/retry_policy.hpp"
#include "runtime/telemetry/log.hpp"

namespace weir {

/// The actors that touch a server. The program spawns the real ones, a simulation its own.
struct worker_factory {
  std::function<caf::actor(caf::local_actor&, registrar_arguments)> registrar;
  std::function<caf::actor(caf::local_actor&, view_writer_arguments)> writer;
  std::function<caf::actor(caf::local_actor&, slot_reader_arguments)> reader;
  /// May be empty, and is not called for a fixed list of nodes.
  std::function<caf::actor(caf::local_actor&, topology_watcher_arguments)> watcher = {};

  static worker_factory real();
};

/// Why a pipeline ended that is to go on with another plan.
struct replan {
  std::string why;
  bool read_anew = false;           ///< nothing of the old nodes' shares is worth anything any more
  bool schema_changed = false;      ///< the sources' tables are others than the plan was made for
  std::vector<node_spec> left = {}; ///< nodes that have left the cluster: their slots are to be dropped
};

/// How a pipeline ended.
struct pipeline_outcome {
  std::optional<error> failure; ///< empty: it was stopped
  bool was_running = false;     ///< every node had been streaming
  std::optional<weir::replan> replan = {};
};

struct pipeline_supervisor_arguments {
  std::shared_ptr<const pipeline_plan> plan;
  std::string definition;
  std::string holder;
  std::string spill_directory = "/tmp";
  std::size_t memory_bytes = 256U << 20U; ///< half for what is read and in no cut yet, a quarter for the sums of a cut
  std::uint64_t seed = 0;                 ///< for the jitter of retries
  bool read_anew = false;                 ///< every node is to be loaded, whatever the frontier says
  bool goes_on = false;                   ///< it ran until just now, by another plan
  worker_factory spawn;
  event_log log = event_log::silent();
  std::function<void(pipeline_outcome)> finished; ///< called once, from the supervisor, when everything has stopped
};

/// State of the supervisor; when to start again is retry_policy's.
struct pipeline_supervisor_state {
  static constexpr const char* name = "pipeline_supervisor";

  struct node {
    std::uint64_t incarnation = 0;
    std::uint64_t starts = 0; ///< that were asked for: the last one counts
    caf::actor reader;
    caf::actor normalizer;
    std::shared_ptr<node_link> link;
    std::optional<retry_policy> retries;
    std::optional<known_identity> identity;
    messages::node_phase phase = messages::node_phase::connecting;
    bool up = false;
    bool ever_streamed = false;
    bool failed = false;   ///< for good
    bool leaving = false;  ///< it is no member of the cluster any more
    bool to_load = false;  ///< what was read of it does not count any more
    bool degraded = false; ///< cuts show its parts of distributed transactions apart from the others'
    lsn flushed;
    std::string last_error;
    std::optional<error> doubt; ///< its stream told of other columns than the plan has; the next reader finds out why
    retention_watch kept_wal;
    std::optional<retention_status> kept;                                        ///< when last asked
    std::optional<std::pair<lsn, std::chrono::steady_clock::time_point>> behind; ///< a position not yet in the views
  };

  pipeline_supervisor_arguments to;
  caf::actor registrar;
  caf::actor watcher;
  std::optional<postgres::lease_grant> grant;
  std::optional<retry_policy> core_retries;

  std::uint64_t generation = 0; ///< of writer, watermark and stages, which start and fail together
  caf::actor writer;
  caf::actor watermark;
  std::vector<caf::actor> stages;
  std::vector<postgres::frontier_entry> frontier; ///< as this generation's writer found it
  bool first_cut_told = false;
  std::vector<node> nodes;
  std::vector<lsn> settled;                             ///< how far each node was in the views when last asked
  std::vector<messages::positions_settled::held> holds; ///< what kept transactions back then

  std::size_t children = 0;  ///< that have not gone down yet
  bool restart_core = false; ///< its delay is over; waiting for the last writer to go
  bool stopping = false;
  std::optional<error> failure;
  std::optional<weir::replan> replan;
};

/// Starts the actors of a pipeline, watches them, starts again what fails.
///
/// One-for-one for a node's reader and normalizer: the others go on. The writer, the watermark and the stages are one
/// unit: when one fails, all start again from the durable frontier, and the nodes with them.
///
/// Protocol
///   lease_granted, lease_failed                    registrar
///   writer_ready, cut_durable                      writer
///   node_progress, node_identified, wal_kept       slot_reader
///   node_consistency, read_anew_wanted             watermark
///   topology_seen                                  topology_watcher
///   worker_failed                                  any worker
///   stop                                           the program: stop everything, then call `finished`
caf::behavior pipeline_supervisor_actor(caf::stateful_actor<pipeline_supervisor_state>* self,
                                        pipeline_supervisor_arguments arguments);

} // namespace weir
