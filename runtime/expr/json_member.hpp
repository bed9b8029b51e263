#pragma once

#include <optional>
#include <string_view>

namespace weir {

/// A name to look for among the keys of objects.
class json_key {
public:
  explicit json_key(std::string_view text) noexcept;

  std::string_view text() const noexcept { return text_; }
  /// Does it lie between quotes as it is, in documents that have no more escapes than they need?
  bool needs_no_escape() const noexcept { return needs_no_escape_; }

private:
  std::string_view text_;
  bool needs_no_escape_;
};

/// The value of the last member of this name; empty where the document is no object or has none.
std::optional<std::string_view> json_member(std::string_view document, const json_key& key) noexcept;
/// As json_member, of a document of type jsonb as PostgreSQL writes it: no name is there twice, and none has more
/// escapes than it needs.
std::optional<std::string_view> jsonb_member(std::string_view document, const json_key& key) noexcept;
/// Of a jsonb, too; the name as it lies between the quotes.
std::optional<std::string_view> jsonb_member_written(std::string_view document, std::string_view raw) noexcept;

} // namespace weir
