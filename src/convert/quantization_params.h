#pragma once
// From a range of real numbers to scale and zero point, as toco and TensorFlow's FakeQuant kernels choose them.
// Source: LiteRT's kernels/internal/quantization_util.h, ChooseQuantizationParams.

#include <cstdint>

#include "convert/lowering.h"

namespace monolite::conversion {

struct ScaleAndZero {
  double scale = 0;
  int32_t zero_point = 0;
};

// The quantized values of a type.
struct QuantizedType {
  int32_t least, most;
};
inline constexpr QuantizedType kUint8{0, 255}, kInt8{-128, 127};

// `range` contains 0. The zero point is the nearest integer to where 0 falls, by the end of the range whose error is
// less. A narrow range leaves the least value out. An empty range gives scale 0.
ScaleAndZero scale_and_zero(const TrainedRange& range, QuantizedType type);

// Of a float constant's values, and of 0; never empty.
TrainedRange range_of_values(const Tensor& constant);

}  // namespace monolite::conversion
