#include "tests/property/postgres_target_model.hpp"

#include <array>

#include <fmt/format.h>

#include "runtime/plan/state_layout.hpp"

namespace weir::test {
namespace {

constexpr int sum_scale = 6;
constexpr std::array<std::int64_t, 7> powers{1, 10, 100, 1'000, 10'000, 100'000, 1'000'000};

enum fact_key : std::size_t { region_key, price_key, shop_key, day_key };
constexpr std::array<const char*, 4> key_names{"region", "price", "shop", "day"};

expression key_of(std::size_t key) {
  expression e;
  e.op = operation::column;
  e.column_index = static_cast<std::int32_t>(key);
  constexpr std::array<type_id, 4> types{type_id::text, type_id::numeric, type_id::varchar, type_id::date};
  e.type = {types[key], key == shop_key ? 20 + 4 : -1};
  e.nullable = key == region_key || key == price_key;
  return e;
}

expression input_of(std::size_t input) {
  expression e;
  e.op = operation::column;
  e.column_index = static_cast<std::int32_t>(key_names.size() + input);
  e.type = fact_inputs()[input].type;
  e.fixed_scale = fact_inputs()[input].fixed_scale;
  return e;
}

/// PostgreSQL's result types of sum and avg.
data_type sum_type(type_id of) {
  switch (of) {
    case type_id::int2:
    case type_id::int4: return {type_id::int8};
    case type_id::float4: return {type_id::float4};
    case type_id::float8: return {type_id::float8};
    default: return {type_id::numeric};
  }
}
data_type avg_type(type_id of) { return {is_float(of) ? type_id::float8 : type_id::numeric}; }

enum class shown { keys, counts_and_sums, everything };

view_plan make_view(const std::string& name, const std::vector<std::size_t>& keys, shown what) {
  view_plan view;
  view.name = name;
  view.sink.schema = "shown here";
  view.sink.table = "the " + name;
  const auto add = [&](aggregate_function function, std::size_t input, data_type type, const std::string& column) {
    view.outputs.push_back({column, type, false, view.aggregates.size(), false});
    view.aggregates.push_back({function, input, type});
  };
  if (what != shown::keys) add(aggregate_function::count_rows, 0, {type_id::int8}, "count");
  for (const auto key : keys) {
    view.outputs.push_back({key_names[key], key_of(key).type, true, view.keys.size(), !key_of(key).nullable});
    view.keys.push_back(key_of(key));
  }
  for (std::size_t i = 0; what != shown::keys && i < fact_inputs().size(); ++i) {
    const auto& input = fact_inputs()[i];
    view.inputs.push_back(input_of(i));
    const bool exact = is_integer(input.type.id) || input.fixed_scale;
    if (what == shown::counts_and_sums && !exact) continue;
    add(aggregate_function::count, i, {type_id::int8}, "count \"" + input.name + '"');
    add(aggregate_function::sum, i, sum_type(input.type.id), "sum " + input.name);
    if (what == shown::everything) add(aggregate_function::avg, i, avg_type(input.type.id), "avg " + input.name);
  }
  return view;
}

expression node(operation op, type_id type, std::vector<expression> args) {
  expression e;
  e.op = op;
  e.type = {type};
  e.args = std::move(args);
  return e;
}

expression literal(type_id type, const std::string& text) {
  auto e = node(operation::literal, type, {});
  e.literal_text = text;
  return e;
}

/// A column of a group: its keys, then its aggregates.
expression of_group(const view_plan& view, std::size_t place) {
  auto e = node(operation::column, type_id::int8, {});
  e.column_index = static_cast<std::int32_t>(place);
  const auto keys = view.keys.size();
  e.type = place < keys ? view.keys[place].type : view.aggregates[place - keys].type;
  return e;
}

constexpr std::size_t middle_input = 1, money_input = 4;
constexpr const char* computed_sql[]{"count(*) * 2 + count(middle)", "sum(middle) / nullif(count(middle), 0)",
                                     "case when sum(money) > 100 then 'much' else coalesce(region, 'nowhere') end"};
constexpr const char* having_sql = "count(*) > 2 and sum(middle) > 0";

/// A view that computes with totals, and shows only some groups.
view_plan make_computed(const std::string& name, const std::vector<std::size_t>& keys) {
  view_plan view;
  view.name = name;
  view.sink.schema = "shown here";
  view.sink.table = "the " + name;
  for (const auto key : keys) {
    view.outputs.push_back({key_names[key], key_of(key).type, true, view.keys.size(), !key_of(key).nullable});
    view.keys.push_back(key_of(key));
  }
  for (std::size_t i = 0; i < fact_inputs().size(); ++i) view.inputs.push_back(input_of(i));
  view.aggregates = {{aggregate_function::count_rows, 0, {type_id::int8}},
                     {aggregate_function::count, middle_input, {type_id::int8}},
                     {aggregate_function::sum, middle_input, {type_id::int8}},
                     {aggregate_function::sum, money_input, {type_id::numeric}}};
  const auto aggregate = [&](std::size_t place) { return of_group(view, keys.size() + place); };
  const auto int8 = [](const char* text) { return literal(type_id::int8, text); };
  const auto doubled = node(operation::multiply, type_id::int8, {aggregate(0), int8("2")});
  view.computed.push_back(node(operation::add, type_id::int8, {doubled, aggregate(1)}));
  const auto divisor = node(operation::null_if, type_id::int8, {aggregate(1), int8("0")});
  view.computed.push_back(node(operation::divide, type_id::int8, {aggregate(2), divisor}));
  if (!keys.empty()) {
    const auto much = node(operation::greater, type_id::boolean, {aggregate(3), literal(type_id::numeric, "100")});
    const auto region =
        node(operation::coalesce, type_id::text, {of_group(view, region_key), literal(type_id::text, "nowhere")});
    view.computed.push_back(node(operation::case_when, type_id::text, {much, literal(type_id::text, "much"), region}));
  }
  for (std::size_t i = 0; i < view.computed.size(); ++i)
    view.outputs.push_back({"computed " + std::to_string(i), view.computed[i].type, false, i, false, true});
  view.having = node(operation::logical_and, type_id::boolean,
                     {node(operation::greater, type_id::boolean, {aggregate(0), int8("2")}),
                      node(operation::greater, type_id::boolean, {aggregate(2), int8("0")})});
  return view;
}

std::string in_quotes(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

/// One and the same number for every representation of it.
std::string canonical(const number& n) {
  if (n.form != decimal::kind::finite) return n.text();
  return std::to_string(n.coefficient * powers[static_cast<std::size_t>(sum_scale - n.scale)]);
}

number random_number(seeded_random& random, data_type type) {
  using kind = decimal::kind;
  const bool special = !is_integer(type.id) && !declared_scale(type) && random.chance(1, 12);
  if (special) return {std::array{kind::nan, kind::positive_infinity, kind::negative_infinity}[random.below(3)], 0, 0};
  const auto small = static_cast<std::int64_t>(random.below(2'001)) - 1'000;
  switch (type.id) {
    case type_id::float4:
    case type_id::float8: return {kind::finite, small * 25, 2}; // exact in binary, so that PostgreSQL sums exactly too
    case type_id::numeric:
      if (declared_scale(type) && random.chance(1, 40)) return {kind::nan, 0, 0};
      if (declared_scale(type)) return {kind::finite, small * 7, 2};
      return {kind::finite, small, static_cast<int>(random.below(4))};
    case type_id::int8:
      if (random.chance(1, 3)) return {kind::finite, std::int64_t{9'000'000'000'000'000'000} + small, 0};
      [[fallthrough]];
    default: return {kind::finite, small, 0};
  }
}

} // namespace

std::string number::text() const {
  switch (form) {
    case decimal::kind::nan: return "NaN";
    case decimal::kind::positive_infinity: return "Infinity";
    case decimal::kind::negative_infinity: return "-Infinity";
    default: break;
  }
  if (scale == 0) return std::to_string(coefficient);
  const auto power = powers[static_cast<std::size_t>(scale)];
  const auto magnitude = coefficient < 0 ? -coefficient : coefficient;
  return fmt::format("{}{}.{:0{}}", coefficient < 0 ? "-" : "", magnitude / power, magnitude % power, scale);
}

const std::vector<fact_input>& fact_inputs() {
  static const std::vector<fact_input> inputs{{"small", {type_id::int2}, {}},
                                              {"middle", {type_id::int4}, {}},
                                              {"large", {type_id::int8}, {}},
                                              {"free", {type_id::numeric}, {}},
                                              {"money", {type_id::numeric, ((12 << 16) | 2) + 4}, 2},
                                              {"single", {type_id::float4}, {}},
                                              {"twin", {type_id::float8}, {}}};
  return inputs;
}

fact random_fact(seeded_random& random, std::int64_t id) {
  static const std::vector<std::string> regions{"eu", "us", "", "a \"b\" \\c", "{x,y}", "NULL", "été 😀", "it's"};
  fact f;
  f.id = id;
  if (!random.chance(1, 5)) f.region = regions[random.below(regions.size())];
  if (!random.chance(1, 5)) {
    const int scale = static_cast<int>(random.below(3));
    f.price = number{decimal::kind::finite,
                     static_cast<std::int64_t>(random.below(3)) * powers[static_cast<std::size_t>(scale)], scale};
    if (random.chance(1, 8)) f.price = number{decimal::kind::nan, 0, 0};
  }
  f.shop = regions[random.below(regions.size())];
  f.day = static_cast<std::int64_t>(random.below(3)) * 4'000 - 4'000;
  for (const auto& input : fact_inputs()) {
    f.inputs.emplace_back();
    if (!random.chance(1, 4)) f.inputs.back() = random_number(random, input.type);
  }
  return f;
}

std::string create_facts_sql(const std::string& name) {
  std::string sql = "CREATE TABLE " + name +
                    " (id bigint PRIMARY KEY, region text, price numeric, shop varchar(20) NOT "
                    "NULL, day date NOT NULL";
  for (const auto& input : fact_inputs()) sql += fmt::format(", {} {}", input.name, to_sql(input.type));
  return sql + ")";
}

std::string values_sql(const fact& f) {
  const auto text = [](const std::string& s) {
    std::string out = "'";
    for (const char c : s) out += c == '\'' ? std::string("''") : std::string(1, c);
    return out + "'";
  };
  auto sql = fmt::format("({}, {}, {}, {}, '2000-01-01'::date + ({})", f.id, f.region ? text(*f.region) : "NULL",
                         f.price ? text(f.price->text()) : "NULL", text(f.shop), f.day);
  for (const auto& input : f.inputs) sql += input ? ", '" + input->text() + "'" : ", NULL";
  return sql + ")";
}

pipeline_plan facts_plan() {
  pipeline_plan plan;
  plan.name = "facts";
  for (const auto* node : {"n1", "n2", "n3"}) plan.nodes.push_back({node, ""});
  source_plan source{"facts", "public", "facts", {}};
  for (std::size_t i = 0; i < key_names.size(); ++i)
    source.columns.push_back({key_names[i], key_of(i).type, !key_of(i).nullable});
  for (const auto& input : fact_inputs()) source.columns.push_back({input.name, input.type, false});
  plan.sources.push_back(source);
  plan.views.push_back(make_view("by_price", {region_key, price_key}, shown::everything));
  plan.views.push_back(make_view("by_shop", {day_key, shop_key}, shown::everything));
  plan.views.push_back(make_view("overall", {}, shown::everything));
  plan.views.push_back(make_view("prices", {price_key}, shown::keys));
  plan.views.push_back(make_view("by_region", {region_key, shop_key}, shown::counts_and_sums));
  plan.views.push_back(make_computed("some_shops", {region_key, shop_key}));
  plan.views.push_back(make_computed("at_all", {}));
  return plan;
}

std::string oracle_sql(const view_plan& view, const std::string& from) {
  std::string list;
  std::string keys;
  for (const auto& output : view.outputs) {
    const auto comma = list.empty() ? "" : ", ";
    if (output.is_key) {
      const std::string key = key_names[static_cast<std::size_t>(view.keys[output.index].column_index)];
      // Which of several equal numerics stands for a group is anybody's choice.
      list += fmt::format("{}{}::text", comma, key == "price" ? "trim_scale(price)" : key);
      keys += (keys.empty() ? "" : ", ") + key;
      continue;
    }
    if (output.is_computed) {
      list += fmt::format("{}({})::text", comma, computed_sql[output.index]);
      continue;
    }
    const auto& a = view.aggregates[output.index];
    const char* function = a.function == aggregate_function::sum   ? "sum"
                           : a.function == aggregate_function::avg ? "avg"
                                                                   : "count";
    list += fmt::format("{}{}({})::text", comma, function,
                        a.function == aggregate_function::count_rows ? "*" : fact_inputs()[a.input].name);
  }
  return fmt::format("SELECT {} FROM {}{}{}", list, from, keys.empty() ? "" : " GROUP BY " + keys,
                     view.having ? std::string(" HAVING ") + having_sql : "");
}

std::string view_rows_sql(const view_plan& view) {
  std::string list;
  for (const auto& output : view.outputs)
    list += (list.empty() ? "" : ", ") +
            (output.name == "price" ? "trim_scale(price)::text" : in_quotes(output.name) + "::text");
  return fmt::format("SELECT {} FROM {}.{}", list, in_quotes(view.sink.schema), in_quotes(view.sink.table));
}

std::string delta_sums::group_key(const fact& f, std::uint16_t node) const {
  std::string key = std::to_string(node);
  for (const auto& k : view_.keys) {
    key += '\x01';
    switch (k.column_index) {
      case region_key: key += f.region ? "=" + *f.region : "null"; break;
      case price_key: key += f.price ? "=" + canonical(*f.price) : "null"; break;
      case shop_key: key += f.shop; break;
      default: key += std::to_string(f.day);
    }
  }
  return key;
}

void delta_sums::add(const fact& f, std::uint16_t node, std::int64_t weight) {
  auto& g = groups_.try_emplace(group_key(f, node), group{f, node, 0, {}}).first->second;
  g.inputs.resize(view_.inputs.size());
  g.rows += weight;
  for (std::size_t i = 0; i < view_.inputs.size(); ++i) {
    const auto& value = f.inputs[i];
    auto& s = g.inputs[i];
    if (!value) continue;
    s.count += weight;
    switch (value->form) {
      case decimal::kind::nan: s.nan += weight; continue;
      case decimal::kind::positive_infinity: s.positive += weight; continue;
      case decimal::kind::negative_infinity: s.negative += weight; continue;
      default: break;
    }
    const auto scale = static_cast<std::size_t>(value->scale);
    s.sum += int128{value->coefficient} * powers[sum_scale - scale] * weight;
    s.scale = std::max(s.scale, value->scale);
    if (s.scales.size() <= scale) s.scales.resize(scale + 1);
    s.scales[scale] += weight;
  }
}

batch delta_sums::take() {
  batch out;
  for (const auto& c : state_layout(view_)) out.columns.emplace_back(c.type);
  for (const auto& [key, g] : groups_) append(g, out);
  groups_.clear();
  return out;
}

void delta_sums::append(const group& g, batch& out) const {
  out.weights.push_back(1);
  const auto append_number = [](column& to, const number& n) { to.append_decimal({n.coefficient, n.scale, n.form}); };
  const auto layout = state_layout(view_);
  for (std::size_t c = 0; c < layout.size(); ++c) {
    auto& to = out.columns[c];
    const auto index = layout[c].index;
    switch (layout[c].role) {
      case state_role::node: to.append_i64(g.node); break;
      case state_role::rows: to.append_i64(g.rows); break;
      case state_role::count: to.append_i64(g.inputs[index].count); break;
      case state_role::nan_count: to.append_i64(g.inputs[index].nan); break;
      case state_role::positive_infinity: to.append_i64(g.inputs[index].positive); break;
      case state_role::negative_infinity: to.append_i64(g.inputs[index].negative); break;
      case state_role::sum: {
        const auto& s = g.inputs[index];
        to.append_decimal(
            {s.sum / powers[static_cast<std::size_t>(sum_scale - s.scale)], s.scale, decimal::kind::finite});
        break;
      }
      case state_role::scales: to.append_bytes(fmt::format("{{{}}}", fmt::join(g.inputs[index].scales, ","))); break;
      case state_role::key:
        switch (view_.keys[index].column_index) {
          case region_key: g.key.region ? to.append_bytes(*g.key.region) : to.append_null(); break;
          case price_key: g.key.price ? append_number(to, *g.key.price) : to.append_null(); break;
          case shop_key: to.append_bytes(g.key.shop); break;
          default: to.append_i64(g.key.day);
        }
    }
  }
}

} // namespace weir::test
