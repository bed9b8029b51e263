#include "runtime/rows/key_hash.hpp"

#include <cstring>
#include <string_view>

#include "runtime/rows/key_value.hpp"

namespace weir {
namespace {

/// The finaliser of splitmix64 over a running hash: cheap, and every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t hash, std::uint64_t value) noexcept {
  std::uint64_t z = (hash ^ value) + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t mix_bytes(std::uint64_t hash, std::string_view bytes) noexcept {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  hash = mix(hash, left);
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = mix(hash, word);
  }
  if (left == 0) return hash;
  std::uint64_t word = 0;
  std::memcpy(&word, at, left);
  return mix(hash, word);
}

constexpr std::uint64_t null_mark = 0x6e756c6cULL;

/// Mixes `value_of` each row that is not NULL into its hash.
template <class Value>
void mix_column(const column& c, std::size_t first, std::vector<std::uint64_t>& hashes, const Value& value_of) {
  for (std::size_t i = 0; i < hashes.size(); ++i)
    hashes[i] = mix(hashes[i], c.is_null(first + i) ? null_mark : value_of(first + i));
}

std::uint64_t mix_decimal(std::uint64_t hash, const column& c, std::size_t row) {
  const auto key = canonical(c, row);
  const auto low = mix(hash, static_cast<std::uint64_t>(key.coefficient));
  const auto high = mix(low, static_cast<std::uint64_t>(key.coefficient >> 64) ^ key.tag());
  return key.big.empty() ? high : mix_bytes(high, key.big);
}

void mix_citext(const column& c, const letter_cases& cases, std::size_t first, std::vector<std::uint64_t>& hashes) {
  std::vector<char> small;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    small.clear();
    if (!c.is_null(first + i)) cases.append_lower(c.bytes_at(first + i), small);
    hashes[i] = c.is_null(first + i) ? mix(hashes[i], null_mark) : mix_bytes(hashes[i], {small.data(), small.size()});
  }
}

} // namespace

void hash_keys(std::span<const column> keys, std::span<const letter_cases* const> cases, std::size_t first,
               std::size_t last, std::vector<std::uint64_t>& hashes) {
  hashes.assign(last - first, 0);
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const column& c = keys[k];
    if (cases[k] != nullptr) {
      mix_citext(c, *cases[k], first, hashes);
      continue;
    }
    switch (storage_of(c.type.id)) {
      case storage::i64:
        mix_column(c, first, hashes, [&c](std::size_t row) { return static_cast<std::uint64_t>(c.i64[row]) ^ 0x9e37; });
        break;
      case storage::f64:
        mix_column(c, first, hashes, [&c](std::size_t row) { return float_key_bits(c.f64[row]); });
        break;
      case storage::interval:
        mix_column(c, first, hashes,
                   [&c](std::size_t row) { return static_cast<std::uint64_t>(span_of(c.intervals[row])); });
        break;
      case storage::bytes:
        for (std::size_t i = 0; i < hashes.size(); ++i)
          hashes[i] = c.is_null(first + i) ? mix(hashes[i], null_mark) : mix_bytes(hashes[i], c.bytes_at(first + i));
        break;
      case storage::decimal:
        for (std::size_t i = 0; i < hashes.size(); ++i)
          hashes[i] = c.is_null(first + i) ? mix(hashes[i], null_mark) : mix_decimal(hashes[i], c, first + i);
        break;
    }
  }
}

} // namespace weir
