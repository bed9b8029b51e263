#include "runtime/expr/json_compare.hpp"

#include "runtime/expr/json_member.hpp"
#include "runtime/expr/json_scan.hpp"

namespace weir {
namespace {

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

bool same_scalar(std::string_view a, const json_part::value& b) noexcept {
  if (json_kind_of(a) != b.kind) return false;
  return b.kind == json_kind::number ? same_number(a, b.text) : a == b.text;
}

json_answer deep(std::string_view whole, json_part::values part, int depth) noexcept;

json_answer holds(std::string_view value, json_part::values wanted, int depth) noexcept {
  const bool container = is_json_container(wanted.front().kind);
  if (container != is_json_container(json_kind_of(value))) return json_answer::no;
  if (container) return deep(value, wanted, depth + 1);
  return same_scalar(value, wanted.front()) ? json_answer::yes : json_answer::no;
}

json_answer holds_element(std::string_view array, json_part::values wanted, int depth) noexcept {
  for (json_walk walk(array); walk.next();)
    if (const auto answer = holds(walk.value(), wanted, depth); answer != json_answer::no) return answer;
  return json_answer::no;
}

json_answer holds_member(std::string_view object, json_part::values wanted, int depth) noexcept {
  // both documents write the same key alike
  const auto value = jsonb_member_written(object, wanted.front().key);
  return value ? holds(*value, wanted, depth) : json_answer::no;
}

json_answer deep(std::string_view whole, json_part::values part, int depth) noexcept {
  if (depth > json_part::max_depth) return json_answer::too_deep;
  const auto kind = part.front().kind;
  if (json_kind_of(whole) != kind) return json_answer::no;
  for (auto rest = part.subspan(1); !rest.empty();) {
    const auto wanted = rest.first(rest.front().size);
    const auto answer =
        kind == json_kind::object ? holds_member(whole, wanted, depth) : holds_element(whole, wanted, depth);
    if (answer != json_answer::yes) return answer;
    rest = rest.subspan(wanted.size());
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

void json_part::read(std::string_view text) {
  values_.clear();
  append({}, text, 0);
}

void json_part::append(std::string_view key, std::string_view text, int depth) {
  const auto at = values_.size();
  values_.push_back({key, text, json_kind_of(text), 1});
  if (!is_json_container(values_.back().kind) || depth > max_depth) return;
  for (json_walk walk(text); walk.next();) append(walk.key(), walk.value(), depth + 1);
  values_[at].size = values_.size() - at;
}

/// A scalar as a whole document is as an array of it, but no array is in it.
json_answer json_part::is_in(std::string_view whole) const noexcept {
  const auto kind = json_kind_of(whole);
  const auto& part = values_.front();
  if ((kind == json_kind::object) != (part.kind == json_kind::object)) return json_answer::no;
  if (is_json_container(kind) && is_json_container(part.kind)) return deep(whole, values_, 0);
  if (is_json_container(part.kind)) return json_answer::no;
  if (is_json_container(kind)) return holds_element(whole, values_, 0);
  return same_scalar(whole, part) ? json_answer::yes : json_answer::no;
}

} // namespace weir
