#include "runtime/cluster/table_shape.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace weir {

const column_shape* table_shape::numbered(int number) const {
  const auto at = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.number == number; });
  return at == columns.end() ? nullptr : &*at;
}

const column_shape* table_shape::named(std::string_view column) const {
  const auto at = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == column; });
  return at == columns.end() ? nullptr : &*at;
}

std::string to_text(const std::vector<table_shape>& shapes) {
  auto all = nlohmann::json::array();
  for (const auto& t : shapes) {
    auto columns = nlohmann::json::array();
    for (const auto& c : t.columns)
      columns.push_back({c.number, c.name, c.type_oid, c.typmod, c.type_name, c.not_null, c.changed});
    all.push_back({{"schema", t.schema},
                   {"table", t.name},
                   {"oid", t.oid},
                   {"files", t.files},
                   {"identity", t.identity},
                   {"columns", std::move(columns)}});
  }
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

result<std::vector<table_shape>> parse_shapes(std::string_view text) {
  std::vector<table_shape> shapes;
  try {
    for (const auto& t : nlohmann::json::parse(text)) {
      table_shape shape{t.at("schema"), t.at("table"), t.at("oid"), t.at("files"), t.at("identity"), {}};
      for (const auto& c : t.at("columns"))
        shape.columns.push_back({c.at(0), c.at(1), c.at(2), c.at(3), c.at(4), c.at(5), c.at(6)});
      shapes.push_back(std::move(shape));
    }
  } catch (const nlohmann::json::exception& e) {
    return error{errc::invalid_value, std::string("the shapes of sources cannot be read: ") + e.what()};
  }
  return shapes;
}

} // namespace weir
