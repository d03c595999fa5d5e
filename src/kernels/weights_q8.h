#pragma once
// 8-bit weights where a model keeps them.

#include <cstddef>
#include <cstdint>
#include <span>

namespace monolite::kernels {

// Weight i is (bytes[i] ^ flip) - zero_point: bytes are seen as unsigned (requantize_q8.h).
struct WeightsQ8 {
  std::span<const uint8_t> bytes;
  uint8_t flip = 0;        // 0x80 where they are int8
  int32_t zero_point = 0;  // of the unsigned ones, in [0, 255]

  int operator[](size_t i) const { return (bytes[i] ^ flip) - zero_point; }
};

}  // namespace monolite::kernels
