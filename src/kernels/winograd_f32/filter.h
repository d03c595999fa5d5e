#pragma once
// Which kernel of the family to take, and a layer's filter packed for it.

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/gemm_f32/packed_f32.h"
#include "kernels/winograd_f32/winograd_f32.h"

namespace monolite::kernels {

std::span<const WinogradF32Kernel> winograd_f32_kernels();  // best first
const WinogradF32Kernel& select_winograd_f32(Isa have);

// The weights of the 36 products: transformed in double precision, rounded once. Output channels are filled up to whole
// vectors with ones that are 0.
//
//   weights  [out_channels][3][3][in_channels]
std::vector<PackedF32> transform_filter(const GemmF32Kernel& kernel, std::span<const float> weights,
                                        int64_t out_channels, int64_t in_channels);

}  // namespace monolite::kernels
