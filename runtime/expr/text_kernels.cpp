#include <algorithm>
#include <limits>

#include "runtime/expr/characters.hpp"
#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/like.hpp"
#include "runtime/expr/text_frame.hpp"

namespace weir {
namespace {

void concatenate(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) {
    out.append(text_of(f.a, i));
    out.append(text_of(f.b, i));
  });
}

void length(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) { return count_characters(text_of(f.a, i)); });
}

void octet_length(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) { return static_cast<std::int64_t>(text_of(f.a, i).size()); });
}

void strpos(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) -> std::int64_t {
    const auto text = text_of(f.a, i);
    const auto at = text.find(text_of(f.b, i));
    return at == std::string_view::npos ? 0 : count_characters(text.substr(0, at)) + 1;
  });
}

void starts_with(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) { return text_of(f.a, i).starts_with(text_of(f.b, i)) ? 1 : 0; });
}

bool is_ascii_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_ascii_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Under collation "C": the letters of ASCII, and no others.
struct to_lower {
  char operator()(char c) const noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
};
struct to_upper {
  char operator()(char c) const noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; }
};
/// A letter behind another letter or a digit is lower, all others are upper.
struct to_words {
  bool inside = false;
  char operator()(char c) noexcept {
    const char out = inside ? to_lower()(c) : to_upper()(c);
    inside = is_ascii_letter(c) || is_ascii_digit(c);
    return out;
  }
};

template <class Fold>
std::string folded(std::string_view text) {
  Fold fold;
  std::string out(text);
  for (auto& c : out) c = fold(c);
  return out;
}

template <class Fold>
void fold_case(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) { out.append(folded<Fold>(text_of(f.a, i))); });
}

template <bool FoldsCase>
like_outcome match(std::string_view text, std::string_view pattern) {
  if (FoldsCase) return match_like(folded<to_lower>(text), folded<to_lower>(pattern));
  return match_like(text, pattern);
}

template <bool FoldsCase>
void like(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) {
    const auto outcome = match<FoldsCase>(text_of(f.a, i), text_of(f.b, i));
    if (outcome == like_outcome::dangling_escape)
      f.fail(i, errc::invalid_value, "LIKE pattern must not end with escape character");
    if (outcome == like_outcome::too_deep) f.fail(i, errc::invalid_value, "stack depth limit exceeded");
    return outcome == like_outcome::matches ? 1 : 0;
  });
}

/// text_substring of varlena.c: positions before the first count towards the length.
void substring(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) {
    const auto text = text_of(f.a, i);
    const auto start = integer_of(f.b, i);
    const auto skipped = bytes_of_characters(text, std::max<std::int64_t>(start, 1) - 1);
    auto rest = text.substr(skipped);
    if (f.c.values != nullptr) {
      const auto wanted = integer_of(f.c, i);
      if (wanted < 0) return f.fail(i, errc::invalid_value, "negative substring length not allowed");
      const auto end = start + wanted;
      rest = rest.substr(0, bytes_of_characters(rest, end - std::max<std::int64_t>(start, 1)));
    }
    out.append(rest);
  });
}

/// A negative number is that of the characters at the other end that are left out.
void left(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) {
    const auto text = text_of(f.a, i);
    auto count = integer_of(f.b, i);
    if (count < 0) count += count_characters(text);
    out.append(text.substr(0, bytes_of_characters(text, count)));
  });
}

void right(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) {
    const auto text = text_of(f.a, i);
    const auto count = integer_of(f.b, i);
    out.append(text.substr(bytes_of_characters(text, count < 0 ? -count : count_characters(text) - count)));
  });
}

bool holds_character(std::string_view set, std::string_view character) noexcept {
  for (; !set.empty(); set.remove_prefix(first_character(set)))
    if (set.substr(0, first_character(set)) == character) return true;
  return false;
}

template <bool Begin, bool End>
void trim(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) {
    auto text = text_of(f.a, i);
    const auto set = f.b.values == nullptr ? std::string_view(" ") : text_of(f.b, i);
    while (Begin && !text.empty() && holds_character(set, text.substr(0, first_character(text))))
      text.remove_prefix(first_character(text));
    while (End && !text.empty() && holds_character(set, text.substr(text.size() - last_character(text))))
      text.remove_suffix(last_character(text));
    out.append(text);
  });
}

void replace(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) {
    auto text = text_of(f.a, i);
    const auto from = text_of(f.b, i);
    for (auto at = text.find(from); !from.empty() && at != std::string_view::npos; at = text.find(from)) {
      out.append(text.substr(0, at));
      out.append(text_of(f.c, i));
      text.remove_prefix(at + from.size());
    }
    out.append(text);
  });
}

/// The field `number`, from 1; from the end if it is negative.
std::string_view field_of(std::string_view text, std::string_view separator, std::int64_t number) noexcept {
  if (separator.empty()) return number == 1 || number == -1 ? text : std::string_view();
  if (number < 0) {
    std::int64_t fields = 1;
    for (auto at = text.find(separator); at != std::string_view::npos; at = text.find(separator, at + separator.size()))
      ++fields;
    number += fields + 1;
  }
  if (number <= 0) return {};
  for (; number > 1; --number) {
    const auto at = text.find(separator);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + separator.size());
  }
  return text.substr(0, text.find(separator));
}

void split_part(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) {
    const auto number = integer_of(f.c, i);
    if (number == 0) return f.fail(i, errc::invalid_value, "field position must not be zero");
    out.append(field_of(text_of(f.a, i), text_of(f.b, i), number));
  });
}

} // namespace

kernel text_function_kernel(function f) noexcept {
  switch (f) {
    case function::concatenate: return concatenate;
    case function::like: return like<false>;
    case function::ilike: return like<true>;
    case function::lower: return fold_case<to_lower>;
    case function::upper: return fold_case<to_upper>;
    case function::initcap: return fold_case<to_words>;
    case function::length: return length;
    case function::octet_length: return octet_length;
    case function::substring: return substring;
    case function::left: return left;
    case function::right: return right;
    case function::btrim: return trim<true, true>;
    case function::ltrim: return trim<true, false>;
    case function::rtrim: return trim<false, true>;
    case function::replace: return replace;
    case function::strpos: return strpos;
    case function::split_part: return split_part;
    case function::starts_with: return starts_with;
    default: return nullptr;
  }
}

} // namespace weir
