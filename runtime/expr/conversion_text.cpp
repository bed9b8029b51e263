#include "runtime/expr/cast_kernel.hpp"
#include "runtime/expr/characters.hpp"
#include "runtime/expr/text_frame.hpp"

namespace weir {
namespace {

void boolean_to_text(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) { out.append(integer_of(f.a, i) != 0 ? "true" : "false"); });
}

template <type_id From>
void to_text(const kernel_frame& f) {
  std::string text;
  write_texts(f, [&](std::size_t i, text_sink& out) {
    text.clear();
    write_value(From, f.a, i, text);
    out.append(text);
  });
}

void from_text(const kernel_frame& f) {
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.a.is_null(i)) {
      f.out.append_null();
      continue;
    }
    auto outcome = append_text(f.out, text_of(f.a, i));
    if (outcome) continue;
    f.out.append_null();
    f.fail(i, outcome.error().code, std::move(outcome.error().message));
  }
}

/// An explicit cast cuts in silence.
void fit_varchar(const kernel_frame& f) {
  const auto length = f.out.type.typmod - 4;
  write_texts(f, [&](std::size_t i, text_sink& out) {
    const auto text = text_of(f.a, i);
    out.append(text.substr(0, bytes_of_characters(text, length)));
  });
}

} // namespace

kernel to_text_kernel(type_id from) noexcept {
  switch (from) {
    case type_id::boolean: return boolean_to_text;
    case type_id::int2:
    case type_id::int4:
    case type_id::int8: return to_text<type_id::int8>;
    case type_id::numeric: return to_text<type_id::numeric>;
    case type_id::float4: return to_text<type_id::float4>;
    case type_id::float8: return to_text<type_id::float8>;
    case type_id::date: return to_text<type_id::date>;
    case type_id::timestamp: return to_text<type_id::timestamp>;
    case type_id::time: return to_text<type_id::time>;
    case type_id::interval: return to_text<type_id::interval>;
    default: return nullptr;
  }
}

kernel from_text_kernel(type_id to) noexcept {
  if (is_integer(to) || to == type_id::numeric || to == type_id::boolean || to == type_id::uuid) return from_text;
  return nullptr;
}

kernel modifier_kernel(type_id id) noexcept {
  if (id == type_id::varchar) return fit_varchar;
  return id == type_id::numeric ? fit_numeric_kernel() : nullptr;
}

} // namespace weir
