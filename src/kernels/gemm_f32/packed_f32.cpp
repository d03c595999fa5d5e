#include "kernels/gemm_f32/packed_f32.h"

#include <algorithm>

#include "kernels/first_usable.h"
#include "kernels/panels.h"

namespace monolite::kernels {

#define KERNEL(needs, name, width, most) void gemm_f32_##name(const PanelF32&, const GemmF32Args&);
#include "kernels/gemm_f32/kernels.inc"
#undef KERNEL

std::span<const GemmF32Kernel> gemm_f32_kernels() {
  static constexpr GemmF32Kernel kTable[] = {
#define KERNEL(needs, name, width, most) {needs, "gemm_f32_" #name, gemm_f32_##name, width, most},
#include "kernels/gemm_f32/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const GemmF32Kernel& select_gemm_f32(Isa have) { return first_usable(gemm_f32_kernels(), have); }

PackedF32::PackedF32(const GemmF32Kernel& kernel, std::span<const float> weights, int channels, int64_t row,
                     std::span<const float> bias) {
  panels_ = even_panels<PanelF32>(channels, kernel.width, kernel.most_vectors);
  std::vector<int64_t> starts;
  int64_t floats = 0;
  for (const PanelF32& panel : panels_) {
    starts.push_back(floats);
    floats += (int64_t{panel.vectors} * kernel.width * (row + 1) + 15) / 16 * 16;
  }
  lines_.resize(static_cast<size_t>(floats / 16));
  for (size_t p = 0; p < panels_.size(); ++p) {
    PanelF32& panel = panels_[p];
    const int width = panel.vectors * kernel.width;
    float* to = reinterpret_cast<float*>(lines_.data()) + starts[p];
    panel.bias = to;
    panel.weights = to + width;
    for (int c = 0; c < panel.channels; ++c) {
      const auto channel = static_cast<size_t>(panel.first_channel + c);
      to[c] = bias.empty() ? 0 : bias[channel];
      const float* from = weights.data() + static_cast<int64_t>(channel) * row;
      for (int64_t k = 0; k < row; ++k) to[(k + 1) * width + c] = from[k];
    }
  }
}

}  // namespace monolite::kernels
