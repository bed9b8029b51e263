#include "tests/sim/world/chances.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace weir::sim {
namespace {

constexpr std::array options{
    chances::option{"reader_breaks", &chances::reader_breaks, "1,000 steps of a reader",
                    "a connection to its node breaks"},
    chances::option{"link_cut", &chances::link_cut, "1,000 connections to a node", "it is cut after some bytes"},
    chances::option{"link_stalls", &chances::link_stalls, "10,000 steps of a reader",
                    "its connection moves nothing for a while"},
    chances::option{"walsender_lingers", &chances::walsender_lingers, "1,000 ends of a stream",
                    "the server does not notice for a while: the slot is in use"},
    chances::option{"load_refused", &chances::load_refused, "1,000 views that are loaded",
                    "the server cannot aggregate them: their rows are read"},
    chances::option{"node_away", &chances::node_away, "50,000 steps", "a server refuses connections for a while"},
    chances::option{"node_crashes", &chances::node_crashes, "50,000 steps",
                    "a server restarts; a slot may be where it was a while ago"},
    chances::option{"failover", &chances::failover, "100,000 steps",
                    "a standby that has the slots and all of the WAL takes over"},
    chances::option{"failover_without_slot", &chances::failover_without_slot, "100,000 steps",
                    "a standby without the slots takes over"},
    chances::option{"failover_loses_wal", &chances::failover_loses_wal, "100,000 steps",
                    "a standby takes over that lacks the end of the WAL"},
    chances::option{"slot_invalidated", &chances::slot_invalidated, "100,000 steps",
                    "a server gives up a slot whose WAL takes too much room"},
    chances::option{"writer_breaks", &chances::writer_breaks, "1,000 statements of a writer",
                    "its connection breaks; statements sent after it are not seen to fail before the commit"},
    chances::option{"commit_unknown", &chances::commit_unknown, "1,000 commits",
                    "the connection breaks before the answer: it was done, was not done, or will be"},
    chances::option{"target_away", &chances::target_away, "50,000 steps", "the target refuses connections for a while"},
    chances::option{"registrar_breaks", &chances::registrar_breaks, "1,000 calls of a registrar",
                    "its connection breaks"},
    chances::option{"program_dies", &chances::program_dies, "50,000 steps", "it is killed and started again"},
    chances::option{"program_stops", &chances::program_stops, "50,000 steps", "it is stopped and started again"},
    chances::option{"program_stalls", &chances::program_stalls, "50,000 steps",
                    "it stands still, and another one is started, which may take its lease over"},
    chances::option{"scratch_torn", &chances::scratch_torn, "50,000 steps",
                    "a file of held transactions has other bytes than were written"},
    chances::option{"scratch_lost", &chances::scratch_lost, "50,000 steps",
                    "the end of a file of held transactions is gone"},
    chances::option{"distributed", &chances::distributed, "1,000 transactions", "it is a part of a distributed one",
                    false},
    chances::option{"rolls_back", &chances::rolls_back, "1,000 distributed transactions", "it is rolled back", false},
    chances::option{"in_doubt", &chances::in_doubt, "1,000 parts of distributed transactions",
                    "it stays prepared for long, until it is recovered", false},
    chances::option{"names_again", &chances::names_again, "1,000 distributed transactions of an application",
                    "it has the name of an earlier one, which has ended", false},
    chances::option{"shard_moves", &chances::shard_moves, "20,000 steps",
                    "a shard, or a part of one, moves to another node", false},
    chances::option{"early_writers", &chances::early_writers, "1,000 shard moves",
                    "a row is written on the new owner before its part of the move is committed", false},
    chances::option{"truncates", &chances::truncates, "1,000 changes", "a node's table is truncated", false},
    chances::option{"raw_capture", &chances::raw_capture, "1,000 worlds",
                    "streams tell of shards, and of Citus' catalogs: raw capture", false},
    chances::option{"moves_while_read", &chances::moves_while_read, "all worlds with raw capture, unless 0",
                    "shards move before the first cut, too", false},
};

} // namespace

std::span<const chances::option> chances::all() { return options; }

status chances::set(std::string_view text) {
  while (!text.empty()) {
    const auto item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const auto equals = item.find('=');
    const auto name = item.substr(0, equals);
    const auto found = std::find_if(options.begin(), options.end(), [&](const option& o) { return o.name == name; });
    unsigned value = 0;
    const auto number = equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
    const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
    const bool is_number = read.ec == std::errc{} && read.ptr == number.data() + number.size() && value <= 1000;
    if (found == options.end() || !is_number) {
      std::string names;
      for (const auto& o : options) names += fmt::format(" {}", o.name);
      return error{errc::invalid_value, fmt::format("\"{}\" is not NAME=PER MILLE", item), "names:" + names};
    }
    this->*found->value = value;
  }
  return {};
}

std::string chances::to_text() const {
  const chances usual;
  std::string out;
  for (const auto& o : options)
    if (this->*o.value != usual.*o.value) out += fmt::format("{}{}={}", out.empty() ? "" : ",", o.name, this->*o.value);
  return out;
}

} // namespace weir::sim
