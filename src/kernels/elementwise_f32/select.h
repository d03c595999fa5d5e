#pragma once
// Which kernel of the family to take.

#include <span>

#include "kernels/elementwise_f32/elementwise_f32.h"

namespace monolite::kernels {

std::span<const ElementwiseF32Kernel> elementwise_f32_kernels();  // best first
const ElementwiseF32Kernel& select_elementwise_f32(Isa have);

}  // namespace monolite::kernels
