#include "runtime/base/letter_cases.hpp"

#include <clocale>
#include <cwctype>
#include <span>

#include "runtime/base/checksum.hpp"
#include "runtime/base/utf8.hpp"

namespace weir {
namespace {

/// No letter of Unicode that has cases is behind it, by far.
constexpr wint_t last_letter = 0x1ffff;

using case_function = wint_t (*)(wint_t, locale_t);

std::string pairs_of_unicode(case_function in_case, char first, char last) {
  std::string pairs;
  const auto unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
  if (unicode == locale_t{}) {
    for (char c = first; c <= last; ++c) pairs.append({c, static_cast<char>(c ^ 0x20)});
    return pairs;
  }
  for (wint_t c = 1; c <= last_letter; ++c) {
    const auto other = in_case(c, unicode);
    if (other == c) continue;
    for (const auto one : {c, other}) pairs += encode_utf8(one).text();
  }
  freelocale(unicode);
  return pairs;
}

} // namespace

letter_cases::mapping::mapping() : pages_(1, page{}) {
  for (std::size_t c = 0; c < ascii; ++c) ascii_[c] = static_cast<char>(c);
}

void letter_cases::mapping::add(std::uint32_t from, std::uint32_t to) {
  auto& at = page_of_[from / page_size];
  if (at == 0) {
    at = static_cast<std::uint16_t>(pages_.size());
    pages_.emplace_back();
  }
  pages_[at][from % page_size] = static_cast<std::int32_t>(to) - static_cast<std::int32_t>(from);
  if (from >= ascii) return;
  ascii_[from] = static_cast<char>(to);
  ascii_stays_ascii_ = ascii_stays_ascii_ && to < ascii;
}

bool letter_cases::mapping::read(std::string of) {
  pairs = std::move(of);
  for (std::string_view left = pairs; !left.empty();) {
    const auto from = decode_utf8(left);
    const auto to = decode_utf8(left.substr(from.size));
    if (from.size == 0 || to.size == 0) return false;
    add(from.number, to.number);
    left.remove_prefix(from.size + to.size);
  }
  return true;
}

void letter_cases::mapping::append(std::string_view text, std::vector<char>& to) const {
  while (!text.empty()) {
    if (ascii_stays_ascii_) {
      std::size_t run = 0;
      while (run < text.size() && static_cast<unsigned char>(text[run]) < ascii) ++run;
      const auto begin = to.size();
      to.resize(begin + run);
      for (std::size_t i = 0; i < run; ++i) to[begin + i] = ascii_[static_cast<unsigned char>(text[i])];
      text.remove_prefix(run);
      if (text.empty()) return;
    }
    const auto character = decode_utf8(text);
    if (character.size == 0) {
      to.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    const auto mapped = encode_utf8(of(character.number));
    to.insert(to.end(), mapped.bytes, mapped.bytes + mapped.size);
    text.remove_prefix(character.size);
  }
}

std::shared_ptr<const letter_cases> letter_cases::read(std::string lower, std::string upper) {
  auto made = std::make_shared<letter_cases>();
  if (!made->lower_.read(std::move(lower)) || !made->upper_.read(std::move(upper))) return nullptr;
  return made;
}

std::shared_ptr<const letter_cases> letter_cases::of_unicode() {
  static const auto made = read(pairs_of_unicode(&towlower_l, 'A', 'Z'), pairs_of_unicode(&towupper_l, 'a', 'z'));
  return made;
}

bool letter_cases::same(std::string_view a, std::string_view b) const {
  std::vector<char> both;
  append_lower(a, both);
  const auto size = both.size();
  append_lower(b, both);
  const std::string_view lower(both.data(), both.size());
  return lower.substr(0, size) == lower.substr(size);
}

std::uint64_t letter_cases::digest() const noexcept {
  const auto both = lower_.pairs + "|" + upper_.pairs;
  return checksum(std::as_bytes(std::span(both)));
}

} // namespace weir
