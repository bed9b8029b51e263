#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "runtime/capture/effect.hpp"
#include "runtime/rows/column.hpp"

namespace weir::test {

/// "+1 eu, 10.50": one row of a batch.
inline std::string row_text(const batch& rows, std::size_t row) {
  auto out = fmt::format("{:+} ", rows.weights[row]);
  for (std::size_t c = 0; c < rows.columns.size(); ++c) {
    if (c > 0) out += ", ";
    if (rows.columns[c].is_null(row)) {
      out += "null";
    } else {
      write_text(rows.columns[c], row, out);
    }
  }
  return out;
}

namespace detail {

inline std::string rows_text(const capture::item& e) {
  std::string out;
  for (auto row = e.first; row < e.last; ++row) out += fmt::format(" ({})", row_text(*e.rows, row));
  return out;
}

struct effect_text {
  std::string operator()(const capture::transaction_begin& e) const {
    return fmt::format("begin final={} time={} xid={}{}", to_string(e.final_lsn), e.commit_time_us, e.id.value,
                       e.gid.empty() ? "" : " '" + e.gid + "'");
  }
  std::string operator()(const capture::item& e) const {
    if (e.what == capture::item::kind::truncate) return fmt::format("  truncate view {}", e.view);
    return fmt::format("  rows view {}:{}", e.view, rows_text(e));
  }
  std::string operator()(const capture::dead_row& e) const {
    return fmt::format("  dead view {} at {}: {:+} {{{}}} {}", e.view, to_string(e.position), e.weight, e.row_text,
                       e.cause);
  }
  std::string operator()(const capture::participant& e) const { return fmt::format("  participant '{}'", e.gid); }
  std::string operator()(const capture::follows& e) const { return fmt::format("  follows '{}'", e.gid); }
  std::string operator()(const capture::ownership_record& e) const {
    std::string out = "  owns";
    if (const auto read = ownership_tracker::parse(*e.text))
      for (const auto& [id, s] : read->now().shards())
        if (read->now().owns(id)) out += fmt::format(" {}", id);
    for (const auto& h : e.handovers) out += fmt::format("; source {} to {}", h.source, h.to);
    for (const auto& t : e.takeovers) out += fmt::format("; shard {} from {}", t.shard, t.from);
    for (const auto source : e.emptied) out += fmt::format("; none of {}", source);
    return out;
  }
  std::string operator()(const capture::transaction_end& e) const {
    return fmt::format("{} at={} end={} time={}",
                       e.how == capture::transaction_end::outcome::committed ? "committed" : "prepared",
                       to_string(e.commit_lsn), to_string(e.end_lsn), e.commit_time_us);
  }
  std::string operator()(const capture::prepared_decision& e) const {
    return fmt::format("{} prepared '{}' xid={} prepare_end={} at={} end={} time={}", e.commit ? "commit" : "rollback",
                       e.gid, e.id.value, to_string(e.prepare_end_lsn), to_string(e.commit_lsn), to_string(e.end_lsn),
                       e.time_us);
  }
  std::string operator()(const capture::progress& e) const {
    return fmt::format("progress {} time={}{}", to_string(e.position), e.server_time_us,
                       e.reply_requested ? " reply" : "");
  }
};

} // namespace detail

/// A line an effect; rows of one view that follow on each other are one line, however they are sliced.
inline std::string to_text(const std::vector<capture::effect>& effects) {
  std::string out;
  const capture::item* before = nullptr;
  for (const auto& e : effects) {
    const auto* now = std::get_if<capture::item>(&e);
    if (now != nullptr && now->what != capture::item::kind::rows) now = nullptr;
    if (now != nullptr && before != nullptr && before->view == now->view) {
      out.pop_back();
      out += detail::rows_text(*now) + "\n";
    } else {
      out += std::visit(detail::effect_text{}, e) + "\n";
    }
    before = now;
  }
  return out;
}

} // namespace weir::test
