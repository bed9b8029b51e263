#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "runtime/postgres/array_text.hpp"
#include "runtime/postgres/registry.hpp"

namespace weir::postgres {
namespace {

/// One statement, so one round trip and one moment for readers. Without holds, before and now, no row is touched.
constexpr const char* replace_holds =
    "WITH told AS (UPDATE weir.pipelines SET consistency = $2 WHERE pipeline = $1 AND consistency <> $2), "
    "gone AS (DELETE FROM weir.holds WHERE pipeline = $1) "
    "INSERT INTO weir.holds (pipeline, reason, node, slot, transaction, position, since, holds_node, held, cure) "
    "SELECT $1, u.reason, u.node, u.slot, u.transaction, u.position, clock_timestamp() - make_interval(secs => u.age), "
    "u.holds_node, u.held, u.cure FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::pg_lsn[], "
    "$8::double precision[], $9::text[], $10::bigint[], $11::text[]) "
    "AS u(reason, node, slot, transaction, position, age, holds_node, held, cure)";

constexpr const char* select_holds =
    "SELECT reason, node, slot, transaction, position, extract(epoch FROM clock_timestamp() - since), holds_node, "
    "held, "
    "cure FROM weir.holds WHERE pipeline = $1 ORDER BY since, node, transaction, holds_node";

template <class Number>
Number number_of(std::string_view text) {
  Number n{};
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

} // namespace

status record_cut_state(connection& target, const std::string& pipeline, const cut_state& state) {
  array_text reasons, nodes, slots, transactions, positions, ages, held_nodes, counts, cures;
  for (const auto& hold : state.holds) {
    reasons.append_quoted(hold.reason);
    nodes.append_quoted(hold.node);
    slots.append_quoted(hold.slot);
    transactions.append_quoted(hold.transaction);
    positions.append_quoted(weir::to_string(hold.position));
    ages.append_quoted(fmt::format("{}", hold.age_seconds));
    held_nodes.append_quoted(hold.holds_node);
    counts.append_quoted(std::to_string(hold.held));
    cures.append_quoted(hold.cure);
  }
  const std::vector<parameter> values{pipeline,          state.consistency,   reasons.take(),   nodes.take(),
                                      slots.take(),      transactions.take(), positions.take(), ages.take(),
                                      held_nodes.take(), counts.take(),       cures.take()};
  return target.execute(replace_holds, values);
}

result<std::vector<cut_hold>> read_holds(connection& target, const std::string& pipeline) {
  const std::vector<parameter> name{pipeline};
  WEIR_ASSIGN(const query_result rows, target.query(select_holds, name));
  std::vector<cut_hold> holds;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto text = [&](std::size_t column) { return std::string(rows.at(i, column)); };
    cut_hold hold{text(0), text(1),
                  text(2), text(3),
                  {},      number_of<double>(rows.at(i, 5)),
                  text(6), number_of<std::uint64_t>(rows.at(i, 7)),
                  text(8)};
    WEIR_ASSIGN(hold.position, parse_lsn(rows.at(i, 4)));
    holds.push_back(std::move(hold));
  }
  return holds;
}

} // namespace weir::postgres
