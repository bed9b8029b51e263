#include "dsl/text_fault.hpp"

#include <fmt/format.h>

#include "runtime/base/utf8.hpp"

namespace weir::dsl {

std::optional<diagnostic> text_fault(std::uint32_t file, std::string_view text, std::size_t most_bytes) {
  const auto fault = [&](code c, std::size_t at, std::string message, std::string hint) {
    const auto begin = static_cast<std::uint32_t>(at);
    return diagnostic{severity::error, c, span{file, begin, begin + 1}, std::move(message), std::move(hint)};
  };
  if (text.size() > most_bytes)
    return fault(code::file_too_large, 0, "this file is too large",
                 fmt::format("at most {} MiB are read; is it the right one?", most_bytes >> 20));
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    return fault(code::binary_file, nul, "this is no text: it holds a zero byte",
                 "this has to be a text file in UTF-8");
  if (const auto bad = first_invalid_utf8(text); bad != std::string_view::npos)
    return fault(code::not_utf8, bad, fmt::format("byte {} is not valid UTF-8", bad + 1), "save the file as UTF-8");
  return std::nullopt;
}

} // namespace weir::dsl
