#pragma once
// requantize_q8 for 16 channels at once, on NEON. Only for files compiled for aarch64: everything here is static.

#include <arm_neon.h>

#include "kernels/repeat.h"
#include "kernels/requantize_q8.h"

namespace monolite::kernels {

// The accumulators of 16 channels, four a vector.
struct Sums16 {
  int32x4_t of[4];
};

template <EndingQ8 kEnding>
struct Ending {
  static constexpr EndingQ8 value = kEnding;
};

// Calls f(Ending<e>()) for as many kinds of endings as are worth code of their own; each serves what it stands for and
// less.
template <class F>
static inline __attribute__((always_inline)) void with_ending(EndingQ8 ending, const F& f) {
  switch (ending) {
    case EndingQ8::exact:
      return f(Ending<EndingQ8::exact>());
    case EndingQ8::estimated:
    case EndingQ8::estimated_rectified:
      return f(Ending<EndingQ8::estimated>());
    case EndingQ8::estimated_bounded:  // settled where there is wide doubt: at more places than needed
    case EndingQ8::estimated_widely:
      return f(Ending<EndingQ8::estimated_widely>());
    case EndingQ8::floating:
      return f(Ending<EndingQ8::floating>());
    case EndingQ8::floating_rectified:
    case EndingQ8::certain_rectified:
      return f(Ending<EndingQ8::floating_rectified>());
  }
}

// Sums as dot products make them: each whole.
template <int kCount>
struct WholeSums {
  Sums16 sums[kCount];

  __attribute__((always_inline)) void start(const Sums16& first) {
    repeat<kCount>(ML_EACH(s) { repeat<4>(ML_EACH(i) { sums[s].of[i] = first.of[i]; }); });
  }
  __attribute__((always_inline)) void finish() {}
};

// Sums as products of bytes make them, whose pairs are added up: two of each until the end.
template <int kCount>
struct PairedSums {
  Sums16 sums[kCount];
  int32x4_t acc[kCount][8];  // two sums each of 2 channels

  __attribute__((always_inline)) void start(const Sums16& first) {
    const int32x4_t zero = vdupq_n_s32(0);
    repeat<kCount>(ML_EACH(s) {
      repeat<4>(ML_EACH(i) {
        acc[s][2 * i] = vzip1q_s32(first.of[i], zero);
        acc[s][2 * i + 1] = vzip2q_s32(first.of[i], zero);
      });
    });
  }
  // Channels 4i to 4i + 3, from products of their halves.
  __attribute__((always_inline)) void add_pairs(int s, int i, int16x8_t low, int16x8_t high) {
    acc[s][2 * i] = vpadalq_s16(acc[s][2 * i], low);
    acc[s][2 * i + 1] = vpadalq_s16(acc[s][2 * i + 1], high);
  }
  __attribute__((always_inline)) void finish() {
    repeat<kCount>(
        ML_EACH(s) { repeat<4>(ML_EACH(i) { sums[s].of[i] = vpaddq_s32(acc[s][2 * i], acc[s][2 * i + 1]); }); });
  }
};

// What the sums of channels 4i to 4i + 3 start from.
template <EndingQ8 kEnding>
static inline __attribute__((always_inline)) int32x4_t start_of(const RequantizeQ8& b, int i) {
  return vld1q_s32((has_float_sums(kEnding) ? b.float_start : b.bias) + 4 * i);
}

// Their estimates; kernels/requantize_q8.h tells why they are right where there is no doubt.
template <EndingQ8 kEnding>
static inline __attribute__((always_inline)) int32x4_t estimated(int32x4_t acc, const RequantizeQ8& b, int i) {
  constexpr bool kFloats = has_float_sums(kEnding);
  float32x4_t y = vfmaq_f32(vld1q_f32((kFloats ? b.float_offset : b.offset) + 4 * i),
                            kFloats ? vreinterpretq_f32_s32(acc) : vcvtq_f32_s32(acc), vld1q_f32(b.scale + 4 * i));
  if constexpr (is_bounded(kEnding)) {
    y = vmaxq_f32(vminq_f32(y, vdupq_n_f32(kMostEstimate)), vdupq_n_f32(kLeastEstimate));
  }
  const int32x4_t q = vcvtnq_s32_f32(y);
  if constexpr (is_rectified(kEnding)) return q;
  const int32x4_t negative =
      kFloats ? vreinterpretq_s32_u32(vcltq_s32(acc, vld1q_s32(b.float_zero + 4 * i))) : vshrq_n_s32(acc, 31);
  return vsubq_s32(q, vandq_s32(negative, vld1q_s32(b.drop + 4 * i)));
}

// The least lower halves of estimates.
struct LeastHalves {
  uint16x8_t least;
  __attribute__((always_inline)) void add(const int32x4_t (&q)[4]) {
    repeat<2>(ML_EACH(i) {
      const uint16x8_t lower = vuzp1q_u16(vreinterpretq_u16_s32(q[2 * i]), vreinterpretq_u16_s32(q[2 * i + 1]));
      least = vminq_u16(least, lower);
    });
  }
  __attribute__((always_inline)) bool is_below(int doubt) const { return vminvq_u16(least) < doubt; }
};

static inline __attribute__((always_inline)) LeastHalves no_halves() { return {vdupq_n_u16(0xFFFF)}; }

// Clamps and flips of a layer, in vectors.
struct OutputVectors {
  uint8x16_t least, most, flip;
};

static inline __attribute__((always_inline)) OutputVectors output_vectors(const OutputQ8& o) {
  return {vdupq_n_u8(o.least), vdupq_n_u8(o.most), vdupq_n_u8(o.flip)};
}

static inline __attribute__((always_inline)) uint8x16_t clamped(uint8x16_t bytes, const OutputVectors& o) {
  return veorq_u8(vminq_u8(vmaxq_u8(bytes, o.least), o.most), o.flip);
}

// Estimates to bytes.
static inline __attribute__((always_inline)) uint8x16_t finished(const int32x4_t (&q)[4], const OutputVectors& o) {
  const int16x8_t low = vuzp2q_s16(vreinterpretq_s16_s32(q[0]), vreinterpretq_s16_s32(q[1]));
  const int16x8_t high = vuzp2q_s16(vreinterpretq_s16_s32(q[2]), vreinterpretq_s16_s32(q[3]));
  return clamped(vqmovun_high_s16(vqmovun_s16(low), high), o);
}

static inline __attribute__((always_inline)) void store_first(uint8x16_t bytes, int count, uint8_t* out) {
  if (count >= 16) return vst1q_u8(out, bytes);
  uint8_t values[16];
  vst1q_u8(values, bytes);
  for (int i = 0; i < count; ++i) out[i] = values[i];
}

// Some rows of up to 16 channels one by one, as the definition says; float sums are read back.
[[maybe_unused]] static __attribute__((noinline, cold)) void settle(const Sums16* sums, int rows, bool has_floats,
                                                                    const RequantizeQ8& b, const OutputQ8& output,
                                                                    int channels, uint8_t* out, int64_t out_stride) {
  const int count = channels < 16 ? channels : 16;
  for (int row = 0; row < rows; ++row) {
    int32_t acc[16];
    repeat<4>(ML_EACH(i) { vst1q_s32(acc + 4 * i, sums[row].of[i]); });
    for (int i = 0; i < count; ++i) {
      const auto whole =
          static_cast<int32_t>(static_cast<uint32_t>(acc[i]) - static_cast<uint32_t>(has_floats ? b.float_zero[i] : 0));
      out[row * out_stride + i] = requantize_q8(whole, b, i, output);
    }
  }
}

// The outputs of some rows of 16 channels of which the first `channels` are there.
template <EndingQ8 kEnding, int kRows>
static inline __attribute__((always_inline)) void finish(const Sums16 (&sums)[kRows], const RequantizeQ8& b,
                                                         const OutputQ8& output, const OutputVectors& vectors,
                                                         int channels, uint8_t* out, int64_t out_stride) {
  LeastHalves least = no_halves();
  if constexpr (kEnding != EndingQ8::exact) {
    repeat<kRows>(ML_EACH(r) {
      int32x4_t q[4];
      repeat<4>(ML_EACH(i) { q[i] = estimated<kEnding>(sums[r].of[i], b, i); });
      least.add(q);
      store_first(finished(q, vectors), channels, out + r * out_stride);
    });
    if (__builtin_expect(!least.is_below(doubt_of(kEnding)), 1)) return;
  }
  Sums16 again[kRows];
  repeat<kRows>(ML_EACH(r) { repeat<4>(ML_EACH(i) { again[r].of[i] = sums[r].of[i]; }); });
  settle(again, kRows, has_float_sums(kEnding), b, output, channels, out, out_stride);
}

}  // namespace monolite::kernels
