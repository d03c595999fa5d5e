#include "kernels/resize_bilinear/select.h"

#include "kernels/first_usable.h"

namespace monolite::kernels {

#define KERNEL(needs, name)                              \
  void resize_row_u8_##name(const ResizeRowArgs&);       \
  void resize_row_s8_##name(const ResizeRowArgs&);       \
  void resize_row_f32_##name(const ResizeRowArgs&);      \
  void resize_argmax_u8_##name(const ResizeArgmaxArgs&); \
  void resize_argmax_s8_##name(const ResizeArgmaxArgs&); \
  void resize_argmax_f32_##name(const ResizeArgmaxArgs&);
#include "kernels/resize_bilinear/kernels.inc"
#undef KERNEL

std::span<const ResizeBilinearKernel> resize_bilinear_kernels() {
  static constexpr ResizeBilinearKernel kTable[] = {
#define KERNEL(needs, name)  \
  {needs,                    \
   "resize_bilinear_" #name, \
   resize_row_u8_##name,     \
   resize_row_s8_##name,     \
   resize_row_f32_##name,    \
   resize_argmax_u8_##name,  \
   resize_argmax_s8_##name,  \
   resize_argmax_f32_##name},
#include "kernels/resize_bilinear/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const ResizeBilinearKernel& select_resize_bilinear(Isa have) { return first_usable(resize_bilinear_kernels(), have); }

}  // namespace monolite::kernels
