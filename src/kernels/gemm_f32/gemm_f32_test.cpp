#include "kernels/gemm_f32/gemm_f32.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kernels/gemm_f32/packed_f32.h"

namespace monolite::kernels {
namespace {

void expect_near_formula(const GemmF32Kernel& kernel, int rows, int channels, int segments, int elements) {
  std::mt19937 random(static_cast<uint32_t>(rows * 100 + channels));
  const auto real = [&] { return std::uniform_real_distribution<float>(-1, 1)(random); };
  const int64_t stride = elements + 3;
  std::vector<float> a(static_cast<size_t>(rows * stride * segments + 16)),
      w(static_cast<size_t>(channels * segments * elements)), bias(static_cast<size_t>(channels)),
      out(static_cast<size_t>(rows * channels + 16), 77.0f);
  for (auto* v : {&a, &w, &bias}) {
    for (float& x : *v) x = real();
  }
  const PackedF32 packed(kernel, w, channels, segments * elements, bias);
  std::vector<const float*> starts;
  for (int s = 0; s < segments; ++s) starts.push_back(a.data() + s * stride * rows);
  for (const PanelF32& panel : packed.panels()) {
    kernel.run(panel,
               {starts.data(), segments, elements, stride, rows, out.data() + panel.first_channel, channels, -3, 2});
  }
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < channels; ++c) {
      double sum = bias[static_cast<size_t>(c)];
      for (int s = 0; s < segments; ++s) {
        for (int k = 0; k < elements; ++k) {
          sum += double{starts[static_cast<size_t>(s)][r * stride + k]} *
                 double{w[static_cast<size_t>((c * segments + s) * elements + k)]};
        }
      }
      ASSERT_NEAR(out[static_cast<size_t>(r * channels + c)], std::min(std::max(sum, -3.0), 2.0), 1e-4) << kernel.name;
    }
  }
  for (size_t i = out.size() - 16; i < out.size(); ++i) EXPECT_EQ(out[i], 77.0f) << "written behind the end";
}

TEST(GemmF32, IsNearTheFormulaAroundTheTiles) {
  for (const GemmF32Kernel& kernel : gemm_f32_kernels()) {
    if (!covers(usable_isa(), kernel.needs)) continue;
    for (const int rows : {1, 5, 6, 7, 8, 12, 13}) {
      for (const int channels : {1, 3, 4, 5, 8, 15, 16, 17, 32, 50, 64, 65, 100}) {
        expect_near_formula(kernel, rows, channels, 1, 9);
        expect_near_formula(kernel, rows, channels, 3, 5);
      }
    }
  }
}

}  // namespace
}  // namespace monolite::kernels
