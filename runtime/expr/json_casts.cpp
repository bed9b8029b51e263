#include <fmt/format.h>

#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/json_scan.hpp"

namespace weir {
namespace {

void refuse(const kernel_frame& f, std::size_t row, json_kind kind, type_id to) {
  const auto* name = kind == json_kind::number ? "numeric" : json_kind_name(kind);
  f.fail(row, errc::invalid_value, fmt::format("cannot cast jsonb {} to type {}", name, to_sql(data_type{to})));
}

std::string_view text_at(const kernel_frame& f, std::size_t row) { return f.a.values->bytes_at(f.a.at(row)); }

/// By way of numeric, which the number is in the document.
template <type_id To>
void to_number(const kernel_frame& f) {
  column numbers({type_id::numeric});
  for (std::size_t i = 0; i < f.rows; ++i)
    if (f.a.is_null(i) || json_kind_of(text_at(f, i)) != json_kind::number || !append_text(numbers, text_at(f, i)))
      numbers.append_null();
  if constexpr (To == type_id::numeric) {
    auto type = f.out.type;
    f.out = std::move(numbers);
    f.out.type = std::move(type);
  } else {
    cast_kernel(type_id::numeric, To)({{&numbers, false}, {}, {}, f.rows, f.out, f.errors});
  }
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.a.is_null(i)) continue;
    if (const auto kind = json_kind_of(text_at(f, i)); kind != json_kind::number) refuse(f, i, kind, To);
  }
}

void to_boolean(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] != 0) continue;
    const auto kind = json_kind_of(text_at(f, i));
    f.out.i64[i] = text_at(f, i).starts_with('t') ? 1 : 0;
    if (kind != json_kind::boolean) refuse(f, i, kind, type_id::boolean);
  }
}

} // namespace

kernel jsonb_cast_kernel(type_id to) noexcept {
  switch (to) {
    case type_id::boolean: return to_boolean;
    case type_id::int2: return to_number<type_id::int2>;
    case type_id::int4: return to_number<type_id::int4>;
    case type_id::int8: return to_number<type_id::int8>;
    case type_id::numeric: return to_number<type_id::numeric>;
    case type_id::float4: return to_number<type_id::float4>;
    case type_id::float8: return to_number<type_id::float8>;
    default: return nullptr;
  }
}

} // namespace weir
