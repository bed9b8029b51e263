#include "runtime/capture/source_rows.hpp"

#include <fmt/format.h>

#include <string_view>

namespace weir::capture {

namespace {

std::size_t fixed_size(storage kind) {
  switch (kind) {
    case storage::i64: return 1 + sizeof(std::int64_t);
    case storage::f64: return 1 + sizeof(double);
    case storage::decimal: return 1 + sizeof(decimal);
    case storage::interval: return 1 + sizeof(interval);
    case storage::bytes: return 1 + sizeof(std::uint32_t);
  }
  return 0;
}

/// A value may be a gigabyte; a dead letter is to be read.
void add_field(std::string& out, std::string_view name, std::string_view value) {
  constexpr std::size_t longest = 256;
  fmt::format_to(std::back_inserter(out), "{}{}=", out.empty() ? "" : ", ", name);
  if (value.size() <= longest) {
    out += value;
    return;
  }
  auto cut = longest;
  while (cut > 0 && (static_cast<unsigned char>(value[cut]) & 0xc0) == 0x80) --cut; // not inside a UTF-8 character
  out += value.substr(0, cut);
  out += "...";
}

[[gnu::cold]] error not_text(const source_plan& plan, std::size_t column, pgoutput::value_kind kind) {
  const bool binary = kind == pgoutput::value_kind::binary;
  return {binary ? errc::unsupported : errc::invalid_value,
          fmt::format("table {}: column \"{}\" came {}", quoted_table(plan), plan.columns[column].name,
                      binary ? "in binary form, which is not decoded" : "as unchanged, with no old value to keep"),
          binary ? "read the slot without the option binary" : ""};
}

} // namespace

source_rows::source_rows(const source_plan& plan) : plan_(plan) {
  fixed_bytes_ = sizeof(std::int64_t);
  for (const auto& c : plan.columns) {
    rows_.columns.emplace_back(c.type);
    fixed_bytes_ += fixed_size(storage_of(c.type.id));
  }
}

status source_rows::append(const binding& bound, const pgoutput::tuple& values, std::int64_t weight) {
  for (std::size_t i = 0; i < bound.wire_of.size(); ++i) {
    auto& to = rows_.columns[i];
    const auto& value = values[bound.wire_of[i]];
    switch (value.kind) {
      case pgoutput::value_kind::text: {
        auto appended = append_text(to, value.bytes());
        if (!appended) [[unlikely]] {
          to.append_null();
          add_bad(bound, values, i, std::move(appended).error().message);
        }
        if (storage_of(to.type.id) == storage::bytes) text_bytes_ += value.size;
        break;
      }
      case pgoutput::value_kind::null: to.append_null(); break;
      default:
        // The row is lost with the stream; the columns stay of one length.
        for (auto rest = i; rest < rows_.columns.size(); ++rest) rows_.columns[rest].append_null();
        rows_.weights.push_back(weight);
        return not_text(plan_, i, value.kind);
    }
  }
  rows_.weights.push_back(weight);
  return {};
}

void source_rows::clear() noexcept {
  for (auto& c : rows_.columns) c.clear();
  rows_.weights.clear();
  bad_.clear();
  text_bytes_ = 0;
}

void source_rows::assign(batch rows) {
  clear();
  rows_ = std::move(rows);
}

std::string source_rows::row_text(std::size_t row) const {
  std::string out;
  std::string value;
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    value.clear();
    if (rows_.columns[i].is_null(row)) {
      value = "NULL";
    } else {
      write_text(rows_.columns[i], row, value);
    }
    add_field(out, plan_.columns[i].name, value);
  }
  return out;
}

void source_rows::add_bad(const binding& bound, const pgoutput::tuple& values, std::size_t column, std::string cause) {
  std::string text;
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    const auto& value = values[bound.wire_of[i]];
    add_field(text, plan_.columns[i].name, value.kind == pgoutput::value_kind::null ? "NULL" : value.bytes());
  }
  bad_.push_back({static_cast<std::uint32_t>(rows_.rows()), column, std::move(cause), std::move(text)});
}

} // namespace weir::capture
