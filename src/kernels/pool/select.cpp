#include "kernels/pool/select.h"

#include "kernels/first_usable.h"

namespace monolite::kernels {

#define KERNEL(needs, name)                    \
  void average_q8_##name(const PoolQ8Args&);   \
  void largest_q8_##name(const PoolQ8Args&);   \
  void sum_q8_##name(const SumQ8Args&);        \
  void average_f32_##name(const PoolF32Args&); \
  void largest_f32_##name(const PoolF32Args&);
#include "kernels/pool/kernels.inc"
#undef KERNEL

std::span<const PoolKernel> pool_kernels() {
  static constexpr PoolKernel kTable[] = {
#define KERNEL(needs, name) \
  {needs, "pool_" #name, average_q8_##name, largest_q8_##name, sum_q8_##name, average_f32_##name, largest_f32_##name},
#include "kernels/pool/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const PoolKernel& select_pool(Isa have) { return first_usable(pool_kernels(), have); }

}  // namespace monolite::kernels
