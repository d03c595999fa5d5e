#pragma once
// What RELU, RELU6, RELU_N1_TO_1 and RELU_0_TO_1 share: a clamp, with a change of quantization where there is one.

#include <initializer_list>

#include "ops/activation.h"
#include "ops/node_view.h"

namespace monolite::ops {

// float32 or one of the quantized types `quantized`.
Expected<void> verify_relu(const NodeView& n, std::initializer_list<DType> quantized);

// Clamps to the range, in real numbers; most = infinity leaves the upper end open.
Expected<void> relu_reference(const Evaluation& n, Range<float> range);

}  // namespace monolite::ops
