#include "kernels/elementwise_f32/select.h"

#include <cstdlib>

namespace monolite::kernels {

#define KERNEL(needs, name)                       \
  void add_f32_##name(const BinaryF32Args&);      \
  void sub_f32_##name(const BinaryF32Args&);      \
  void mul_f32_##name(const BinaryF32Args&);      \
  void softmax_f32_##name(const SoftmaxF32Args&); \
  void arg_max_f32_##name(const ArgMaxF32Args&);
#include "kernels/elementwise_f32/kernels.inc"
#undef KERNEL

std::span<const ElementwiseF32Kernel> elementwise_f32_kernels() {
  static constexpr ElementwiseF32Kernel kTable[] = {
#define KERNEL(needs, name)                                                     \
  {needs,          "elementwise_f32_" #name, add_f32_##name,    sub_f32_##name, \
   mul_f32_##name, softmax_f32_##name,       arg_max_f32_##name},
#include "kernels/elementwise_f32/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const ElementwiseF32Kernel& select_elementwise_f32(Isa have) {
  for (const ElementwiseF32Kernel& k : elementwise_f32_kernels()) {
    if (covers(have, k.needs)) return k;
  }
  std::abort();  // the list ends with Isa::none
}

}  // namespace monolite::kernels
