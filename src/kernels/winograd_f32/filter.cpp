#include "kernels/winograd_f32/filter.h"

#include <algorithm>

#include "kernels/first_usable.h"

namespace monolite::kernels {
namespace {

// G times three numbers.
void spread(const double in[3], double out[kWinogradWindow]) {
  constexpr double a = kWinogradA, b = kWinogradB, kPoints[5] = {0, a, -a, b, -b};
  for (int i = 0; i < 5; ++i) {
    double differences = 1;
    for (int k = 0; k < 5; ++k) differences *= k == i ? 1 : kPoints[i] - kPoints[k];
    out[i] = (in[0] + kPoints[i] * (in[1] + kPoints[i] * in[2])) / differences;
  }
  out[5] = in[2];
}

// out[6 * y + x] = (G g G')[y][x]; `at(y, x)` is g.
template <class At>
void spread_window(const At& at, float out[kWinogradProducts]) {
  double columns[3][kWinogradWindow];
  for (int x = 0; x < 3; ++x) {
    const double in[3] = {at(0, x), at(1, x), at(2, x)};
    spread(in, columns[x]);
  }
  for (int y = 0; y < kWinogradWindow; ++y) {
    const double in[3] = {columns[0][y], columns[1][y], columns[2][y]};
    double row[kWinogradWindow];
    spread(in, row);
    for (int x = 0; x < kWinogradWindow; ++x) out[kWinogradWindow * y + x] = static_cast<float>(row[x]);
  }
}

}  // namespace

#define KERNEL(needs, name)                                 \
  void winograd_f32_input_##name(const WinogradInputArgs&); \
  void winograd_f32_output_##name(const WinogradOutputArgs&);
#include "kernels/winograd_f32/kernels.inc"
#undef KERNEL

std::span<const WinogradF32Kernel> winograd_f32_kernels() {
  static constexpr WinogradF32Kernel kTable[] = {
#define KERNEL(needs, name) {needs, "winograd_f32_" #name, winograd_f32_input_##name, winograd_f32_output_##name},
#include "kernels/winograd_f32/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

const WinogradF32Kernel& select_winograd_f32(Isa have) { return first_usable(winograd_f32_kernels(), have); }

std::vector<PackedF32> transform_filter(const GemmF32Kernel& kernel, std::span<const float> weights,
                                        int64_t out_channels, int64_t in_channels) {
  const int64_t filled = (out_channels + kernel.width - 1) / kernel.width * kernel.width;
  const auto each = static_cast<size_t>(filled * in_channels);
  std::vector<float> spread(kWinogradProducts * each);
  for (int64_t out = 0; out < out_channels; ++out) {
    for (int64_t in = 0; in < in_channels; ++in) {
      float products[kWinogradProducts];
      spread_window(
          [&](int y, int x) {
            return double{weights[static_cast<size_t>(((out * 3 + y) * 3 + x) * in_channels + in)]};
          },
          products);
      for (size_t p = 0; p < kWinogradProducts; ++p) {
        spread[p * each + static_cast<size_t>(out * in_channels + in)] = products[p];
      }
    }
  }
  std::vector<PackedF32> packed;
  packed.reserve(kWinogradProducts);
  for (size_t p = 0; p < kWinogradProducts; ++p) {
    packed.emplace_back(kernel, std::span<const float>(spread).subspan(p * each, each), static_cast<int>(filled),
                        in_channels, std::span<const float>());
  }
  return packed;
}

}  // namespace monolite::kernels
