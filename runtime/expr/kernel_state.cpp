#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "runtime/expr/array_text.hpp"
#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/json_path.hpp"
#include "runtime/expr/regex.hpp"
#include "runtime/expr/text_frame.hpp"
#include "runtime/expr/time_zone.hpp"

namespace weir {
namespace {

void match(const kernel_frame& f) {
  const auto& pattern = static_cast<const regex&>(*f.state);
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i)
    f.out.i64[i] = f.out.nulls[i] == 0 && pattern.matches(f.a.values->bytes_at(f.a.at(i))) ? 1 : 0;
}

struct letters : kernel_state {
  explicit letters(std::shared_ptr<const letter_cases> of) : cases(std::move(of)) {}
  std::shared_ptr<const letter_cases> cases;
};

template <bool Upper>
void change_case(const kernel_frame& f) {
  const auto& cases = *static_cast<const letters&>(*f.state).cases;
  write_texts(f, [&](std::size_t i, text_sink&) {
    if (Upper)
      cases.append_upper(text_of(f.a, i), f.out.arena);
    else
      cases.append_lower(text_of(f.a, i), f.out.arena);
  });
}

struct label_places : kernel_state {
  explicit label_places(const data_type& type) : name(type.name), labels(type.labels) {
    for (std::size_t i = 0; i < labels->size(); ++i) places.emplace((*labels)[i], static_cast<std::int64_t>(i));
  }
  std::string name;
  std::shared_ptr<const std::vector<std::string>> labels;
  std::unordered_map<std::string_view, std::int64_t> places;
};

void find_place(const kernel_frame& f) {
  const auto& known = static_cast<const label_places&>(*f.state);
  write_integers(f, [&](std::size_t i) -> std::int64_t {
    const auto label = text_of(f.a, i);
    const auto found = known.places.find(label);
    if (found != known.places.end()) return found->second;
    f.fail(i, errc::invalid_value,
           fmt::format("\"{}\" is no label that {} had when weir started: where it is among them is not known", label,
                       known.name));
    return 0;
  });
}

} // namespace

kernel case_kernel(function f) noexcept { return f == function::locale_upper ? change_case<true> : change_case<false>; }

kernel label_place_kernel() noexcept { return find_place; }

std::shared_ptr<const kernel_state> state_of(function f, const data_type& type) {
  if (makes_case(f)) return std::make_shared<letters>(type.cases);
  return std::make_shared<label_places>(type);
}

kernel regex_kernel() noexcept { return match; }

result<std::shared_ptr<const kernel_state>> state_of(function f, std::string_view constant) {
  using state = std::shared_ptr<const kernel_state>;
  if (f == function::matches || f == function::matches_folded) {
    WEIR_ASSIGN(auto pattern, regex::make(constant, {f == function::matches_folded, true}));
    return state(std::move(pattern));
  }
  if (f == function::at_zone || f == function::date_trunc) {
    if (constant == "UTC") return state();
    WEIR_ASSIGN(auto zone, time_zone::find(constant));
    return state(std::move(zone));
  }
  WEIR_ASSIGN(const auto elements, read_array(constant));
  if (f == function::json_path || f == function::json_path_text) return state(std::make_shared<json_path>(elements));
  auto keys = std::make_shared<json_keys>();
  for (const auto& element : elements)
    if (element) keys->keys.push_back(*element);
  return state(std::move(keys));
}

} // namespace weir
