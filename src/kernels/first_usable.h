#pragma once
// How every family of kernels is selected from.

#include <cstdlib>
#include <span>

#include "base/cpu.h"

namespace monolite::kernels {

// The first kernel whose instruction set is there. The list stands best first and ends with one for Isa::none.
template <class Kernel>
const Kernel& first_usable(std::span<const Kernel> kernels, Isa have) {
  for (const Kernel& k : kernels) {
    if (covers(have, k.needs)) return k;
  }
  std::abort();
}

}  // namespace monolite::kernels
