// The kernels' one source. A file for each instruction set includes it with ML_KERNEL_NAME(function) and ML_WIDTH
// (floats of a vector) defined; everything but the kernels themselves is static.

#include <cstring>

#include "kernels/repeat.h"
#include "kernels/vectors.h"
#include "kernels/winograd_f32/winograd_f32.h"

namespace monolite::kernels {
namespace {

// `count` floats, at most a vector's.
ALWAYS_INLINE Vector load(const float* p, int64_t count) {
  return count == ML_WIDTH ? load(p) : load_first(p, count, 0);
}

ALWAYS_INLINE void store(const Vector& v, float* p, int64_t count) {
  if (count == ML_WIDTH) return store(v, p);
  float values[ML_WIDTH];
  store(v, values);
  const float* from = values;
  repeat<4>(ML_EACH(i) {
    constexpr int kFloats = 8 >> i.value;
    if constexpr (kFloats < ML_WIDTH) {
      if ((count & kFloats) == 0) return;
      std::memcpy(p, from, kFloats * sizeof(float));
      p += kFloats;
      from += kFloats;
    }
  });
}

// Calls f(first channel, count) for the vectors of a pixel. The last one overlaps the one before where there is one.
template <class F>
ALWAYS_INLINE void for_vectors(int64_t channels, const F& f) {
  if (channels < ML_WIDTH) {
    f(int64_t{0}, channels);
    return;
  }
  int64_t c = 0;
  for (; c + ML_WIDTH <= channels; c += ML_WIDTH) f(c, Index<ML_WIDTH>());
  if (c < channels) f(channels - ML_WIDTH, Index<ML_WIDTH>());
}

constexpr float kA = kWinogradA, kB = kWinogradB, kA2 = kA * kA, kB2 = kB * kB;

// One dimension of the input's transform.
ALWAYS_INLINE void spread(const Vector d[6], Vector v[6]) {
  v[0] = d[0] * (kA2 * kB2) + (d[4] - d[2] * (kA2 + kB2));
  v[5] = d[1] * (kA2 * kB2) + (d[5] - d[3] * (kA2 + kB2));
  const Vector even_a = d[4] - d[2] * kB2, odd_a = d[3] - d[1] * kB2;
  v[1] = even_a + odd_a * kA;
  v[2] = even_a - odd_a * kA;
  const Vector even_b = d[4] - d[2] * kA2, odd_b = d[3] - d[1] * kA2;
  v[3] = even_b + odd_b * kB;
  v[4] = even_b - odd_b * kB;
}

// One dimension of the output's transform.
ALWAYS_INLINE void gather(const Vector m[6], Vector y[4]) {
  const Vector sum_a = m[1] + m[2], sum_b = m[3] + m[4];
  const Vector difference_a = m[1] - m[2], difference_b = m[3] - m[4];
  y[0] = m[0] + sum_a + sum_b;
  y[1] = difference_a * kA + difference_b * kB;
  y[2] = sum_a * kA2 + sum_b * kB2;
  y[3] = difference_a * (kA * kA2) + (difference_b * (kB * kB2) + m[5]);
}

template <class Count>
ALWAYS_INLINE void input_tile(const WinogradInputArgs& args, int64_t tile, int64_t channel, Count count) {
  const int64_t left = tile * kWinogradTile * args.channels + channel;
  float* out = args.out + tile * args.channels + channel;
  Vector columns[6][6];  // [x][y]
  repeat<6>(ML_EACH(x) {
    Vector d[6];
    repeat<6>(ML_EACH(y) { d[y] = load(args.rows[y] + left + x * args.channels, count); });
    spread(d, columns[x]);
  });
  repeat<6>(ML_EACH(y) {
    Vector d[6], v[6];
    repeat<6>(ML_EACH(x) { d[x] = columns[x][y]; });
    spread(d, v);
    repeat<6>(ML_EACH(x) { store(v[x], out + (y * 6 + x) * args.out_stride, count); });
  });
}

template <class Count>
ALWAYS_INLINE void output_tile(const WinogradOutputArgs& args, int64_t tile, int64_t channel, Count count) {
  const Vector least = args.least - Vector{}, most = args.most - Vector{};
  const Vector bias = load(args.bias + channel, count);
  const float* in = args.in + tile * args.in_channels + channel;
  Vector columns[6][4];  // [x][y]
  repeat<6>(ML_EACH(x) {
    Vector m[6];
    repeat<6>(ML_EACH(y) { m[y] = load(in + (y * 6 + x) * args.in_stride, count); });
    gather(m, columns[x]);
  });
  repeat<4>(ML_EACH(y) {
    Vector m[6], out[4];
    repeat<6>(ML_EACH(x) { m[x] = columns[x][y]; });
    gather(m, out);
    repeat<4>(ML_EACH(x) {
      const int64_t at = (tile * kWinogradTile + x) * args.channels + channel;
      Vector sum = out[x] + bias;
      if (args.residual[0] != nullptr) sum += load(args.residual[y] + at, count);
      store(clamped(sum, least, most), args.rows[y] + at, count);
    });
  });
}

}  // namespace

void ML_KERNEL_NAME(input)(const WinogradInputArgs& args);
void ML_KERNEL_NAME(output)(const WinogradOutputArgs& args);

void ML_KERNEL_NAME(input)(const WinogradInputArgs& args) {
  for (int64_t tile = 0; tile < args.tiles; ++tile) {
    for_vectors(
        args.channels, [&](int64_t channel, auto count)
                           __attribute__((always_inline)) { input_tile(args, tile, channel, count); });
  }
}

void ML_KERNEL_NAME(output)(const WinogradOutputArgs& args) {
  for (int64_t tile = 0; tile < args.tiles; ++tile) {
    for_vectors(
        args.channels, [&](int64_t channel, auto count)
                           __attribute__((always_inline)) { output_tile(args, tile, channel, count); });
  }
}

}  // namespace monolite::kernels
