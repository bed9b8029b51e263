// Coverage-guided fuzzing of the decoder; not part of the build. With clang, from the top of the repository:
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I. tests/fuzz/pgoutput_libfuzzer.cc
//     runtime/pgoutput/*.cpp runtime/base/*.cpp -lfmt -o pgoutput_libfuzzer
//   ./pgoutput_libfuzzer -max_len=4096 corpus/
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "runtime/pgoutput/frame.hpp"
#include "runtime/pgoutput/message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto payload = std::as_bytes(std::span(data, size));
  const auto message = weir::pgoutput::decode(payload);
  if (size > 0 && weir::pgoutput::is_row_tag(payload.front())) {
    // The two ways to a row agree.
    weir::pgoutput::row_change row;
    const auto outcome = weir::pgoutput::decode_row(payload, row);
    if (outcome.has_value() != message.has_value()) std::abort();
    if (outcome && !(std::get<weir::pgoutput::row_change>(*message) == row)) std::abort();
  }
  (void)weir::pgoutput::decode_frame(payload);
  return 0;
}
