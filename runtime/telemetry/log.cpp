#include "runtime/telemetry/log.hpp"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace weir {
namespace {

const char* name_of(log_level level) {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
  }
  return "info";
}

spdlog::level::level_enum spdlog_level(log_level level) {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string now_text() {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ms);
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \t\n\r\"=") != std::string_view::npos;
}

void append_quoted(std::string& out, std::string_view value) {
  out.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n')
      out.append("\\n");
    else if (c == '\r')
      out.append("\\r");
    else
      out.push_back(c);
  }
  out.push_back('"');
}

} // namespace

std::string format_fields(std::initializer_list<log_field> fields) {
  std::string out;
  for (const auto& f : fields) {
    if (!out.empty()) out.push_back(' ');
    out.append(f.key);
    out.push_back('=');
    if (needs_quotes(f.value))
      append_quoted(out, f.value);
    else
      out.append(f.value);
  }
  return out;
}

event_log::event_log(log_format format, log_level least) : format_(format) {
  sink_ = std::make_shared<spdlog::logger>("weir", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  sink_->set_pattern("%v");
  sink_->set_level(spdlog_level(least));
  sink_->flush_on(spdlog::level::debug);
}

event_log event_log::silent() { return event_log{}; }

void event_log::write(log_level level, std::string_view event, std::initializer_list<log_field> fields) const {
  if (!sink_ || !sink_->should_log(spdlog_level(level))) return;
  if (format_ == log_format::json) {
    nlohmann::ordered_json line{{"time", now_text()}, {"level", name_of(level)}, {"event", event}};
    for (const auto& f : fields) line[std::string(f.key)] = f.value;
    const auto json = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    sink_->log(spdlog_level(level), spdlog::string_view_t(json));
    return;
  }
  const auto text = format_fields(fields);
  const auto line = fmt::format("{} {} event={}{}{}", now_text(), name_of(level), event, text.empty() ? "" : " ", text);
  sink_->log(spdlog_level(level), spdlog::string_view_t(line));
}

} // namespace weir
