#include "dsl/reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/identifier.hpp"
#include "dsl/recovery.hpp"
#include "runtime/base/suggest.hpp"

namespace weir::dsl {
namespace {

constexpr std::size_t max_errors = 100;

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Bytes of the UTF-8 character that begins with `c`.
std::size_t character_bytes(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x80) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/// The words that "'isolate' or 'wait'" demands.
std::vector<std::string> quoted_words(std::string_view what) {
  std::vector<std::string> words;
  for (std::size_t open = what.find('\''); open != std::string_view::npos;) {
    const std::size_t close = what.find('\'', open + 1);
    if (close == std::string_view::npos) break;
    words.emplace_back(what.substr(open + 1, close - open - 1));
    open = what.find('\'', close + 1);
  }
  return words;
}

} // namespace

std::string_view reader::word_at(std::size_t offset) const {
  std::size_t end = offset;
  while (end < text_.size() && is_word_character(text_[end])) ++end;
  return text_.substr(offset, end - offset);
}

std::string_view reader::word_before(std::size_t offset) const {
  std::size_t end = offset;
  while (end > 0 && is_space(text_[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && is_word_character(text_[begin - 1])) --begin;
  return text_.substr(begin, end - begin);
}

std::size_t reader::token_end(std::size_t offset) const {
  if (offset >= text_.size()) return offset;
  const auto word = word_at(offset);
  if (!word.empty()) return offset + word.size();
  const char c = text_[offset];
  if (c == '\'' || c == '"') {
    const auto close = text_.find(c, offset + 1);
    const auto line = text_.find('\n', offset);
    return std::min({close == std::string_view::npos ? text_.size() : close + 1, line, text_.size()});
  }
  return std::min(text_.size(), offset + character_bytes(c));
}

std::string reader::describe_token(std::size_t offset) const {
  if (offset >= text_.size()) return "the end of the file";
  const char c = text_[offset];
  // never what stands between quotes: it may be a connection string
  if (c == '\'' || c == '"') return "a string";
  const auto token = text_.substr(offset, token_end(offset) - offset);
  if (token.size() > 40) return "a long word";
  return c == '\'' ? std::string(token) : fmt::format("\"{}\"", token);
}

void reader::report(dsl::code code, std::size_t begin, std::size_t end, std::string message, std::string hint) {
  if (stopped_) return;
  const span where{file_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  if (++errors_ > max_errors) {
    stopped_ = true;
    found_.push_back({severity::error, code::too_many_errors, where,
                      fmt::format("more than {} errors; the rest of this file is not read", max_errors),
                      "is this a pipeline definition?"});
    return;
  }
  found_.push_back({severity::error, code, where, std::move(message), std::move(hint)});
}

std::size_t reader::recover(std::string_view rest, bool in_block) {
  if (stopped_) return rest.size();
  const std::size_t length = skip_length(rest, in_block);
  if (!in_block) {
    // "view NAME …": that name is not known now, and using it is no second error
    const std::size_t begin = text_.size() - rest.size();
    std::size_t second = begin + word_at(begin).size();
    while (second < text_.size() && is_space(text_[second])) ++second;
    broken_names_.push_back(name_of(text_.substr(second, token_end(second) - second)));
  }
  return length;
}

std::string reader::hint_for(std::size_t offset, std::string_view what) const {
  const auto word = word_at(offset);
  if (what == "a name" && is_reserved(word))
    return fmt::format("\"{0}\" is a reserved word; as a name it is written in double quotes: \"{0}\"", word);
  if (auto hint = did_you_mean(fold(word), quoted_words(what)); !hint.empty()) return hint;
  if (what == "a regular expression in single quotes" && offset < text_.size() && text_[offset] == '"')
    return "strings stand between single quotes";
  if (what == "a connection string in double quotes" && offset < text_.size() && text_[offset] == '\'')
    return "connection strings stand between double quotes: nodes \"host=… port=… dbname=…\"";
  // a misspelt keyword was taken for an alias: "select a form t"
  const auto before = fold(word_before(offset));
  const std::vector<std::string> clauses{"from", "where",   "group",       "every",
                                         "into", "between", "distributed", "colocate"};
  const auto next = closest(fold(word), clauses);
  if (!next.empty() && next != fold(word)) return fmt::format("did you mean \"{}\"?", next);
  const auto meant = closest(before, clauses);
  if (!meant.empty() && meant != before) return fmt::format("did you mean \"{}\" instead of \"{}\"?", meant, before);
  return {};
}

void reader::expected(std::size_t offset, std::string_view what) {
  auto message = fmt::format("expected {}, found {}", what, describe_token(offset));
  auto hint = hint_for(offset, what);
  std::size_t before = offset;
  while (before > 0 && is_space(text_[before - 1])) --before;
  const bool line_between = text_.substr(before, offset - before).find('\n') != std::string_view::npos;
  // what is missing at the end of a line is missing there, not at the beginning of the next
  if (before > 0 && (line_between || offset >= text_.size()))
    report(code::syntax, before, before, std::move(message), std::move(hint));
  else
    report(code::syntax, offset, token_end(offset), std::move(message), std::move(hint));
}

void reader::refuse(std::size_t offset, std::string_view feature) {
  // "feature; what to do instead"
  const auto split = feature.find("; ");
  const auto cure = split == std::string_view::npos ? std::string_view() : feature.substr(split + 2);
  report(code::not_supported_yet, offset, token_end(offset),
         fmt::format("not supported yet: {}", feature.substr(0, split)), std::string(cure));
}

void reader::unknown_word(std::size_t offset, dsl::code code, std::string_view what,
                          const std::vector<std::string>& known) {
  const auto word = word_at(offset);
  if (word.empty()) {
    expected(offset, what);
    return;
  }
  auto hint = did_you_mean(fold(word), known);
  if (hint.empty()) hint = fmt::format("there are: {}", fmt::join(known, ", "));
  report(code, offset, token_end(offset), fmt::format("unknown word {}, expected {}", describe_token(offset), what),
         std::move(hint));
}

void reader::unterminated(std::size_t offset, std::string_view what, std::string_view closer) {
  report(code::unterminated, offset, std::min(text_.find('\n', offset), text_.size()),
         fmt::format("this {} does not end", what), fmt::format("it is closed by {}", closer));
  stopped_ = true; // all that follows is inside of it
}

void reader::fault(std::size_t offset, dsl::code code, std::string message, std::string hint) {
  report(code, offset, token_end(offset), std::move(message), std::move(hint));
}

} // namespace weir::dsl
