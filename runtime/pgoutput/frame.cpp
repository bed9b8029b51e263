#include "runtime/pgoutput/frame.hpp"

#include <cstring>

#include "runtime/pgoutput/decode_error.hpp"
#include "runtime/pgoutput/wire_reader.hpp"

namespace weir::pgoutput {

namespace {

constexpr std::size_t xlog_data_header = 1 + 3 * sizeof(std::uint64_t);

result<frame> decode_keepalive(std::span<const std::byte> payload, wire_reader in) {
  keepalive k;
  k.end = lsn{in.u64()};
  k.server_time_us = in.i64();
  const auto reply = in.u8();
  if (in.failed()) return truncated("keepalive", payload.size());
  if (in.left() != 0) return trailing_bytes("keepalive", in.left());
  if (reply > 1) return bad_byte(errc::invalid_value, "keepalive's reply flag", reply);
  k.reply_requested = reply == 1;
  return frame{k};
}

} // namespace

result<frame> decode_frame(std::span<const std::byte> payload) {
  wire_reader in(payload);
  const auto tag = in.u8();
  if (in.failed()) return truncated("frame", payload.size());
  if (tag == 'k') return decode_keepalive(payload, in);
  if (tag != 'w') return bad_byte(errc::unknown_tag, "frame tag", tag);
  if (payload.size() < xlog_data_header) return truncated("XLogData", payload.size());
  xlog_data w;
  w.start = lsn{in.u64()};
  w.end = lsn{in.u64()};
  w.server_time_us = in.i64();
  w.payload = payload.subspan(xlog_data_header);
  return frame{w};
}

result<std::span<const std::byte>> take_frame(std::span<const std::byte>& chunk) {
  std::uint32_t size;
  if (chunk.size() < sizeof size) return truncated("frame length", chunk.size());
  std::memcpy(&size, chunk.data(), sizeof size);
  const auto rest = chunk.subspan(sizeof size);
  if (rest.size() < size) return truncated("frame", rest.size());
  chunk = rest.subspan(size);
  return rest.first(size);
}

} // namespace weir::pgoutput
