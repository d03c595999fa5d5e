#pragma once
// Which kernel of the family to take.

#include <span>

#include "kernels/depthwise_f32/depthwise_f32.h"

namespace monolite::kernels {

std::span<const DepthwiseF32Kernel> depthwise_f32_kernels();  // best first
const DepthwiseF32Kernel& select_depthwise_f32(Isa have);

}  // namespace monolite::kernels
