#include "kernels/elementwise_f32/select.h"

#include "kernels/first_usable.h"

namespace monolite::kernels {

#define KERNEL(needs, name)                             \
  void add_f32_##name(const BinaryF32Args&);            \
  void sub_f32_##name(const BinaryF32Args&);            \
  void mul_f32_##name(const BinaryF32Args&);            \
  void div_f32_##name(const BinaryF32Args&);            \
  void minimum_f32_##name(const BinaryF32Args&);        \
  void maximum_f32_##name(const BinaryF32Args&);        \
  void clamp_f32_##name(const UnaryF32Args&);           \
  void hard_swish_f32_##name(const UnaryF32Args&);      \
  void logistic_f32_##name(const UnaryF32Args&);        \
  void quantize_f32_##name(const QuantizeF32Args&);     \
  void dequantize_f32_##name(const DequantizeF32Args&); \
  void softmax_f32_##name(const SoftmaxF32Args&);       \
  void arg_max_f32_##name(const ArgMaxF32Args&);
#include "kernels/elementwise_f32/kernels.inc"
#undef KERNEL

std::span<const ElementwiseF32Kernel> elementwise_f32_kernels() {
  static constexpr ElementwiseF32Kernel kTable[] = {
#define KERNEL(needs, name)  \
  {needs,                    \
   "elementwise_f32_" #name, \
   add_f32_##name,           \
   sub_f32_##name,           \
   mul_f32_##name,           \
   div_f32_##name,           \
   minimum_f32_##name,       \
   maximum_f32_##name,       \
   clamp_f32_##name,         \
   hard_swish_f32_##name,    \
   logistic_f32_##name,      \
   quantize_f32_##name,      \
   dequantize_f32_##name,    \
   softmax_f32_##name,       \
   arg_max_f32_##name},
#include "kernels/elementwise_f32/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const ElementwiseF32Kernel& select_elementwise_f32(Isa have) { return first_usable(elementwise_f32_kernels(), have); }

}  // namespace monolite::kernels
