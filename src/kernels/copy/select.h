#pragma once
// Which kernel of the family to take.

#include <span>

#include "kernels/copy/copy.h"

namespace monolite::kernels {

std::span<const CopyKernel> copy_kernels();  // best first
const CopyKernel& select_copy(Isa have);

}  // namespace monolite::kernels
