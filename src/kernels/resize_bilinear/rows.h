// The kernels' one source: loops that a compiler makes vectors of. Included by one file for each instruction set, which
// names its functions with ML_KERNEL_NAME; everything else here is static, so that no two files share it.

#include <cstdint>
#include <cstring>

#include "kernels/resize_bilinear/resize_bilinear.h"

namespace monolite::kernels {
namespace {

// What the winner has to be ahead by: a part of the numbers, and a part of nothing.
struct MarginsF32 {
  float relative[kMostClasses], absolute[kMostClasses];
  int32_t never[kMostClasses];  // -1: the winner itself, and what is no channel
};

// The arithmetics. Corner: elements of a channel as the argmax compares them.
struct FloatU8 {
  using Element = uint8_t;
  using Weight = float;
  using Corner = uint8_t;
  using Margins = int16_t[kMostClasses];
  using Open = uint8_t;
  static constexpr uint8_t kFlip = 0;
  static float weight(const ResizeColumn& c) { return c.fraction; }
  static uint8_t value(uint8_t tl, uint8_t bl, uint8_t tr, uint8_t br, float y, float x) {
    const float sum = static_cast<float>(tl) * (1 - y) * (1 - x) + static_cast<float>(bl) * y * (1 - x) +
                      static_cast<float>(tr) * (1 - y) * x + static_cast<float>(br) * y * x;
    return static_cast<uint8_t>(static_cast<int32_t>(sum + 0.5f));
  }
};

struct IntegerS8 {
  using Element = int8_t;
  using Weight = int32_t;
  using Corner = uint8_t;
  using Margins = int16_t[kMostClasses];
  using Open = uint8_t;
  static constexpr uint8_t kFlip = 0x80;
  static int32_t weight(const ResizeColumn& c) { return c.steps; }
  static int8_t value(int32_t tl, int32_t bl, int32_t tr, int32_t br, int32_t y, int32_t x) {
    return rounded(tl * (1024 - y) * (1024 - x) + bl * y * (1024 - x) + tr * (1024 - y) * x + br * y * x);
  }
  // To whole numbers, halves away from zero.
  static int8_t rounded(int32_t sum) { return static_cast<int8_t>((sum + (1 << 19) + (sum >> 31)) >> 20); }
};

struct Float {
  using Element = float;
  using Weight = float;
  using Corner = float;
  using Margins = MarginsF32;
  using Open = int32_t;
  static constexpr uint8_t kFlip = 0;
  static float weight(const ResizeColumn& c) { return c.fraction; }
  static float value(float tl, float bl, float tr, float br, float y, float x) {
    return tl * (1 - y) * (1 - x) + bl * y * (1 - x) + tr * (1 - y) * x + br * y * x;
  }
};

template <class A>
void resize_row(const ResizeRowArgs& args, typename A::Weight y) {
  using T = typename A::Element;
  const T* top = static_cast<const T*>(args.top);
  const T* bottom = static_cast<const T*>(args.bottom);
  T* __restrict out = static_cast<T*>(args.out);
  const int64_t channels = args.channels;
  for (int64_t i = 0; i < args.column_count; ++i, out += channels) {
    const ResizeColumn& column = args.columns[i];
    const auto x = A::weight(column);
    const T *tl = top + column.left, *tr = top + column.right, *bl = bottom + column.left, *br = bottom + column.right;
    for (int64_t c = 0; c < channels; ++c) out[c] = A::value(tl[c], bl[c], tr[c], br[c], y, x);
  }
}

// Integers may be summed in any order: what is between two input columns is worked out once for all output columns
// there.
void resize_row_s8(const ResizeRowArgs& args) {
  constexpr int64_t kChannels = 128;
  const auto *top = static_cast<const int8_t*>(args.top), *bottom = static_cast<const int8_t*>(args.bottom);
  const int32_t y = args.steps;
  for (int64_t first = 0, end = 0; first < args.column_count; first = end) {
    const ResizeColumn cell = args.columns[first];
    while (end < args.column_count && args.columns[end].left == cell.left && args.columns[end].right == cell.right)
      ++end;
    for (int64_t start = 0; start < args.channels; start += kChannels) {
      const int64_t count = args.channels - start < kChannels ? args.channels - start : kChannels;
      const int8_t *tl = top + cell.left + start, *tr = top + cell.right + start;
      const int8_t *bl = bottom + cell.left + start, *br = bottom + cell.right + start;
      int32_t left[kChannels], step[kChannels];  // the sum at the left column, and what a weight of 1/1024 adds
      for (int64_t c = 0; c < count; ++c) {
        const int32_t l = tl[c] * (1024 - y) + bl[c] * y, r = tr[c] * (1024 - y) + br[c] * y;
        left[c] = l * 1024;
        step[c] = r - l;
      }
      for (int64_t column = first; column < end; ++column) {
        const int32_t x = args.columns[column].steps;
        int8_t* __restrict out = static_cast<int8_t*>(args.out) + column * args.channels + start;
        for (int64_t c = 0; c < count; ++c) out[c] = IntegerS8::rounded(left[c] + step[c] * x);
      }
    }
  }
}

// The corners of a cell: elements of one channel each; bytes seen as unsigned.
template <class T>
struct Corners {
  const T *tl, *tr, *bl, *br;
};

// Channels that are compared at once. A compiler makes of it what the machine has.
constexpr int kLanes = 32;
typedef uint8_t Bytes __attribute__((vector_size(kLanes)));
typedef int16_t Shorts __attribute__((vector_size(2 * kLanes)));

// By reference: a wide vector is passed otherwise on each instruction set.
inline void widen(const uint8_t* p, uint8_t flip, Shorts& wide) {
  Bytes v;
  std::memcpy(&v, p, sizeof(v));
  wide = __builtin_convertvector(v ^ flip, Shorts);
}

// The channel whose sum over the corners is largest: the likeliest winner.
int likeliest(const Corners<uint8_t>& c, int channels, uint8_t flip) {
  const uint8_t* const corners[] = {c.tl, c.tr, c.bl, c.br};
  int16_t sums[kMostClasses];
  for (int k = 0; k < channels; k += kLanes) {
    Shorts sum{}, wide;
    for (const uint8_t* p : corners) {
      widen(p + k, flip, wide);
      sum += wide;
    }
    std::memcpy(sums + k, &sum, sizeof(sum));
  }
  int16_t largest = -1;
  int first = 0;
  for (int k = 0; k < channels; ++k) {
    first = sums[k] > largest ? k : first;
    largest = sums[k] > largest ? sums[k] : largest;
  }
  return first;
}

// By how much a channel falls behind the winner at most and still may win, plus one; the winner itself, and what is no
// channel, never does.
void set_margins(const ResizeArgmaxArgs& args, int winner, int16_t* margins) {
  constexpr int16_t kNever = -1000;
  const int end = (args.channels + kLanes - 1) / kLanes * kLanes;
  for (int k = 0; k < end; ++k) {
    margins[k] = static_cast<int16_t>(k < winner ? args.margin_behind : args.margin_before);
    if (k == winner || k >= args.channels) margins[k] = kNever;
  }
}

// Marks in `open` the channels that the winner does not beat with the margins; says whether any is.
bool mark_open(const Corners<uint8_t>& c, int channels, int winner, const int16_t* margins, uint8_t flip,
               uint8_t* open) {
  const uint8_t* const corners[] = {c.tl, c.tr, c.bl, c.br};
  Shorts any{};
  for (int k = 0; k < channels; k += kLanes) {
    Shorts margin, wide, is_open{};
    std::memcpy(&margin, margins + k, sizeof(margin));
    for (const uint8_t* p : corners) {
      widen(p + k, flip, wide);
      is_open |= wide + margin > static_cast<int16_t>(p[winner] ^ flip);
    }
    const Bytes bytes = __builtin_convertvector(is_open & 1, Bytes);
    std::memcpy(open + k, &bytes, sizeof(bytes));
    any |= is_open;
  }
  uint64_t parts[sizeof(any) / 8];
  std::memcpy(parts, &any, sizeof(any));
  uint64_t all = 0;
  for (const uint64_t part : parts) all |= part;
  return all != 0;
}

// Output pixels of a cell that are computed at once.
constexpr int kPixels = 1024;

// Labels of `rows` output rows of a cell in which several channels are open; the first of the largest wins.
template <class A, class Label>
void label_open(const Corners<uint8_t>& c, const ResizeArgmaxArgs& args, const ResizeCell& cell,
                const typename A::Weight* ys, int rows, const int* open, int open_count, uint8_t* out) {
  using T = typename A::Element;
  typename A::Weight x[kPixels], y[kPixels];
  int32_t best[kPixels], labels[kPixels];
  int pixels = 0;
  for (int row = 0; row < rows; ++row) {
    for (int i = 0; i < cell.count; ++i, ++pixels) {
      x[pixels] = A::weight(args.columns[cell.first + i]);
      y[pixels] = ys[row];
    }
  }
  for (int n = 0; n < open_count; ++n) {
    const int k = open[n];
    const T tl = static_cast<T>(c.tl[k]), bl = static_cast<T>(c.bl[k]), tr = static_cast<T>(c.tr[k]),
            br = static_cast<T>(c.br[k]);
    if (n == 0) {
      for (int p = 0; p < pixels; ++p) {
        best[p] = A::value(tl, bl, tr, br, y[p], x[p]);
        labels[p] = k;
      }
      continue;
    }
    for (int p = 0; p < pixels; ++p) {
      const int32_t value = A::value(tl, bl, tr, br, y[p], x[p]);
      labels[p] = value > best[p] ? k : labels[p];
      best[p] = value > best[p] ? value : best[p];
    }
  }
  const int32_t* from = labels;
  for (int row = 0; row < rows; ++row, out += args.label_stride, from += cell.count) {
    auto* to = reinterpret_cast<Label*>(out);
    for (int i = 0; i < cell.count; ++i) to[i] = from[i];
  }
}

#include "kernels/resize_bilinear/argmax_f32.h"

template <class A, class Label>
void resize_argmax(const ResizeArgmaxArgs& args, const typename A::Weight* ys) {
  using Corner = typename A::Corner;
  typename A::Open open[kMostClasses];
  int list[kMostClasses];
  typename A::Margins margins;
  int winner = 0;
  set_margins(args, winner, margins);
  const auto *top = static_cast<const Corner*>(args.top), *bottom = static_cast<const Corner*>(args.bottom);
  for (int64_t i = 0; i < args.cell_count; ++i) {
    const ResizeCell& cell = args.cells[i];
    const Corners<Corner> c{top + cell.left, top + cell.right, bottom + cell.left, bottom + cell.right};
    // The neighbour's winner is mostly this one's as well.
    bool several = mark_open(c, args.channels, winner, margins, A::kFlip, open);
    const int other = several ? likeliest(c, args.channels, A::kFlip) : winner;
    if (other != winner) {
      winner = other;
      set_margins(args, winner, margins);
      several = mark_open(c, args.channels, winner, margins, A::kFlip, open);
    }
    uint8_t* out = args.labels + cell.first * static_cast<int64_t>(sizeof(Label));
    if (!several) {
      for (int row = 0; row < args.rows; ++row, out += args.label_stride) {
        auto* to = reinterpret_cast<Label*>(out);
        for (int k = 0; k < cell.count; ++k) to[k] = winner;
      }
      continue;
    }
    open[winner] = 1;
    int count = 0;
    for (int k = 0; k < args.channels; ++k) {
      list[count] = k;
      count += open[k] != 0 ? 1 : 0;
    }
    const int most_rows = kPixels / cell.count;
    for (int row = 0; row < args.rows; row += most_rows, out += most_rows * args.label_stride) {
      const int rows = args.rows - row < most_rows ? args.rows - row : most_rows;
      label_open<A, Label>(c, args, cell, ys + row, rows, list, count, out);
    }
  }
}

template <class A>
void labels(const ResizeArgmaxArgs& args, const typename A::Weight* ys) {
  args.label_bytes == 4 ? resize_argmax<A, int32_t>(args, ys) : resize_argmax<A, int64_t>(args, ys);
}

}  // namespace

void ML_KERNEL_NAME(resize_row_u8)(const ResizeRowArgs& args);
void ML_KERNEL_NAME(resize_row_s8)(const ResizeRowArgs& args);
void ML_KERNEL_NAME(resize_row_f32)(const ResizeRowArgs& args);
void ML_KERNEL_NAME(resize_argmax_u8)(const ResizeArgmaxArgs& args);
void ML_KERNEL_NAME(resize_argmax_s8)(const ResizeArgmaxArgs& args);
void ML_KERNEL_NAME(resize_argmax_f32)(const ResizeArgmaxArgs& args);

void ML_KERNEL_NAME(resize_row_u8)(const ResizeRowArgs& args) { resize_row<FloatU8>(args, args.fraction); }
void ML_KERNEL_NAME(resize_row_s8)(const ResizeRowArgs& args) { resize_row_s8(args); }
void ML_KERNEL_NAME(resize_row_f32)(const ResizeRowArgs& args) { resize_row<Float>(args, args.fraction); }
void ML_KERNEL_NAME(resize_argmax_u8)(const ResizeArgmaxArgs& args) { labels<FloatU8>(args, args.fractions); }
void ML_KERNEL_NAME(resize_argmax_s8)(const ResizeArgmaxArgs& args) { labels<IntegerS8>(args, args.steps); }
void ML_KERNEL_NAME(resize_argmax_f32)(const ResizeArgmaxArgs& args) { labels<Float>(args, args.fractions); }

}  // namespace monolite::kernels
