#include "kernels/copy/select.h"

#include "kernels/first_usable.h"

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

const CopyKernel& select_copy(Isa have) { return first_usable(copy_kernels(), have); }

}  // namespace monolite::kernels
