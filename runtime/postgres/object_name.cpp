#include "runtime/postgres/object_name.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "runtime/postgres/node_admin.hpp"

namespace weir::postgres {

namespace {

constexpr std::size_t longest_name = 63; // NAMEDATALEN - 1

/// FNV-1a, 32 bits.
std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return plain ? c : '_';
}

} // namespace

std::string object_name(std::string_view text) {
  std::string name;
  for (const char c : text) name += folded(c);
  if (name.size() <= longest_name) return name;
  const std::string suffix = fmt::format("_{:08x}", hash_of(text));
  return name.substr(0, longest_name - suffix.size()) + suffix;
}

std::string slot_name(const std::string& pipeline, const std::string& node) {
  return object_name(fmt::format("weir_{}_{}", pipeline, node));
}

std::string publication_name(const std::string& pipeline) { return object_name("weir_" + pipeline); }

} // namespace weir::postgres
