#include "dsl/build_special_call.hpp"

#include <utility>

namespace weir::dsl {

const char* how_to_write_special_call(const std::string& function) {
  if (function == "trim") return "write trim(x), trim(both 'c' from x) or btrim(x, 'c')";
  if (function == "extract") return "write extract(year from x)";
  return "write substring(x from 1 for 2) or substring(x, 1, 2)";
}

bool arrange_special_call(syntax_expression& e, const std::string& marks, const std::string& side) {
  auto& function = e.names[0].text;
  const bool plain = marks.find_first_not_of('.') == std::string::npos;
  if (function == "extract") {
    if (marks != ".f.") return false;
    auto& field = e.args[0]; // a name or a string
    if (field.form == form::column && field.names.size() == 1) {
      field.form = form::string;
      field.text = field.names[0].text;
    }
    return field.form == form::string;
  }
  if (function == "trim") {
    const auto rest = side.empty() ? marks : marks.substr(1);
    function = side == "leading" ? "ltrim" : side == "trailing" ? "rtrim" : "btrim";
    if (rest == ".f.") std::swap(e.args[0], e.args[1]);
    return rest == ".f." || rest == "f." || rest == "." || rest == "..";
  }
  if (marks == ".o.") { // substring(x for n)
    syntax_expression one;
    one.form = form::integer;
    one.text = "1";
    one.where = e.where;
    e.args.insert(e.args.begin() + 1, std::move(one));
    return true;
  }
  if (marks == ".o.f.") std::swap(e.args[1], e.args[2]);
  return plain || marks == ".f." || marks == ".f.o." || marks == ".o.f.";
}

} // namespace weir::dsl
