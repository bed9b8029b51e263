#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>

#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/programs.hpp"
#include "tools/weir/run_pipeline.hpp"

namespace weir::program {
namespace {

event_log make_log(const command_line& line, const log_config& config) {
  auto format = config.format;
  auto level = config.level;
  if (line.log_format == "json") format = log_format::json;
  if (line.log_format == "text") format = log_format::text;
  if (line.log_level == "debug") level = log_level::debug;
  if (line.log_level == "info") level = log_level::info;
  if (line.log_level == "warn" || line.log_level == "warning") level = log_level::warning;
  if (line.log_level == "error") level = log_level::error;
  return {format, level};
}

/// Signals are for this thread alone, and count from the first moment; the other threads inherit the mask.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

/// One pipeline of a process, and what became of it.
struct running_pipeline {
  definition as_read;
  int code = success;
  std::thread thread = {};
};

/// Until SIGINT or SIGTERM, or until all have ended by themselves. One that ends leaves the others alone.
void run_all(std::vector<running_pipeline>& all, const sigset_t& signals, const event_log& log) {
  stop_request stop;
  std::atomic<std::size_t> left = all.size();
  for (auto& one : all)
    one.thread = std::thread([&one, &stop, &left, &log, alone = all.size() == 1] {
      one.code = run_pipeline(one.as_read, stop, log);
      if (!alone)
        log.write(one.code == success ? log_level::info : log_level::error, "pipeline_ended",
                  {{"pipeline", one.as_read.outline.pipeline}, {"exit_code", std::to_string(one.code)}});
      --left;
    });
  while (left > 0) {
    const timespec patience{0, 100'000'000};
    if (sigtimedwait(&signals, nullptr, &patience) > 0) stop.make();
  }
  for (auto& one : all) one.thread.join();
}

} // namespace

int run(const command_line& line) {
  const auto signals = block_signals();
  int first = success;
  std::vector<running_pipeline> all;
  log_config logged;
  for (const auto& files : programs_or_findings(line.files, first)) {
    auto read = read_definition(files, line.config);
    if (!read) {
      print_error(read.error());
      return bad_definition; // it is weir.yaml that is wrong, for all of them
    }
    logged = read->config.log;
    all.push_back({*std::move(read)});
  }
  run_all(all, signals, make_log(line, logged));
  for (const auto& one : all)
    if (first == success) first = one.code;
  return first;
}

} // namespace weir::program
