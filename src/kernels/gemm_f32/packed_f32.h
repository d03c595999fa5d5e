#pragma once
// Which kernel of the family to take, and a layer's weights packed for it.

#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "kernels/gemm_f32/gemm_f32.h"

namespace monolite::kernels {

std::span<const GemmF32Kernel> gemm_f32_kernels();  // best first
const GemmF32Kernel& select_gemm_f32(Isa have);

class PackedF32 {
 public:
  // weights [channels][elements of a row]; bias is empty or one a channel.
  PackedF32(const GemmF32Kernel& kernel, std::span<const float> weights, int channels, int64_t row,
            std::span<const float> bias);

  const std::vector<PanelF32>& panels() const { return panels_; }

 private:
  struct alignas(64) Line {
    float values[16];
  };
  std::vector<PanelF32> panels_;
  std::vector<Line> lines_;
};

}  // namespace monolite::kernels
