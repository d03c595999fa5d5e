#pragma once
// Which kernel of the family to take.

#include <span>

#include "kernels/elementwise_q8/elementwise_q8.h"

namespace monolite::kernels {

std::span<const ElementwiseQ8Kernel> elementwise_q8_kernels();  // best first
const ElementwiseQ8Kernel& select_elementwise_q8(Isa have);

}  // namespace monolite::kernels
