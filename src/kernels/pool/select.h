#pragma once
// Which kernel of the family to take.

#include <span>

#include "kernels/pool/pool.h"

namespace monolite::kernels {

std::span<const PoolKernel> pool_kernels();  // best first
const PoolKernel& select_pool(Isa have);

}  // namespace monolite::kernels
