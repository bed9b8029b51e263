#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir::doctor {

enum class severity : std::uint8_t { ok, warning, error };

inline const char* to_string(severity s) noexcept {
  if (s == severity::ok) return "ok";
  return s == severity::warning ? "warning" : "error";
}

/// One thing that was looked at.
struct finding {
  std::string place; ///< name of a node, "target", "cluster" or "definition"
  std::string code;  ///< a stable word for scripts; docs/operations.md lists them
  doctor::severity severity = severity::ok;
  std::string sentence; ///< what is so, and what follows from it
  std::string cure;     ///< SQL or a command that mends it; "" where there is nothing to mend
};

/// Findings about one place, as they come.
class findings_of {
public:
  findings_of(std::string place, std::vector<finding>& out) : place_(std::move(place)), out_(out) {}

  void ok(std::string code, std::string sentence) {
    out_.push_back({place_, std::move(code), severity::ok, std::move(sentence), {}});
  }
  void warn(std::string code, std::string sentence, std::string cure) {
    out_.push_back({place_, std::move(code), severity::warning, std::move(sentence), std::move(cure)});
  }
  void fail(std::string code, std::string sentence, std::string cure) {
    out_.push_back({place_, std::move(code), severity::error, std::move(sentence), std::move(cure)});
  }

private:
  std::string place_;
  std::vector<finding>& out_;
};

} // namespace weir::doctor
