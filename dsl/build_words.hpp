#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tao/pegtl/contrib/parse_tree.hpp>

#include "dsl/diagnostic.hpp"
#include "dsl/syntax.hpp"

namespace weir::dsl {

using tree = tao::pegtl::parse_tree::node;

/// The single words of a file's tree: names, strings, numbers, and where they stand.
class word_builder {
public:
  word_builder(std::uint32_t file, const std::string& text, diagnostics& found)
      : file_(file), text_(text), found_(found) {}

  span span_of(const tree& leaf) const;
  /// Of a node that ends in a word that is kept in the tree.
  span span_from(const tree& first, const tree& last) const { return join(span_of(first), span_of(last)); }

  /// From where a node begins to the end of a word that is kept in the tree.
  span span_from_to(const tree& node, const tree& last) const;

  name name_from(const tree& word);
  conninfo_text conninfo_from(const tree& quoted);
  /// The content of a string literal.
  static std::string string_from(const tree& literal);
  std::optional<std::chrono::milliseconds> duration_from(const tree& duration);
  std::optional<memory_size> memory_from(const tree& amount);
  std::optional<int> whole_from(const tree& digits, int least, int most);

  void report(dsl::severity severity, dsl::code code, span where, std::string message, std::string hint);
  void error(dsl::code code, span where, std::string message, std::string hint = {}) {
    report(severity::error, code, where, std::move(message), std::move(hint));
  }

private:
  std::uint32_t file_;
  const std::string& text_;
  diagnostics& found_;
};

} // namespace weir::dsl
