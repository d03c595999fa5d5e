#pragma once
// Which kernel of the family to take.

#include <span>

#include "kernels/resize_bilinear/resize_bilinear.h"

namespace monolite::kernels {

std::span<const ResizeBilinearKernel> resize_bilinear_kernels();  // best first
const ResizeBilinearKernel& select_resize_bilinear(Isa have);

}  // namespace monolite::kernels
