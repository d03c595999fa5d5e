#include "kernels/depthwise_f32/select.h"

#include "kernels/first_usable.h"

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

const DepthwiseF32Kernel& select_depthwise_f32(Isa have) { return first_usable(depthwise_f32_kernels(), have); }

}  // namespace monolite::kernels
