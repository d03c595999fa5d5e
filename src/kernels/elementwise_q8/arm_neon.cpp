#include <arm_neon.h>

#include "kernels/elementwise_q8/elementwise_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_neon.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

constexpr int kBlock = 16;

// Blocks of 16 elements, the last perhaps not full: f(a, b), bytes to bytes; whatever stands behind the last is 0.
template <class F>
ALWAYS_INLINE void each_block(const uint8_t* a, const uint8_t* b, int64_t count, uint8_t* out, const F& f) {
  int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock) vst1q_u8(out + i, f(vld1q_u8(a + i), vld1q_u8(b + i)));
  if (i == count) return;
  uint8_t last[2][kBlock] = {};
  for (int64_t k = i; k < count; ++k) {
    last[0][k - i] = a[k];
    last[1][k - i] = b[k];
  }
  store_first(f(vld1q_u8(last[0]), vld1q_u8(last[1])), static_cast<int>(count - i), out + i);
}

// The sums of 16 pairs, one by one.
__attribute__((noinline, cold)) uint8x16_t settled(const SumQ8& sum, uint8x16_t a, uint8x16_t b) {
  uint8_t x[kBlock], y[kBlock];
  vst1q_u8(x, a);
  vst1q_u8(y, b);
  for (int i = 0; i < kBlock; ++i) {
    const int32_t terms = sum.a_terms.whole[x[i]] + sum.b_terms.whole[y[i]];
    x[i] = requantize_q8(terms, sum.scale, 0, sum.output);
  }
  return vld1q_u8(x);
}

// Four vectors of the 16 numbers.
struct Numbers {
  float32x4_t of[4];
};

ALWAYS_INLINE Numbers numbers(uint8x16_t bytes) {
  const uint16x8_t low = vmovl_u8(vget_low_u8(bytes)), high = vmovl_high_u8(bytes);
  return {{vcvtq_f32_u32(vmovl_u16(vget_low_u16(low))), vcvtq_f32_u32(vmovl_high_u16(low)),
           vcvtq_f32_u32(vmovl_u16(vget_low_u16(high))), vcvtq_f32_u32(vmovl_high_u16(high))}};
}

// The constants of a product, the same for all of its elements: as TensorFlow Lite's two roundings, which are two
// instructions here.
struct Scale {
  int32x4_t left, mantissa, right;  // shifts to the left, the last one negative or 0
  int32x4_t zero_point;

  explicit Scale(const MulQ8Args& args)
      : left(vdupq_n_s32(args.scale->left[0])),
        mantissa(vdupq_n_s32(args.scale->mantissa[0])),
        right(vdupq_n_s32(static_cast<int32_t>(31 - args.scale->shift[0][0]))),
        zero_point(vdupq_n_s32(args.output.zero_point)) {}

  ALWAYS_INLINE int32x4_t operator()(int32x4_t product) const {
    const int32x4_t first = vqrdmulhq_s32(vshlq_s32(product, left), mantissa);
    // Halves go away from zero: negative ones are put down by one first, if there is a shift.
    const int32x4_t down = vshrq_n_s32(vandq_s32(first, right), 31);
    return vqaddq_s32(vrshlq_s32(vqaddq_s32(first, down), right), zero_point);
  }
};

}  // namespace

void add_q8_portable(const AddQ8Args& args);
void add_q8_neon(const AddQ8Args& args);
void mul_q8_neon(const MulQ8Args& args);
void lookup_q8_neon(const LookupQ8Args& args);

void add_q8_neon(const AddQ8Args& args) {
  const SumEstimateQ8& e = args.sum->estimate;
  if (e.doubt == 0) return add_q8_portable(args);
  const OutputVectors output = output_vectors(args.sum->output);
  const float32x4_t offset = vdupq_n_f32(e.offset);
  each_block(
      args.a, args.b, args.count, args.out, [&](uint8x16_t a, uint8x16_t b) __attribute__((always_inline)) {
        const Numbers x = numbers(veorq_u8(a, output.flip)), y = numbers(veorq_u8(b, output.flip));
        int32x4_t q[4];
        repeat<4>(ML_EACH(i) {
          q[i] = vcvtnq_s32_f32(vfmaq_n_f32(vfmaq_n_f32(offset, x.of[i], e.a_scale), y.of[i], e.b_scale));
        });
        LeastHalves least = no_halves();
        least.add(q);
        if (__builtin_expect(least.is_below(e.doubt), 0)) return settled(*args.sum, a, b);
        return finished(q, output);
      });
}

void mul_q8_neon(const MulQ8Args& args) {
  const Scale scale(args);
  const OutputVectors output = output_vectors(args.output);
  const uint8x16_t flip = vdupq_n_u8(args.flip);
  const int16x8_t a_zero = vdupq_n_s16(static_cast<int16_t>(args.a_zero_point));
  const int16x8_t b_zero = vdupq_n_s16(static_cast<int16_t>(args.b_zero_point));
  each_block(
      args.a, args.b, args.count, args.out, [&](uint8x16_t a, uint8x16_t b) __attribute__((always_inline)) {
        const uint8x16_t x = veorq_u8(a, flip), y = veorq_u8(b, flip);
        const auto results = [&](uint16x8_t m, uint16x8_t n) __attribute__((always_inline)) {
          const int16x8_t u = vsubq_s16(vreinterpretq_s16_u16(m), a_zero);
          const int16x8_t v = vsubq_s16(vreinterpretq_s16_u16(n), b_zero);
          const int32x4_t low = scale(vmull_s16(vget_low_s16(u), vget_low_s16(v)));
          return vqmovn_high_s32(vqmovn_s32(low), scale(vmull_high_s16(u, v)));
        };
        const int16x8_t low = results(vmovl_u8(vget_low_u8(x)), vmovl_u8(vget_low_u8(y)));
        const int16x8_t high = results(vmovl_high_u8(x), vmovl_high_u8(y));
        return clamped(vqmovun_high_s16(vqmovun_s16(low), high), output);
      });
}

void lookup_q8_neon(const LookupQ8Args& args) {
  uint8x16x4_t part[4];
  repeat<4>(ML_EACH(p) { repeat<4>(ML_EACH(i) { part[p].val[i] = vld1q_u8(args.table + 64 * p + 16 * i); }); });
  each_block(
      args.in, args.in, args.count, args.out, [&](uint8x16_t in, uint8x16_t) __attribute__((always_inline)) {
        uint8x16_t found = vqtbl4q_u8(part[0], in);  // 0 beyond a part
        repeat<3>(ML_EACH(p) { found = vqtbx4q_u8(found, part[p + 1], vsubq_u8(in, vdupq_n_u8(64 * (p + 1)))); });
        return found;
      });
}

}  // namespace monolite::kernels
