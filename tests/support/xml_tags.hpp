#pragma once

#include <cctype>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/utf8.hpp"

namespace weir::test {

struct xml_tag {
  std::string name;
  std::map<std::string, std::string> attributes; ///< entities as they are written
};

/// The tags of a document in their order. Empty if it is not well formed: tags that do not close in turn, attributes
/// that are not quoted or there twice, other entities than XML's own, characters that XML has not, no UTF-8. For
/// documents without comments, CDATA and processing instructions.
class xml_reader {
public:
  explicit xml_reader(std::string_view document) : rest_(document) {}

  std::optional<std::vector<xml_tag>> tags() {
    if (first_invalid_utf8(rest_) != std::string_view::npos) return std::nullopt;
    for (const char c : rest_)
      if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') return std::nullopt;
    if (rest_.find("\xEF\xBF\xBE") != std::string_view::npos || rest_.find("\xEF\xBF\xBF") != std::string_view::npos)
      return std::nullopt;
    while (!rest_.empty())
      if (rest_.front() == '<' ? !tag() : !text(rest_.substr(0, rest_.find('<')))) return std::nullopt;
    if (!open_.empty() || out_.empty()) return std::nullopt;
    return out_;
  }

private:
  bool text(std::string_view t) {
    rest_.remove_prefix(t.size());
    const bool blank = t.find_first_not_of(" \n\t") == std::string_view::npos;
    return entities(t) && (blank || !open_.empty());
  }
  static bool entities(std::string_view t) {
    for (auto at = t.find('&'); at != std::string_view::npos; at = t.find('&', at + 1)) {
      const auto name = t.substr(at + 1, t.find(';', at) - at - 1);
      if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "apos") return false;
    }
    return t.find('<') == std::string_view::npos;
  }
  std::string word() {
    std::size_t n = 0;
    while (n < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[n])) != 0 || rest_[n] == '-')) ++n;
    const std::string out(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return out;
  }
  bool take(std::string_view what) {
    if (rest_.substr(0, what.size()) != what) return false;
    rest_.remove_prefix(what.size());
    return true;
  }
  bool tag() {
    if (take("</")) {
      const auto name = word();
      if (open_.empty() || open_.back() != name) return false;
      open_.pop_back();
      return take(">");
    }
    if (!take("<") || (open_.empty() && !out_.empty())) return false;
    xml_tag t{word(), {}};
    if (t.name.empty()) return false;
    while (take(" ") || take("\n"))
      if (!attribute(t)) return false;
    out_.push_back(t);
    if (take("/>")) return true;
    open_.push_back(t.name);
    return take(">");
  }
  bool attribute(xml_tag& of) {
    const auto name = word();
    if (name.empty() || !take("=\"")) return false;
    const auto end = rest_.find('"');
    if (end == std::string_view::npos || !entities(rest_.substr(0, end))) return false;
    const bool fresh = of.attributes.emplace(name, rest_.substr(0, end)).second;
    rest_.remove_prefix(end + 1);
    return fresh;
  }

  std::string_view rest_;
  std::vector<std::string> open_;
  std::vector<xml_tag> out_;
};

} // namespace weir::test
