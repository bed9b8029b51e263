#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/log_level.hpp"

namespace spdlog {
class logger;
}

namespace weir {

/// One key=value of a log line.
struct log_field {
  std::string_view key;
  std::string value;
};

/// One line an event on standard error: time, level, `event=name`, fields. Values with blanks are quoted.
/// Thread-safe; copies share the sink.
class event_log {
public:
  event_log(log_format format, log_level least);
  /// A log that keeps nothing, for tests.
  static event_log silent();

  void write(log_level level, std::string_view event, std::initializer_list<log_field> fields) const;

private:
  event_log() = default;
  log_format format_ = log_format::text;
  std::shared_ptr<spdlog::logger> sink_;
};

/// "key=value key2=\"two words\"", as the text format has it.
std::string format_fields(std::initializer_list<log_field> fields);

} // namespace weir
