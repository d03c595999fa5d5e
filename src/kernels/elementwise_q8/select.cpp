#include "kernels/elementwise_q8/select.h"

#include "kernels/first_usable.h"

namespace monolite::kernels {

#define KERNEL(needs, name)             \
  void add_q8_##name(const AddQ8Args&); \
  void mul_q8_##name(const MulQ8Args&); \
  void lookup_q8_##name(const LookupQ8Args&);
#include "kernels/elementwise_q8/kernels.inc"
#undef KERNEL

std::span<const ElementwiseQ8Kernel> elementwise_q8_kernels() {
  static constexpr ElementwiseQ8Kernel kTable[] = {
#define KERNEL(needs, name) {needs, "elementwise_q8_" #name, add_q8_##name, mul_q8_##name, lookup_q8_##name},
#include "kernels/elementwise_q8/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const ElementwiseQ8Kernel& select_elementwise_q8(Isa have) { return first_usable(elementwise_q8_kernels(), have); }

}  // namespace monolite::kernels
