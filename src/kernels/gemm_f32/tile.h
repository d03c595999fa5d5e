// The kernels' one source. A file for each instruction set includes it with ML_KERNEL_NAME, ML_WIDTH (floats of a
// vector), ML_MOST_VECTORS (of a panel, 2 or 4) and ML_ROWS(vectors) (rows of a tile) defined; everything but the kernel
// itself is static.

#include "kernels/gemm_f32/gemm_f32.h"
#include "kernels/repeat.h"
#include "kernels/vectors.h"

namespace monolite::kernels {
namespace {

template <int kRows, int kVectors>
ALWAYS_INLINE void tile(const PanelF32& panel, const GemmF32Args& args, int64_t row) {
  constexpr int kWidth = kVectors * ML_WIDTH;
  Vector acc[kRows][kVectors];
  repeat<kVectors>(ML_EACH(v) {
    const Vector bias = load(panel.bias + v * ML_WIDTH);
    repeat<kRows>(ML_EACH(r) { acc[r][v] = bias; });
  });
  const float* weights = panel.weights;
  for (int s = 0; s < args.segment_count; ++s) {
    const float* base[(kRows + 2) / 3];
    repeat<(kRows + 2) / 3>(ML_EACH(i) { base[i] = args.segments[s] + (row + 3 * i) * args.row_stride; });
    for (int k = 0; k < args.elements; ++k, weights += kWidth) {
      Vector w[kVectors];
      repeat<kVectors>(ML_EACH(v) { w[v] = load(weights + v * ML_WIDTH); });
      repeat<kRows>(ML_EACH(r) {
        const float a = base[r / 3][r % 3 * args.row_stride + k];
        repeat<kVectors>(ML_EACH(v) { acc[r][v] += a * w[v]; });
      });
    }
  }
  if (args.residual != nullptr) {
    const float* residual = args.residual + row * args.out_stride;
    repeat<kVectors>(ML_EACH(v) {
      const Vector scale = args.residual_scale != nullptr ? load(args.residual_scale + v * ML_WIDTH) : Vector{} + 1.0F;
      repeat<kRows>(ML_EACH(r) { acc[r][v] += load(residual + r * args.out_stride + v * ML_WIDTH) * scale; });
    });
  }
  if (args.scale != nullptr) {
    repeat<kVectors>(ML_EACH(v) {
      const Vector scale = load(args.scale + v * ML_WIDTH);
      repeat<kRows>(ML_EACH(r) { acc[r][v] *= scale; });
    });
  }
  if (args.shift != nullptr) {
    repeat<kVectors>(ML_EACH(v) {
      const Vector shift = load(args.shift + v * ML_WIDTH);
      repeat<kRows>(ML_EACH(r) { acc[r][v] += shift; });
    });
  }
  const Vector least = args.least - Vector{}, most = args.most - Vector{};
  repeat<kRows>(ML_EACH(r) {
    float* out = args.out + (row + r) * args.out_stride;
    repeat<kVectors>(ML_EACH(v) {
      const Vector x = clamped(acc[r][v], least, most);
      const int left = panel.channels - v * ML_WIDTH;
      if (left >= ML_WIDTH) {
        store(x, out + v * ML_WIDTH);
      } else {
        store_first(x, out + v * ML_WIDTH, left);
      }
    });
  });
}

// The last rows are computed together with some before them, once more.
template <int kVectors>
void panel_rows(const PanelF32& panel, const GemmF32Args& args) {
  constexpr int kRows = ML_ROWS(kVectors);
  int64_t row = 0;
  if (args.rows < kRows) {
    for (; row < args.rows; ++row) tile<1, kVectors>(panel, args, row);
    return;
  }
  for (; row + kRows <= args.rows; row += kRows) tile<kRows, kVectors>(panel, args, row);
  if (row < args.rows) tile<kRows, kVectors>(panel, args, args.rows - kRows);
}

}  // namespace

void ML_KERNEL_NAME(const PanelF32& panel, const GemmF32Args& args);

void ML_KERNEL_NAME(const PanelF32& panel, const GemmF32Args& args) {
  switch (panel.vectors) {
    case 1:
      return panel_rows<1>(panel, args);
    case 2:
      return panel_rows<2>(panel, args);
#if ML_MOST_VECTORS == 4
    case 3:
      return panel_rows<3>(panel, args);
    default:
      return panel_rows<4>(panel, args);
#else
    default:
      return;
#endif
  }
}

}  // namespace monolite::kernels
