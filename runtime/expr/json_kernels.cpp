#include <algorithm>

#include "runtime/expr/function_kernel.hpp"
#include "runtime/expr/json_compare.hpp"
#include "runtime/expr/json_member.hpp"
#include "runtime/expr/json_path.hpp"
#include "runtime/expr/json_scan.hpp"
#include "runtime/expr/text_frame.hpp"

namespace weir {
namespace {

enum class document : std::uint8_t { json, jsonb };

/// PostgreSQL's answer where a document of type json holds an escape that is no character.
bool fails_by_escape(const kernel_frame& f, std::size_t row, std::string_view text) {
  const auto fault = json_escape_fault(text);
  if (fault == json_fault::none) return false;
  f.fail(row, errc::invalid_value,
         fault == json_fault::surrogate ? "invalid input syntax for type json" : "unsupported Unicode escape sequence");
  return true;
}

/// Calls find(document, row) for what is wanted of each document, and writes it: as text, or as it stands there.
template <document Kind, bool AsText, class Find>
void write_found(const kernel_frame& f, Find find) {
  std::string scratch;
  write_texts(f, [&](std::size_t i, text_sink& out) {
    const auto text = Kind == document::json ? json_trimmed(text_of(f.a, i)) : text_of(f.a, i);
    if (Kind == document::json && fails_by_escape(f, i, text)) return;
    const auto found = find(text, i);
    const auto kind = found ? json_kind_of(*found) : json_kind::null;
    if (!found || (AsText && kind == json_kind::null)) {
      f.out.nulls[i] = 1;
    } else if (AsText && kind == json_kind::string) {
      out.append(json_string_text(found->substr(1, found->size() - 2), scratch));
    } else {
      out.append(*found);
    }
  });
}

template <document Kind>
std::optional<std::string_view> member_of(std::string_view text, const json_key& key) noexcept {
  return Kind == document::jsonb ? jsonb_member(text, key) : json_member(text, key);
}

template <document Kind, bool AsText>
void member(const kernel_frame& f) {
  if (f.b.scalar) {
    const json_key key(text_of(f.b, 0));
    write_found<Kind, AsText>(f, [&](std::string_view text, std::size_t) { return member_of<Kind>(text, key); });
  } else {
    write_found<Kind, AsText>(
        f, [&](std::string_view text, std::size_t i) { return member_of<Kind>(text, json_key(text_of(f.b, i))); });
  }
}

/// A jsonb that is no container is as an array of it.
template <document Kind, bool AsText>
void element(const kernel_frame& f) {
  write_found<Kind, AsText>(f, [&](std::string_view text, std::size_t i) {
    const auto index = integer_of(f.b, i);
    const bool scalar = Kind == document::jsonb && !is_json_container(json_kind_of(text));
    if (scalar) return index == 0 || index == -1 ? std::optional(text) : std::nullopt;
    return json_element(text, index);
  });
}

template <document Kind, bool AsText>
void at_path(const kernel_frame& f) {
  const auto& path = static_cast<const json_path&>(*f.state);
  if (!path.leads()) {
    for (std::size_t i = 0; i < f.rows; ++i) f.out.append_null();
    return;
  }
  write_found<Kind, AsText>(f, [&](std::string_view text, std::size_t) {
    return Kind == document::jsonb ? path.follow_jsonb(text) : path.follow(text);
  });
}

/// Is it a key of the object, or a string of the array?
bool has_key(std::string_view text, std::string_view key) noexcept {
  const auto is_key = [&](std::string_view value) {
    return value.starts_with('"') && json_string_is(value.substr(1, value.size() - 2), key);
  };
  if (text.starts_with('{')) return jsonb_member(text, json_key(key)).has_value();
  if (!text.starts_with('[')) return is_key(text);
  for (json_walk walk(text); walk.next();)
    if (is_key(walk.value())) return true;
  return false;
}

void has_one(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) { return has_key(text_of(f.a, i), text_of(f.b, i)); });
}

template <bool All>
void has_keys(const kernel_frame& f) {
  const auto& keys = static_cast<const json_keys&>(*f.state).keys;
  write_integers(f, [&](std::size_t i) {
    const auto text = text_of(f.a, i);
    const auto found = [&](const std::string& key) { return has_key(text, key); };
    return All ? std::all_of(keys.begin(), keys.end(), found) : std::any_of(keys.begin(), keys.end(), found);
  });
}

void contains_each(const kernel_frame& f, const operand& whole, const operand& part) {
  json_part sought;
  if (part.scalar) sought.read(text_of(part, 0));
  write_integers(f, [&](std::size_t i) {
    if (!part.scalar) sought.read(text_of(part, i));
    const auto answer = sought.is_in(text_of(whole, i));
    if (answer == json_answer::too_deep) f.fail(i, errc::invalid_value, "stack depth limit exceeded");
    return answer == json_answer::yes;
  });
}
void contains(const kernel_frame& f) { contains_each(f, f.a, f.b); }
void contained(const kernel_frame& f) { contains_each(f, f.b, f.a); }

void equal(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) { return same_jsonb(text_of(f.a, i), text_of(f.b, i)); });
}

void kind_name(const kernel_frame& f) {
  write_texts(f, [&](std::size_t i, text_sink& out) {
    out.append(json_kind_name(json_kind_of(json_trimmed(text_of(f.a, i)))));
  });
}

void length(const kernel_frame& f) {
  write_integers(f, [&](std::size_t i) -> std::int64_t {
    const auto text = json_trimmed(text_of(f.a, i));
    const auto kind = json_kind_of(text);
    if (kind == json_kind::array) return json_count(text);
    f.fail(i, errc::invalid_value,
           kind == json_kind::object ? "cannot get array length of a non-array"
                                     : "cannot get array length of a scalar");
    return 0;
  });
}

template <document Kind>
kernel of_document(function f, const data_type& second) noexcept {
  const bool by_key = is_string(second.id);
  if (!by_key && !is_integer(second.id) && f <= function::json_field_text) return nullptr;
  switch (f) {
    case function::json_field: return by_key ? member<Kind, false> : element<Kind, false>;
    case function::json_field_text: return by_key ? member<Kind, true> : element<Kind, true>;
    case function::json_path: return at_path<Kind, false>;
    case function::json_path_text: return at_path<Kind, true>;
    default: return nullptr;
  }
}

} // namespace

kernel json_function_kernel(function f, const std::vector<data_type>& types) {
  const bool jsonb = is_jsonb(types.front());
  if (!jsonb && !is_json(types.front())) return nullptr;
  if (types.size() == 1) {
    if (f == (jsonb ? function::jsonb_typeof : function::json_typeof)) return kind_name;
    return f == (jsonb ? function::jsonb_array_length : function::json_array_length) ? length : nullptr;
  }
  if (types.size() != 2) return nullptr;
  if (f <= function::json_path_text)
    return jsonb ? of_document<document::jsonb>(f, types[1]) : of_document<document::json>(f, types[1]);
  if (!jsonb) return nullptr;
  switch (f) {
    case function::json_has_key: return is_string(types[1].id) ? has_one : nullptr;
    case function::json_has_any: return has_keys<false>;
    case function::json_has_all: return has_keys<true>;
    case function::json_contains: return is_jsonb(types[1]) ? contains : nullptr;
    case function::json_contained: return is_jsonb(types[1]) ? contained : nullptr;
    case function::json_equal: return is_jsonb(types[1]) ? equal : nullptr;
    default: return nullptr;
  }
}

} // namespace weir
