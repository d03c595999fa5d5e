// The kernels' one source. A file for each instruction set includes it with ML_KERNEL_NAME(function) and ML_WIDTH
// (32-bit numbers of a vector) defined; everything but the kernels themselves is static.

#include <cstring>

#include "kernels/pool/pool.h"
#include "kernels/repeat.h"
#include "kernels/vectors.h"

namespace monolite::kernels {
namespace {

constexpr float kLowest = -3.402823466e+38F;  // of all finite ones
constexpr int kVectors = 4;                   // side by side: chains of additions that do not wait for each other

// Calls body(first channel, how many, vectors) for all channels: by kVectors vectors, by one, and what is left of one.
template <class Body>
ALWAYS_INLINE void each_block(int64_t channels, const Body& body) {
  int64_t c = 0;
  for (; c + kVectors * ML_WIDTH <= channels; c += kVectors * ML_WIDTH) body.template operator()<kVectors>(c, ML_WIDTH);
  for (; c < channels; c += ML_WIDTH) body.template operator()<1>(c, channels - c < ML_WIDTH ? channels - c : ML_WIDTH);
}

// Folds the pixels of the window into `total`, kCount vectors of it. The last vector of a row of channels may have
// fewer elements, `width`: what is behind them is not read.
template <int kCount, class V, class In, class T, class Total, class Add>
ALWAYS_INLINE void fold(const WindowArgs<T>& w, int64_t channel, int64_t width, Total (&total)[kCount],
                        const Add& add) {
  for (int64_t y = 0; y < w.rows; ++y) {
    const T* pixel = w.in + y * w.row_stride + channel;
    for (int64_t x = 0; x < w.columns; ++x, pixel += w.pixel_stride) {
      if (width == ML_WIDTH) {
        repeat<kCount>(ML_EACH(i) { total[i] = add(total[i], load<In>(pixel + i * ML_WIDTH)); });
      } else {
        In part{};
        std::memcpy(&part, pixel, static_cast<size_t>(width) * sizeof(T));
        total[0] = add(total[0], part);
      }
    }
  }
}

template <class V, class T>
ALWAYS_INLINE void store(const V& v, T* p, int64_t width) {
  if (width == ML_WIDTH) return store(v, p);
  std::memcpy(p, &v, static_cast<size_t>(width) * sizeof(T));
}

ALWAYS_INLINE Bytes spread(uint8_t value) { return value - Bytes{}; }

// Sums of bytes as the type has them.
template <int kCount>
ALWAYS_INLINE void sums_of(const WindowArgs<uint8_t>& w, uint8_t flip, int64_t channel, int64_t width,
                           Whole (&sums)[kCount]) {
  const Bytes flips = spread(flip);
  const int32_t start = flip != 0 ? static_cast<int32_t>(-128 * w.rows * w.columns) : 0;
  repeat<kCount>(ML_EACH(i) { sums[i] = start - Whole{}; });
  fold<kCount, Whole, Bytes>(
      w, channel, width, sums, [&](const Whole& sum, const Bytes& pixel) __attribute__((always_inline)) {
        return sum + __builtin_convertvector(pixel ^ flips, Whole);
      });
}

// sum / count, rounded to the nearest, halves away from zero. The product with the reciprocal is one off at most, as
// quotients have 9 bits.
ALWAYS_INLINE Whole divided(const Whole& sum, int32_t count, float reciprocal) {
  const Whole sign = sum >> 31;
  const Whole dividend = ((sum ^ sign) - sign) + count / 2;
  Whole quotient = __builtin_convertvector(__builtin_convertvector(dividend, Vector) * reciprocal, Whole);
  const Whole rest = dividend - quotient * count;
  quotient -= rest >= count;  // a comparison that holds is -1
  quotient += rest < 0;
  return (quotient ^ sign) - sign;
}

}  // namespace

void ML_KERNEL_NAME(average_q8)(const PoolQ8Args& args);
void ML_KERNEL_NAME(largest_q8)(const PoolQ8Args& args);
void ML_KERNEL_NAME(sum_q8)(const SumQ8Args& args);
void ML_KERNEL_NAME(average_f32)(const PoolF32Args& args);
void ML_KERNEL_NAME(largest_f32)(const PoolF32Args& args);

void ML_KERNEL_NAME(average_q8)(const PoolQ8Args& args) {
  const WindowArgs<uint8_t>& w = args.window;
  const auto count = static_cast<int32_t>(w.rows * w.columns);
  const float reciprocal = 1.0F / static_cast<float>(count);
  each_block(
      w.channels, [&]<int kCount>(int64_t c, int64_t width) __attribute__((always_inline)) {
        Whole sums[kCount];
        sums_of<kCount>(w, args.flip, c, width, sums);
        repeat<kCount>(ML_EACH(i) {
          const Whole mean = clamped(divided(sums[i], count, reciprocal), args.least, args.most);
          store(__builtin_convertvector(mean, Bytes), args.out + c + i * ML_WIDTH, width);
        });
      });
}

void ML_KERNEL_NAME(largest_q8)(const PoolQ8Args& args) {
  const WindowArgs<uint8_t>& w = args.window;
  const Bytes flip = spread(args.flip);
  each_block(
      w.channels, [&]<int kCount>(int64_t c, int64_t width) __attribute__((always_inline)) {
        Bytes most[kCount] = {};
        fold<kCount, Bytes, Bytes>(
            w, c, width, most, [&](const Bytes& a, const Bytes& pixel) __attribute__((always_inline)) {
              const Bytes b = pixel ^ flip;
              return a > b ? a : b;
            });
        repeat<kCount>(ML_EACH(i) {
          const int32_t zero = args.flip != 0 ? 128 : 0;
          const Whole value = clamped(__builtin_convertvector(most[i], Whole) - zero, args.least, args.most);
          store(__builtin_convertvector(value, Bytes), args.out + c + i * ML_WIDTH, width);
        });
      });
}

void ML_KERNEL_NAME(sum_q8)(const SumQ8Args& args) {
  const WindowArgs<uint8_t>& w = args.window;
  each_block(
      w.channels, [&]<int kCount>(int64_t c, int64_t width) __attribute__((always_inline)) {
        Whole sums[kCount];
        sums_of<kCount>(w, args.flip, c, width, sums);
        repeat<kCount>(ML_EACH(i) { store(sums[i], args.out + c + i * ML_WIDTH, width); });
      });
}

void ML_KERNEL_NAME(average_f32)(const PoolF32Args& args) {
  const WindowArgs<float>& w = args.window;
  const auto count = static_cast<float>(w.rows * w.columns);
  each_block(
      w.channels, [&]<int kCount>(int64_t c, int64_t width) __attribute__((always_inline)) {
        Vector sums[kCount] = {};
        fold<kCount, Vector, Vector>(
            w, c, width, sums, [](const Vector& a, const Vector& b) __attribute__((always_inline)) { return a + b; });
        repeat<kCount>(
            ML_EACH(i) { store(clamped(sums[i] / count, args.least, args.most), args.out + c + i * ML_WIDTH, width); });
      });
}

void ML_KERNEL_NAME(largest_f32)(const PoolF32Args& args) {
  const WindowArgs<float>& w = args.window;
  each_block(
      w.channels, [&]<int kCount>(int64_t c, int64_t width) __attribute__((always_inline)) {
        Vector most[kCount];
        repeat<kCount>(ML_EACH(i) { most[i] = kLowest - Vector{}; });
        fold<kCount, Vector, Vector>(
            w, c, width, most,
            [](const Vector& a, const Vector& b) __attribute__((always_inline)) { return b > a ? b : a; });
        repeat<kCount>(
            ML_EACH(i) { store(clamped(most[i], args.least, args.most), args.out + c + i * ML_WIDTH, width); });
      });
}

}  // namespace monolite::kernels
