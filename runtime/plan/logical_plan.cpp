#include "runtime/plan/logical_plan.hpp"

#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weir {
namespace {

class tree_text {
public:
  std::string of(const logical_view& view) {
    out_ = fmt::format("view {}{}\n", view.name, view.table.empty() ? "" : " → " + view.table);
    add(*view.root, "  ", "  ");
    return std::move(out_);
  }

private:
  void add(const logical_operator& o, const std::string& first, const std::string& below) {
    const bool again = !shown_.insert(&o).second;
    out_ += fmt::format("{}{}  {}{}\n", first, o.name, o.does, o.runs ? "" : "  (no operator yet)");
    if (again && !o.inputs.empty()) {
      out_ += below + "└ as above\n";
      return;
    }
    for (std::size_t i = 0; i < o.inputs.size(); ++i) {
      const bool last = i + 1 == o.inputs.size();
      add(*o.inputs[i], below + (last ? "└ " : "├ "), below + (last ? "  " : "│ "));
    }
  }

  std::string out_;
  std::set<const logical_operator*> shown_;
};

void add(const logical_operator& o, std::set<const logical_operator*>& added, nlohmann::json& out) {
  if (!added.insert(&o).second) return;
  auto inputs = nlohmann::json::array();
  for (const auto& input : o.inputs) {
    add(*input, added, out);
    inputs.push_back(input->name);
  }
  auto columns = nlohmann::json::array();
  for (const auto& c : o.columns)
    columns.push_back({{"name", c.name}, {"type", to_sql(c.type)}, {"not_null", !c.nullable}});
  out.push_back({{"name", o.name},
                 {"kind", to_string(o.kind)},
                 {"does", o.does},
                 {"runs", o.runs},
                 {"columns", std::move(columns)},
                 {"inputs", std::move(inputs)}});
}

} // namespace

const char* to_string(logical_kind kind) noexcept {
  switch (kind) {
    case logical_kind::scan: return "scan";
    case logical_kind::filter: return "filter";
    case logical_kind::project: return "project";
    case logical_kind::join: return "join";
    case logical_kind::group: return "group";
    case logical_kind::unite: return "unite";
    case logical_kind::top: return "top";
  }
  return "";
}

std::string to_text(const logical_view& view) { return tree_text().of(view); }

nlohmann::json to_json(const logical_view& view) {
  nlohmann::json out{{"name", view.name}, {"operators", nlohmann::json::array()}};
  if (!view.table.empty()) out["table"] = view.table;
  std::set<const logical_operator*> added;
  add(*view.root, added, out["operators"]);
  return out;
}

} // namespace weir
