#include "kernels/copy/select.h"

#include <cstdlib>

namespace monolite::kernels {

#define KERNEL(needs, name) void copy_##name(const CopyArgs&);
#include "kernels/copy/kernels.inc"
#undef KERNEL

std::span<const CopyKernel> copy_kernels() {
  static constexpr CopyKernel kTable[] = {
#define KERNEL(needs, name) {needs, "copy_" #name, copy_##name},
#include "kernels/copy/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const CopyKernel& select_copy(Isa have) {
  for (const CopyKernel& k : copy_kernels()) {
    if (covers(have, k.needs)) return k;
  }
  std::abort();  // the list ends with Isa::none
}

}  // namespace monolite::kernels
