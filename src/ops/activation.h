#pragma once
// Fused activations: the clamp that an op ends with.

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/expected.h"
#include "ir/dtype.h"
#include "ops/node_view.h"

namespace monolite::ops {

// The schema's ActivationFunctionType.
enum class Activation : int8_t { none = 0, relu = 1, relu_n1_to_1 = 2, relu6 = 3, tanh = 4, sign_bit = 5 };

template <class T>
struct Range {
  T least, most;
};

// Cuts first at `least`, then at `most`, also where an odd zero point has put `least` above `most`.
template <class T>
T clamp(T value, Range<T> range) {
  return std::min(std::max(value, range.least), range.most);
}

// Is it one that clamps (or none)? TANH and SIGN_BIT are not computed inside of another op, here as in LiteRT.
Expected<void> expect_clamp(const NodeView& n, Activation activation);

// The clamp on real numbers.
Range<float> float_range(Activation activation);

// The clamp on the quantized values of output i: the type's range, cut where the activation cuts.
// A bound is zero_point + round(bound / scale), the division in float32, as LiteRT's kernel_util computes it.
Range<int32_t> quantized_range(const NodeView& n, Activation activation, int output = 0);

// The clamp on plain integers.
template <class T>
Range<T> integer_range(Activation activation) {
  switch (activation) {
    case Activation::relu:
      return {0, std::numeric_limits<T>::max()};
    case Activation::relu_n1_to_1:
      return {-1, 1};
    case Activation::relu6:
      return {0, 6};
    default:
      return {std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()};
  }
}

}  // namespace monolite::ops
