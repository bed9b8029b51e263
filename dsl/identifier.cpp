#include "dsl/identifier.hpp"

#include <algorithm>

namespace weir::dsl {
namespace {

// pg_get_keywords() of catcode R and T, and between; sorted
constexpr std::string_view reserved_words[] = {"all",
                                               "analyse",
                                               "analyze",
                                               "and",
                                               "any",
                                               "array",
                                               "as",
                                               "asc",
                                               "asymmetric",
                                               "authorization",
                                               "between",
                                               "binary",
                                               "both",
                                               "case",
                                               "cast",
                                               "check",
                                               "collate",
                                               "collation",
                                               "column",
                                               "concurrently",
                                               "constraint",
                                               "create",
                                               "cross",
                                               "current_catalog",
                                               "current_date",
                                               "current_role",
                                               "current_schema",
                                               "current_time",
                                               "current_timestamp",
                                               "current_user",
                                               "default",
                                               "deferrable",
                                               "desc",
                                               "distinct",
                                               "do",
                                               "else",
                                               "end",
                                               "except",
                                               "false",
                                               "fetch",
                                               "for",
                                               "foreign",
                                               "freeze",
                                               "from",
                                               "full",
                                               "grant",
                                               "group",
                                               "having",
                                               "ilike",
                                               "in",
                                               "initially",
                                               "inner",
                                               "intersect",
                                               "into",
                                               "is",
                                               "isnull",
                                               "join",
                                               "lateral",
                                               "leading",
                                               "left",
                                               "like",
                                               "limit",
                                               "localtime",
                                               "localtimestamp",
                                               "natural",
                                               "not",
                                               "notnull",
                                               "null",
                                               "offset",
                                               "on",
                                               "only",
                                               "or",
                                               "order",
                                               "outer",
                                               "overlaps",
                                               "placing",
                                               "primary",
                                               "references",
                                               "returning",
                                               "right",
                                               "select",
                                               "session_user",
                                               "similar",
                                               "some",
                                               "symmetric",
                                               "table",
                                               "tablesample",
                                               "then",
                                               "to",
                                               "trailing",
                                               "true",
                                               "union",
                                               "unique",
                                               "user",
                                               "using",
                                               "variadic",
                                               "verbose",
                                               "when",
                                               "where",
                                               "window",
                                               "with"};

} // namespace

bool is_word_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

std::string fold(std::string_view word) {
  std::string out(word);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

bool is_reserved(std::string_view word) {
  return std::binary_search(std::begin(reserved_words), std::end(reserved_words), std::string_view(fold(word)));
}

std::size_t reserved_length(std::string_view text) {
  constexpr std::size_t longest = 17; // current_timestamp
  std::size_t length = 0;
  while (length < text.size() && length <= longest && is_word_character(text[length])) ++length;
  return is_reserved(text.substr(0, length)) ? length : 0;
}

std::string name_of(std::string_view written) {
  if (written.size() < 2 || written.front() != '"') return fold(written);
  std::string out;
  for (std::size_t i = 1; i + 1 < written.size(); ++i) {
    out += written[i];
    if (written[i] == '"') ++i;
  }
  return out;
}

std::string display_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool free = !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
                    std::all_of(name.begin(), name.end(), plain) && !is_reserved(name);
  if (free) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

} // namespace weir::dsl
