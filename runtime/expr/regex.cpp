#include "runtime/expr/regex.hpp"

#include <re2/re2.h>

namespace weir {

struct regex::compiled {
  re2::RE2 pattern;
};

namespace {

re2::RE2::Options quiet_options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  return options;
}

} // namespace

result<std::shared_ptr<const regex>> regex::make(std::string_view pattern, regex_options options) {
  WEIR_ASSIGN(const auto translated, re2_pattern(pattern, options));
  std::unique_ptr<compiled> state(new compiled{re2::RE2(translated, quiet_options())});
  if (!state->pattern.ok())
    return error{errc::unsupported, "a regular expression that repeats too much, or is too long",
                 "split it with and, or"};
  return std::shared_ptr<const regex>(new regex(std::move(state)));
}

regex::regex(std::unique_ptr<compiled> state) : state_(std::move(state)) {}
regex::~regex() = default;

bool regex::matches(std::string_view text) const noexcept {
  return state_->pattern.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

} // namespace weir
