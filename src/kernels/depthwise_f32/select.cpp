#include "kernels/depthwise_f32/select.h"

#include <cstdlib>

namespace monolite::kernels {

#define KERNEL(needs, name) void depthwise_f32_##name(const DepthwiseF32Args&);
#include "kernels/depthwise_f32/kernels.inc"
#undef KERNEL

std::span<const DepthwiseF32Kernel> depthwise_f32_kernels() {
  static constexpr DepthwiseF32Kernel kTable[] = {
#define KERNEL(needs, name) {needs, "depthwise_f32_" #name, depthwise_f32_##name},
#include "kernels/depthwise_f32/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const DepthwiseF32Kernel& select_depthwise_f32(Isa have) {
  for (const DepthwiseF32Kernel& k : depthwise_f32_kernels()) {
    if (covers(have, k.needs)) return k;
  }
  std::abort();  // the list ends with Isa::none
}

}  // namespace monolite::kernels
