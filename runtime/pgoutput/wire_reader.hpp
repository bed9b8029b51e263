#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace weir::pgoutput {

/// Reads big-endian fields off the front of a message. A read past the end yields zeros and marks the reader failed,
/// so that a decoder reads all its fields and asks once.
///
/// Invariant   never reads outside the given bytes; once failed, failed for good.
class wire_reader {
public:
  explicit wire_reader(std::span<const std::byte> bytes) noexcept
      : at_(reinterpret_cast<const char*>(bytes.data())), end_(at_ + bytes.size()) {}

  bool failed() const noexcept { return failed_; }
  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  std::uint8_t u8() noexcept { return number<std::uint8_t>(); }
  std::uint16_t u16() noexcept { return number<std::uint16_t>(); }
  std::uint32_t u32() noexcept { return number<std::uint32_t>(); }
  std::uint64_t u64() noexcept { return number<std::uint64_t>(); }
  std::int32_t i32() noexcept { return static_cast<std::int32_t>(u32()); }
  std::int64_t i64() noexcept { return static_cast<std::int64_t>(u64()); }

  std::string_view bytes(std::size_t size) noexcept {
    if (left() < size) [[unlikely]] {
      fail();
      return {};
    }
    const std::string_view taken(at_, size);
    at_ += size;
    return taken;
  }

  /// Up to the next zero byte, which is taken too.
  std::string_view c_string() noexcept {
    const void* zero = left() == 0 ? nullptr : std::memchr(at_, 0, left());
    if (zero == nullptr) [[unlikely]] {
      fail();
      return {};
    }
    const auto taken = bytes(static_cast<std::size_t>(static_cast<const char*>(zero) - at_));
    ++at_;
    return taken;
  }

private:
  template <class Unsigned>
  Unsigned number() noexcept {
    if (left() < sizeof(Unsigned)) [[unlikely]] {
      fail();
      return 0;
    }
    Unsigned value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    if constexpr (std::endian::native == std::endian::little) {
      if constexpr (sizeof value == 2) value = __builtin_bswap16(value);
      if constexpr (sizeof value == 4) value = __builtin_bswap32(value);
      if constexpr (sizeof value == 8) value = __builtin_bswap64(value);
    }
    return value;
  }

  void fail() noexcept {
    failed_ = true;
    at_ = end_;
  }

  const char* at_;
  const char* end_;
  bool failed_ = false;
};

} // namespace weir::pgoutput
