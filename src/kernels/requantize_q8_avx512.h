#pragma once
// requantize_q8 for 16 channels at once. Only for files compiled for AVX-512: everything here is static.

#include <immintrin.h>

#include "kernels/repeat.h"
#include "kernels/requantize_q8.h"
#include "kernels/requantize_q8_table.h"

namespace monolite::kernels {

// The 16 results as int32, not yet clamped.
static inline __attribute__((always_inline)) __m512i requantized(__m512i acc, const RequantizeQ8& b) {
  const auto load = [](const void* p) { return _mm512_load_si512(p); };
  const __m512i x = _mm512_sllv_epi32(acc, load(b.left));
  __m512i even = _mm512_mul_epi32(x, load(b.mantissa));
  __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(x, 32), load(b.mantissa_odd));
  const __mmask8 even_negative = _mm512_movepi64_mask(even), odd_negative = _mm512_movepi64_mask(odd);
  even = _mm512_add_epi64(even, load(b.add[0]));
  odd = _mm512_add_epi64(odd, load(b.add[1]));
  even = _mm512_mask_add_epi64(even, even_negative, even, load(b.add_negative[0]));
  odd = _mm512_mask_add_epi64(odd, odd_negative, odd, load(b.add_negative[1]));
  even = _mm512_srav_epi64(even, load(b.shift[0]));
  odd = _mm512_slli_epi64(_mm512_srav_epi64(odd, load(b.shift[1])), 32);
  return _mm512_add_epi32(_mm512_mask_blend_epi32(0xAAAA, even, odd), load(b.zero_point));
}

// What the sums of 16 channels start from.
template <EndingQ8 kEnding>
static inline __attribute__((always_inline)) __m512i start_of(const RequantizeQ8& b) {
  return _mm512_load_si512(has_float_sums(kEnding) ? b.float_start : b.bias);
}

// The 16 estimates: results in the upper halves.
template <EndingQ8 kEnding>
static inline __attribute__((always_inline)) __m512i estimated(__m512i acc, const RequantizeQ8& b) {
  __m512 y;
  if constexpr (has_float_sums(kEnding)) {
    y = _mm512_fmadd_ps(_mm512_castsi512_ps(acc), _mm512_load_ps(b.scale), _mm512_load_ps(b.float_offset));
  } else {
    y = _mm512_fmadd_ps(_mm512_cvtepi32_ps(acc), _mm512_load_ps(b.scale), _mm512_load_ps(b.offset));
  }
  if constexpr (is_bounded(kEnding)) {
    y = _mm512_max_ps(_mm512_min_ps(y, _mm512_set1_ps(kMostEstimate)), _mm512_set1_ps(kLeastEstimate));
  }
  const __m512i q = _mm512_cvtps_epi32(y);
  if constexpr (is_rectified(kEnding)) return q;
  const __mmask16 negative = has_float_sums(kEnding) ? _mm512_cmplt_epi32_mask(acc, _mm512_load_si512(b.float_zero))
                                                     : _mm512_movepi32_mask(acc);
  return _mm512_mask_sub_epi32(q, negative, q, _mm512_load_si512(b.drop));
}

// Clamps and flips of a layer, in vectors. Most layers end at 0 and 255, where packing has clamped already.
struct OutputVectors {
  __m512i least, most, flip;
  bool clamps, flips;
};

static inline OutputVectors output_vectors(const OutputQ8& o) {
  return {_mm512_set1_epi8(static_cast<char>(o.least)), _mm512_set1_epi8(static_cast<char>(o.most)),
          _mm512_set1_epi8(static_cast<char>(o.flip)), o.least != 0 || o.most != 255, o.flip != 0};
}

static inline __attribute__((always_inline)) __m512i finished(__m512i bytes, const OutputVectors& o) {
  return _mm512_xor_si512(_mm512_min_epu8(_mm512_max_epu8(bytes, o.least), o.most), o.flip);
}

// Calls store(finish), where finish(bytes) are the finished bytes. The branch is worth it where a tile has few
// products.
template <bool kFlips, class Store>
static inline __attribute__((always_inline)) void store_finished(const OutputVectors& o, const Store& store) {
  if (o.clamps || o.flips != kFlips) {
    store([&](__m512i bytes) __attribute__((always_inline)) { return finished(bytes, o); });
  } else {
    store([&](__m512i bytes)
              __attribute__((always_inline)) { return kFlips ? _mm512_xor_si512(bytes, o.flip) : bytes; });
  }
}

// Two vectors of results to 16 bits. 128-bit part p has part p of the first vector, then of the second.
template <EndingQ8 kEnding>
static inline __attribute__((always_inline)) __m512i words(__m512i v0, __m512i v1) {
  if constexpr (kEnding == EndingQ8::exact) return _mm512_packs_epi32(v0, v1);
  alignas(64) static constexpr uint16_t kUpper[32] = {1,  3,  5,  7,  33, 35, 37, 39, 9,  11, 13, 15, 41, 43, 45, 47,
                                                      17, 19, 21, 23, 49, 51, 53, 55, 25, 27, 29, 31, 57, 59, 61, 63};
  return _mm512_permutex2var_epi16(v0, _mm512_load_si512(kUpper), v1);
}

// Words of the first two of up to four vectors, and of the others (or any), to bytes, channels in the order of
// packed_lane_order.
template <int kVectors>
static inline __attribute__((always_inline)) __m512i packed_words(__m512i low, __m512i high) {
  const __m512i bytes = _mm512_packus_epi16(low, high);
  if constexpr (kVectors == 4) return bytes;
  // Byte i of vector v lies in part i / 4, behind those of the vectors before.
  alignas(64) static constexpr uint8_t kInOrder[64] = {0, 1, 2,  3,  16, 17, 18, 19, 32, 33, 34, 35, 48, 49, 50, 51,
                                                       4, 5, 6,  7,  20, 21, 22, 23, 36, 37, 38, 39, 52, 53, 54, 55,
                                                       8, 9, 10, 11, 24, 25, 26, 27, 40, 41, 42, 43, 56, 57, 58, 59,
                                                       0, 0, 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0};
  return _mm512_permutexvar_epi8(_mm512_load_si512(kInOrder), bytes);
}

// The same of one to four vectors of results.
template <EndingQ8 kEnding, int kVectors>
static inline __attribute__((always_inline)) __m512i packed(const __m512i* v) {
  const __m512i low = words<kEnding>(v[0], v[kVectors > 1 ? 1 : 0]);
  const __m512i high = kVectors > 2 ? words<kEnding>(v[kVectors > 2 ? 2 : 0], v[kVectors > 3 ? 3 : 0]) : low;
  return packed_words<kVectors>(low, high);
}

// Has any of the estimates of which these are the minima, by 16 bits, a lower half that leaves doubt?
template <EndingQ8 kEnding, int kVectors>
static inline __attribute__((always_inline)) bool has_doubt(const __m512i* least) {
  __m512i all = least[0];
  repeat<kVectors - 1>(ML_EACH(v) { all = _mm512_min_epu16(all, least[v + 1]); });
  return _mm512_mask_cmplt_epu16_mask(0x55555555, all, _mm512_set1_epi16(doubt_of(kEnding))) != 0;
}

// The outputs of some rows of one vector, `step` estimates apart, once more where there is doubt. out_stride apart.
// False where an estimate passed 32 bits, which does not give its accumulator back.
[[maybe_unused]] static __attribute__((noinline, cold)) bool settle_vector(const __m512i* estimates, int rows, int step,
                                                                           int vectors, int vector, EndingQ8 ending,
                                                                           const RequantizeQ8& b,
                                                                           const OutputQ8& output, int channels,
                                                                           uint8_t* out, int64_t out_stride) {
  for (int row = 0; row < rows; ++row) {
    const __m512i estimate = estimates[row * step];
    auto doubts =
        _mm512_cmplt_epu32_mask(_mm512_and_si512(estimate, _mm512_set1_epi32(0xFFFF)), _mm512_set1_epi32(kDoubt));
    if (doubts == 0) continue;
    if (_mm512_cmpeq_epi32_mask(estimate, _mm512_set1_epi32(INT32_MIN)) != 0) return false;
    alignas(64) int32_t q[16];
    _mm512_store_si512(q, estimate);
    for (uint32_t left = doubts; left != 0; left &= left - 1) {
      const int lane = __builtin_ctz(left), channel = packed_lane_order(vectors, vector, lane);
      if (channel >= channels) continue;
      out[row * out_stride + channel] = requantize_q8(accumulator_of(q[lane], ending, b, lane), b, lane, output);
    }
  }
  return true;
}

// The same of rows [row][vector] of estimates.
[[maybe_unused]] static bool settle(const __m512i* estimates, int rows, int vectors, EndingQ8 ending,
                                    const RequantizeQ8* blocks, const OutputQ8& output, int channels, uint8_t* out,
                                    int64_t out_stride) {
  for (int v = 0; v < vectors; ++v) {
    if (!settle_vector(estimates + v, rows, vectors, vectors, v, ending, blocks[v], output, channels, out, out_stride))
      return false;
  }
  return true;
}

}  // namespace monolite::kernels
