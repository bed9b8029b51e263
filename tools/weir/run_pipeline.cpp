#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "actors/pipeline_runner.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/registry.hpp"
#include "tools/weir/available_memory.hpp"
#include "tools/weir/run_pipeline.hpp"

namespace weir::program {
namespace {

using namespace std::chrono_literals;

/// A worker that hangs in a system call must not keep the program: what is durable is in the target anyway.
constexpr auto stop_patience = 1500ms;

std::string holder_name() {
  char host[256] = "localhost";
  gethostname(host, sizeof host - 1);
  return fmt::format("{}:{}", host, getpid());
}

std::string spill_directory() {
  const char* given = std::getenv("TMPDIR");
  return given != nullptr && *given != '\0' ? given : "/tmp";
}

/// A pipeline that ran before goes on without a node that is down now; a new one is better told at once.
bool was_registered(const definition& d) {
  if (!d.outline.target) return false;
  auto target = postgres::connection::open(d.outline.target->conninfo, {});
  if (!target) return false;
  const auto all = postgres::read_status(*target);
  if (!all) return false;
  for (const auto& p : *all)
    if (p.pipeline == d.outline.pipeline && p.epoch > 0) return true;
  return false;
}

int exit_code_of(const pipeline_outcome& outcome) {
  if (!outcome.failure) return success;
  if (outcome.failure->code == errc::lease_held) return held_by_another;
  return outcome.was_running ? failed : server_unfit;
}

pipeline_supervisor_arguments arguments_for(const definition& d, pipeline_plan plan, bool read_anew, bool goes_on,
                                            const event_log& log) {
  pipeline_supervisor_arguments arguments;
  arguments.plan = std::make_shared<const pipeline_plan>(std::move(plan));
  arguments.definition = d.whole_text();
  arguments.holder = holder_name();
  arguments.spill_directory = spill_directory();
  arguments.memory_bytes = bytes_of(d.memory().size, available_memory());
  arguments.seed = static_cast<std::uint64_t>(getpid());
  arguments.read_anew = read_anew;
  arguments.goes_on = goes_on;
  arguments.spawn = worker_factory::real();
  arguments.log = log;
  return arguments;
}

/// Runs until it is to stop, or until the pipeline ends by itself.
pipeline_outcome run_until_stop(pipeline_runner& pipeline, stop_request& stop, const event_log& log) {
  do {
    if (auto outcome = pipeline.wait_for(0ms)) return *std::move(outcome);
  } while (!stop.made_within(100ms));
  pipeline.stop();
  if (auto outcome = pipeline.wait_for(stop_patience)) return *std::move(outcome);
  log.write(log_level::warning, "stopped_hard", {});
  std::_Exit(success); // other pipelines had the same time to stop
}

/// A node that has left keeps WAL for a slot that nobody reads any more.
void drop_what_it_left(const std::string& pipeline, const node_spec& node, const event_log& log) {
  const auto drop = [&]() -> weir::status {
    WEIR_ASSIGN(auto sql, postgres::connection::open(node.conninfo, {}));
    WEIR_TRY(postgres::drop_slot(sql, postgres::slot_name(pipeline, node.name)));
    return postgres::drop_publication(sql, postgres::publication_name(pipeline));
  };
  const auto dropped = drop();
  if (dropped)
    log.write(log_level::info, "slot_dropped", {{"pipeline", pipeline}, {"node", node.name}});
  else
    log.write(log_level::warning, "slot_left_behind",
              {{"pipeline", pipeline}, {"node", node.name}, {"cause", dropped.error().message}});
}

bool follows_changes(const definition& d) {
  const auto& said = d.program.supervises;
  return said.empty() || said.front().on_schema_change.value_or(on_schema_change::evolve) == on_schema_change::evolve;
}

/// Whoever alters a table on several servers does so on one after the other: until all have it the pipeline waits, its
/// views as they are. Returns false if it is to stop.
bool wait_for_nodes(const definition& d, stop_request& stop, const event_log& log, bool& told) {
  if (!std::exchange(told, true))
    log.write(log_level::warning, "nodes_differ",
              {{"pipeline", d.outline.pipeline},
               {"cause", d.found.empty() ? "" : d.found.front().message},
               {"message", "waiting until the tables are the same on all nodes"}});
  return !stop.made_within(1s);
}

/// The pipeline cannot go on with what has become of its tables: in the log and in weir.events.
void tell_unfit(const definition& d, const event_log& log) {
  const auto message = fmt::format("the definition does not fit the tables any more: {}",
                                   d.found.empty() ? "" : d.found.front().message);
  log.write(log_level::error, "fatal", {{"pipeline", d.outline.pipeline}, {"message", message}});
  if (!d.outline.target) return;
  auto target = postgres::connection::open(d.outline.target->conninfo, {});
  if (!target) return; // the log has it
  const auto recorded =
      postgres::record_event(*target, d.outline.pipeline, {postgres::event_level::error, "fatal", "", message});
  if (!recorded) log.write(log_level::warning, "event_not_written", {{"cause", recorded.error().message}});
}

/// Binds the definition to the cluster as it is now. A code other than success ends the program, and so does success
/// without a plan.
int bind_now(definition& d, bool again, stop_request& stop, const event_log& log, std::optional<pipeline_plan>& plan) {
  const auto as_written = d;
  const bool ran_before = again || was_registered(d);
  auto bound = bind_definition(d, ran_before);
  for (bool told = false;
       bound && bound->nodes_differ && dsl::has_errors(d.found) && ran_before && follows_changes(d);) {
    if (!wait_for_nodes(d, stop, log, told)) return success;
    d = as_written;
    bound = bind_definition(d, ran_before);
  }
  dsl::demand_operators(d.found);
  if (again && dsl::has_errors(d.found)) tell_unfit(d, log);
  if (const int code = print_findings(d); code != success) return code;
  if (!bound) {
    print_error(bound.error());
    return server_unfit;
  }
  for (const auto& why : bound->unreachable)
    log.write(log_level::warning, "node_unreachable", {{"pipeline", d.outline.pipeline}, {"cause", why}});
  plan = std::move(bound->plan);
  return success;
}

} // namespace

int run_pipeline(const definition& as_read, stop_request& stop, const event_log& log) {
  bool read_anew = false;
  for (bool again = false;; again = true) {
    auto d = as_read; // as it was before the servers were asked: they may answer otherwise now
    std::optional<pipeline_plan> plan;
    if (const int code = bind_now(d, again, stop, log, plan); code != success || !plan) return code;
    pipeline_runner pipeline(arguments_for(d, *std::move(plan), read_anew, again, log));
    const auto outcome = run_until_stop(pipeline, stop, log);
    if (outcome.failure) print_error(*outcome.failure);
    if (!outcome.replan || outcome.failure) return exit_code_of(outcome);
    for (const auto& node : outcome.replan->left) drop_what_it_left(d.outline.pipeline, node, log);
    read_anew = outcome.replan->read_anew;
  }
}

} // namespace weir::program
