#include "runtime/expr/array_text.hpp"
#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/json_path.hpp"
#include "runtime/expr/regex.hpp"
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

} // namespace

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
