// The kernels' one source. A file for each instruction set includes it with ML_KERNEL_NAME and ML_WIDTH (floats of a
// vector) defined; everything but the kernel itself is static.

#include "kernels/depthwise_f32/depthwise_f32.h"
#include "kernels/repeat.h"
#include "kernels/vectors.h"

namespace monolite::kernels {
namespace {

// Channels [first, first + kVectors * ML_WIDTH) of one output; their sums stay in registers.
template <int kVectors>
ALWAYS_INLINE void column(const DepthwiseF32Args& a, int64_t x, int64_t first) {
  Vector acc[kVectors];
  repeat<kVectors>(ML_EACH(v) { acc[v] = load(a.bias + first + v * ML_WIDTH); });
  const int64_t left = x * a.stride - a.pad_left;
  for (int row = 0; row < a.row_count; ++row) {
    if (a.rows[row] == nullptr) continue;
    const float* w = a.weights + int64_t{row} * a.taps * a.weight_step + first;
    for (int tap = 0; tap < a.taps; ++tap, w += a.weight_step) {
      const int64_t at = left + tap * a.dilation;
      if (at < 0 || at >= a.columns) continue;
      const float* in = a.rows[row] + at * a.in_step + first;
      repeat<kVectors>(ML_EACH(v) { acc[v] += load(in + v * ML_WIDTH) * load(w + v * ML_WIDTH); });
    }
  }
  const Vector least = a.least - Vector{}, most = a.most - Vector{};
  repeat<kVectors>(ML_EACH(v) { store(clamped(acc[v], least, most), a.out + x * a.out_step + first + v * ML_WIDTH); });
}

// Output columns x and x + 1 of a 3x3 window whose columns lie inside of the picture: the weights are loaded once for
// both.
ALWAYS_INLINE void two_columns_3x3(const DepthwiseF32Args& a, const float* const (&rows)[3], int64_t x, int64_t first) {
  Vector left = load(a.bias + first), right = left;
  const int64_t at = (x * a.stride - a.pad_left) * a.in_step + first;
  const int64_t tap_step = a.dilation * a.in_step, column_step = a.stride * a.in_step;
  repeat<3>(ML_EACH(row) {
    if (rows[row] == nullptr) return;
    const float* in = rows[row] + at;
    const float* w = a.weights + 3 * row * a.weight_step + first;
    repeat<3>(ML_EACH(tap) {
      const Vector weight = load(w + tap * a.weight_step);
      left += load(in + tap * tap_step) * weight;
      right += load(in + tap * tap_step + column_step) * weight;
    });
  });
  const Vector least = a.least - Vector{}, most = a.most - Vector{};
  store(clamped(left, least, most), a.out + x * a.out_step + first);
  store(clamped(right, least, most), a.out + (x + 1) * a.out_step + first);
}

// Do columns x and x + 1 see nothing beside the picture, by a window of 3x3?
ALWAYS_INLINE bool is_inner_3x3(const DepthwiseF32Args& a, int64_t x) {
  const int64_t left = x * a.stride - a.pad_left;
  return x + 1 < a.out_columns && left >= 0 && left + a.stride + 2 * a.dilation < a.columns;
}

// One channel, where less than a vector is left.
void channel(const DepthwiseF32Args& a, int64_t x, int64_t c) {
  float acc = a.bias[c];
  for (int row = 0; row < a.row_count; ++row) {
    if (a.rows[row] == nullptr) continue;
    for (int tap = 0; tap < a.taps; ++tap) {
      const int64_t at = x * a.stride + tap * a.dilation - a.pad_left;
      if (at < 0 || at >= a.columns) continue;
      acc += a.rows[row][at * a.in_step + c] * a.weights[(int64_t{row} * a.taps + tap) * a.weight_step + c];
    }
  }
  const float low = acc < a.least ? a.least : acc;
  a.out[x * a.out_step + c] = low > a.most ? a.most : low;
}

// Channels of one output from `first` on, as long as so many vectors are left.
template <int kVectors>
ALWAYS_INLINE int64_t columns(const DepthwiseF32Args& a, int64_t x, int64_t first) {
  for (; first + kVectors * ML_WIDTH <= a.channels; first += kVectors * ML_WIDTH) column<kVectors>(a, x, first);
  return first;
}

}  // namespace

void ML_KERNEL_NAME(const DepthwiseF32Args& args);

// Output by output, so that memory is read as it lies.
void ML_KERNEL_NAME(const DepthwiseF32Args& arguments) {
  // Of one's own: what is written could be the arguments, for all that the compiler knows.
  const DepthwiseF32Args args = arguments;
  const bool is_3x3 = args.row_count == 3 && args.taps == 3 && args.channels >= ML_WIDTH;
  const float* rows[3] = {};
  for (int row = 0; is_3x3 && row < 3; ++row) rows[row] = args.rows[row];
  for (int64_t x = 0; x < args.out_columns; ++x) {
    if (is_3x3 && is_inner_3x3(args, x)) {
      int64_t c = 0;
      for (; c + ML_WIDTH <= args.channels; c += ML_WIDTH) two_columns_3x3(args, rows, x, c);
      if (c < args.channels) two_columns_3x3(args, rows, x, args.channels - ML_WIDTH);
      ++x;
      continue;
    }
    int64_t first = columns<4>(args, x, 0);
    first = columns<2>(args, x, first);
    first = columns<1>(args, x, first);
    if (first == args.channels) continue;
    if (first > 0) {
      column<1>(args, x, args.channels - ML_WIDTH);  // some channels once more
    } else {
      for (int64_t c = 0; c < args.channels; ++c) channel(args, x, c);
    }
  }
}

}  // namespace monolite::kernels
