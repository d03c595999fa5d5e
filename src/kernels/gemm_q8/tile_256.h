// The source of the kernels on 256-bit vectors. A file for each instruction set includes it with ML_KERNEL_NAME,
// ML_ROWS (rows of a tile) and a struct Products defined; everything but the kernel itself is static.
//
// Products<kRows> holds the sums of 16 channels for each row of a tile:
//   start()                                           all 0
//   add<kFlip>(rows, row_stride, weights)             one group of 4 elements
//   sum(row, low, high)                               channels 0 to 7, and 8 to 15

#include <immintrin.h>

#include "kernels/gemm_q8/gemm_q8.h"
#include "kernels/repeat.h"

namespace monolite::kernels {
namespace {

// Estimates of 8 channels; kernels/requantize_q8.h tells why they are right where there is no doubt.
ALWAYS_INLINE __m256i estimated(__m256i acc, const RequantizeQ8& b, int first, EndingQ8 ending) {
  __m256 y =
      _mm256_fmadd_ps(_mm256_cvtepi32_ps(acc), _mm256_load_ps(b.scale + first), _mm256_load_ps(b.offset + first));
  if (ending == EndingQ8::estimated_bounded) {
    y = _mm256_max_ps(_mm256_min_ps(y, _mm256_set1_ps(kMostEstimate)), _mm256_set1_ps(kLeastEstimate));
  }
  const __m256i q = _mm256_cvtps_epi32(y);
  if (ending == EndingQ8::estimated_rectified) return q;
  const auto* drop = reinterpret_cast<const __m256i*>(b.drop + first);
  return _mm256_sub_epi32(q, _mm256_and_si256(_mm256_srai_epi32(acc, 31), _mm256_load_si256(drop)));
}

ALWAYS_INLINE bool has_doubt(__m256i q0, __m256i q1) {
  const __m256i lower = _mm256_set1_epi32(0xFFFF), least = _mm256_set1_epi32(kDoubt);
  const __m256i doubt = _mm256_or_si256(_mm256_cmpgt_epi32(least, _mm256_and_si256(q0, lower)),
                                        _mm256_cmpgt_epi32(least, _mm256_and_si256(q1, lower)));
  return _mm256_movemask_epi8(doubt) != 0;
}

// The outputs of 16 channels of one row, of which the first `channels` are there.
ALWAYS_INLINE void finish(__m256i low, __m256i high, const RequantizeQ8& b, EndingQ8 ending, const OutputQ8& output,
                          int channels, uint8_t* out) {
  alignas(32) int32_t acc[kVector];
  const int count = channels < kVector ? channels : kVector;
  const auto one_by_one = [&] {
    _mm256_store_si256(reinterpret_cast<__m256i*>(acc), low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(acc + 8), high);
    for (int i = 0; i < count; ++i) out[i] = requantize_q8(acc[i], b, i, output);
  };
  if (ending == EndingQ8::exact) return one_by_one();
  const __m256i q0 = estimated(low, b, 0, ending), q1 = estimated(high, b, 8, ending);
  if (__builtin_expect(has_doubt(q0, q1), 0)) return one_by_one();
  const __m256i packed = _mm256_packs_epi32(_mm256_srai_epi32(q0, 16), _mm256_srai_epi32(q1, 16));
  const __m256i words = _mm256_permute4x64_epi64(packed, 0xD8);  // in the order of the channels
  __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  bytes = _mm_max_epu8(bytes, _mm_set1_epi8(static_cast<char>(output.least)));
  bytes = _mm_min_epu8(bytes, _mm_set1_epi8(static_cast<char>(output.most)));
  bytes = _mm_xor_si128(bytes, _mm_set1_epi8(static_cast<char>(output.flip)));
  if (count == kVector) return _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
  alignas(16) uint8_t values[kVector];
  _mm_store_si128(reinterpret_cast<__m128i*>(values), bytes);
  for (int i = 0; i < count; ++i) out[i] = values[i];
}

template <int kRows, bool kFlip>
ALWAYS_INLINE void tile(const PanelQ8& panel, const GemmQ8Args& args, int64_t row, int vector) {
  Products<kRows> products;
  products.start();
  const int8_t* weights = panel.weights + 64 * vector;
  const int64_t line = int64_t{64} * panel.vectors;
  for (int s = 0; s < args.segment_count; ++s) {
    const uint8_t* a = args.segments[s] + row * args.row_stride;
    for (int g = 0; g < args.groups; ++g, a += kGroup, weights += line) {
      products.template add<kFlip>(a, args.row_stride, weights);
    }
  }
  for (int e = 0; e < panel.extra_count; ++e, weights += line) {
    const uint8_t* a = args.segments[panel.extra[e].segment] + row * args.row_stride + panel.extra[e].offset;
    products.template add<kFlip>(a, args.row_stride, weights);
  }
  const RequantizeQ8& block = panel.requantize[vector];
  const auto* bias = reinterpret_cast<const __m256i*>(block.bias);
  const __m256i bias_low = _mm256_load_si256(bias), bias_high = _mm256_load_si256(bias + 1);
  repeat<kRows>(ML_EACH(r) {
    __m256i low, high;
    products.sum(r, low, high);
    finish(_mm256_add_epi32(low, bias_low), _mm256_add_epi32(high, bias_high), block, panel.ending, args.output,
           panel.channels - kVector * vector, args.out + (row + r) * args.out_stride + kVector * vector);
  });
}

template <bool kFlip>
void panel_rows(const PanelQ8& panel, const GemmQ8Args& args) {
  constexpr int kRows = ML_ROWS;
  for (int v = 0; v < panel.vectors; ++v) {
    int64_t row = 0;
    for (; row + kRows <= args.rows; row += kRows) tile<kRows, kFlip>(panel, args, row, v);
    for (; row < args.rows; ++row) tile<1, kFlip>(panel, args, row, v);
  }
}

}  // namespace

void ML_KERNEL_NAME(const PanelQ8& panel, const GemmQ8Args& args);

void ML_KERNEL_NAME(const PanelQ8& panel, const GemmQ8Args& args) {
  args.flip != 0 ? panel_rows<true>(panel, args) : panel_rows<false>(panel, args);
}

}  // namespace monolite::kernels
