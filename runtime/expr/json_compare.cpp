#include "runtime/expr/json_compare.hpp"

#include "runtime/expr/json_scan.hpp"

namespace weir {
namespace {

constexpr int max_depth = 2000;

bool is_number_character(char c) noexcept { return (c >= '0' && c <= '9') || c == '-' || c == '.'; }

std::size_t number_end(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && is_number_character(text[at])) ++at;
  return at;
}

/// A number without sign, without zeros before it, and without zeros behind its point.
struct plain_number {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
};

plain_number plain(std::string_view text) noexcept {
  plain_number out;
  out.negative = text.starts_with('-');
  if (out.negative) text.remove_prefix(1);
  while (text.starts_with('0')) text.remove_prefix(1);
  const auto point = text.find('.');
  out.whole = text.substr(0, point);
  if (point != std::string_view::npos) out.fraction = text.substr(point + 1);
  while (out.fraction.ends_with('0')) out.fraction.remove_suffix(1);
  if (out.whole.empty() && out.fraction.empty()) out.negative = false;
  return out;
}

bool same_scalar(std::string_view a, std::string_view b) noexcept {
  const auto kind = json_kind_of(a);
  if (kind != json_kind_of(b)) return false;
  return kind == json_kind::number ? same_number(a, b) : a == b;
}

/// The member of this key; both documents write the same key alike.
bool find_member(std::string_view object, std::string_view key, std::string_view& value) noexcept {
  for (json_walk walk(object); walk.next();) {
    if (walk.key() != key) continue;
    value = walk.value();
    return true;
  }
  return false;
}

json_answer deep(std::string_view whole, std::string_view part, int depth) noexcept;

json_answer holds(std::string_view value, std::string_view wanted, int depth) noexcept {
  const bool container = is_json_container(json_kind_of(wanted));
  if (container != is_json_container(json_kind_of(value))) return json_answer::no;
  if (container) return deep(value, wanted, depth + 1);
  return same_scalar(value, wanted) ? json_answer::yes : json_answer::no;
}

json_answer holds_element(std::string_view array, std::string_view wanted, int depth) noexcept {
  for (json_walk walk(array); walk.next();)
    if (const auto answer = holds(walk.value(), wanted, depth); answer != json_answer::no) return answer;
  return json_answer::no;
}

json_answer deep(std::string_view whole, std::string_view part, int depth) noexcept {
  if (depth > max_depth) return json_answer::too_deep;
  if (json_kind_of(whole) != json_kind_of(part)) return json_answer::no;
  const bool object = part.starts_with('{');
  for (json_walk walk(part); walk.next();) {
    std::string_view value;
    if (object && !find_member(whole, walk.key(), value)) return json_answer::no;
    const auto answer = object ? holds(value, walk.value(), depth) : holds_element(whole, walk.value(), depth);
    if (answer != json_answer::yes) return answer;
  }
  return json_answer::yes;
}

} // namespace

bool same_number(std::string_view a, std::string_view b) noexcept {
  const auto x = plain(a);
  const auto y = plain(b);
  return x.negative == y.negative && x.whole == y.whole && x.fraction == y.fraction;
}

bool same_jsonb(std::string_view a, std::string_view b) noexcept {
  if (a == b) return true;
  std::size_t i = 0;
  std::size_t j = 0;
  bool in_string = false;
  while (i < a.size() && j < b.size()) {
    if (!in_string && is_number_character(a[i]) && is_number_character(b[j])) {
      const auto end_of_a = number_end(a, i);
      const auto end_of_b = number_end(b, j);
      if (!same_number(a.substr(i, end_of_a - i), b.substr(j, end_of_b - j))) return false;
      i = end_of_a;
      j = end_of_b;
      continue;
    }
    if (a[i] != b[j]) return false;
    if (in_string && a[i] == '\\') {
      ++i, ++j;
      if (i == a.size() || j == b.size() || a[i] != b[j]) return false;
    } else if (a[i] == '"') {
      in_string = !in_string;
    }
    ++i, ++j;
  }
  return i == a.size() && j == b.size();
}

/// A scalar as a whole document is as an array of it, but no array is in it.
json_answer contains_jsonb(std::string_view whole, std::string_view part) noexcept {
  const auto kind = json_kind_of(whole);
  const auto wanted = json_kind_of(part);
  if ((kind == json_kind::object) != (wanted == json_kind::object)) return json_answer::no;
  if (is_json_container(kind) && is_json_container(wanted)) return deep(whole, part, 0);
  if (is_json_container(wanted)) return json_answer::no;
  if (is_json_container(kind)) return holds_element(whole, part, 0);
  return same_scalar(whole, part) ? json_answer::yes : json_answer::no;
}

} // namespace weir
