// The kernels' one source: loops that a compiler makes vectors of. Included by one file for each instruction set, which
// names its functions with ML_KERNEL_NAME; everything else here is static, so that no two files share it.

#include <cstdint>
#include <cstring>

#include "kernels/resize_bilinear/resize_bilinear.h"

namespace monolite::kernels {
namespace {

struct FloatU8 {
  using Element = uint8_t;
  using Weight = float;
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
  static constexpr uint8_t kFlip = 0x80;
  static int32_t weight(const ResizeColumn& c) { return c.steps; }
  static int8_t value(int32_t tl, int32_t bl, int32_t tr, int32_t br, int32_t y, int32_t x) {
    const int32_t sum = tl * (1024 - y) * (1024 - x) + bl * y * (1024 - x) + tr * (1024 - y) * x + br * y * x;
    return static_cast<int8_t>((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
  }
};

struct Float {
  using Element = float;
  using Weight = float;
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

// The corners of a cell: elements of one channel each, seen as unsigned.
struct Corners {
  const uint8_t *tl, *tr, *bl, *br;
};

// The channel whose sum over the corners is largest: the likeliest winner.
int likeliest(const Corners& c, int channels, uint8_t flip) {
  uint16_t sums[kMostClasses];
  uint16_t most = 0;
  for (int k = 0; k < channels; ++k) {
    const auto sum = static_cast<uint16_t>((c.tl[k] ^ flip) + (c.tr[k] ^ flip) + (c.bl[k] ^ flip) + (c.br[k] ^ flip));
    sums[k] = sum;
    most = sum > most ? sum : most;
  }
  int first = 0;
  while (sums[first] != most) ++first;
  return first;
}

// Marks in `open` those of channels [first, last) that the winner does not beat with that margin; says whether any is.
bool mark_open(const Corners& c, int first, int last, int winner, int margin, uint8_t flip, uint8_t* open) {
  const auto tl = static_cast<int16_t>((c.tl[winner] ^ flip) - margin),
             tr = static_cast<int16_t>((c.tr[winner] ^ flip) - margin);
  const auto bl = static_cast<int16_t>((c.bl[winner] ^ flip) - margin),
             br = static_cast<int16_t>((c.br[winner] ^ flip) - margin);
  uint8_t any = 0;
  for (int k = first; k < last; ++k) {
    const auto is_open =
        static_cast<uint8_t>(static_cast<int>((c.tl[k] ^ flip) > tl) | static_cast<int>((c.tr[k] ^ flip) > tr) |
                             static_cast<int>((c.bl[k] ^ flip) > bl) | static_cast<int>((c.br[k] ^ flip) > br));
    open[k] = is_open;
    any = static_cast<uint8_t>(any | is_open);
  }
  return any != 0;
}

void store_labels(const int32_t* labels, int count, int label_bytes, uint8_t* out) {
  if (label_bytes == 4) {
    std::memcpy(out, labels, static_cast<size_t>(count) * 4);
    return;
  }
  for (int i = 0; i < count; ++i) {
    const int64_t label = labels[i];
    std::memcpy(out + 8 * i, &label, 8);
  }
}

// Interpolates the open channels of one output row of a cell; the first of the largest wins.
template <class A>
void label_row(const Corners& c, const ResizeArgmaxArgs& args, const ResizeCell& cell, typename A::Weight y,
               const uint8_t* open, int32_t* __restrict labels) {
  using T = typename A::Element;
  int32_t best[kMostCellColumns];
  for (int i = 0; i < cell.count; ++i) best[i] = INT32_MIN;
  for (int k = 0; k < args.channels; ++k) {
    if (open[k] == 0) continue;
    const T tl = static_cast<T>(c.tl[k]), bl = static_cast<T>(c.bl[k]), tr = static_cast<T>(c.tr[k]),
            br = static_cast<T>(c.br[k]);
    for (int i = 0; i < cell.count; ++i) {
      const int32_t value = A::value(tl, bl, tr, br, y, A::weight(args.columns[cell.first + i]));
      labels[i] = value > best[i] ? k : labels[i];
      best[i] = value > best[i] ? value : best[i];
    }
  }
}

template <class A>
void resize_argmax(const ResizeArgmaxArgs& args, const typename A::Weight* ys) {
  uint8_t open[kMostClasses];
  int32_t labels[kMostCellColumns];
  int winner = 0;
  for (int64_t i = 0; i < args.cell_count; ++i) {
    const ResizeCell& cell = args.cells[i];
    const Corners c{args.top + cell.left, args.top + cell.right, args.bottom + cell.left, args.bottom + cell.right};
    const auto has_open = [&] {
      const bool before = mark_open(c, 0, winner, winner, args.margin_behind, A::kFlip, open);
      return mark_open(c, winner + 1, args.channels, winner, args.margin_before, A::kFlip, open) || before;
    };
    bool several = has_open();  // the neighbour's winner is mostly this one's as well
    if (several) {
      winner = likeliest(c, args.channels, A::kFlip);
      several = has_open();
    }
    open[winner] = 1;
    uint8_t* out = args.labels + int64_t{cell.first} * args.label_bytes;
    for (int k = 0; k < cell.count; ++k) labels[k] = winner;
    for (int row = 0; row < args.rows; ++row, out += args.label_stride) {
      if (several) label_row<A>(c, args, cell, ys[row], open, labels);
      store_labels(labels, cell.count, args.label_bytes, out);
    }
  }
}

}  // namespace

void ML_KERNEL_NAME(resize_row_u8)(const ResizeRowArgs& args);
void ML_KERNEL_NAME(resize_row_s8)(const ResizeRowArgs& args);
void ML_KERNEL_NAME(resize_row_f32)(const ResizeRowArgs& args);
void ML_KERNEL_NAME(resize_argmax_u8)(const ResizeArgmaxArgs& args);
void ML_KERNEL_NAME(resize_argmax_s8)(const ResizeArgmaxArgs& args);

void ML_KERNEL_NAME(resize_row_u8)(const ResizeRowArgs& args) { resize_row<FloatU8>(args, args.fraction); }
void ML_KERNEL_NAME(resize_row_s8)(const ResizeRowArgs& args) { resize_row<IntegerS8>(args, args.steps); }
void ML_KERNEL_NAME(resize_row_f32)(const ResizeRowArgs& args) { resize_row<Float>(args, args.fraction); }
void ML_KERNEL_NAME(resize_argmax_u8)(const ResizeArgmaxArgs& args) { resize_argmax<FloatU8>(args, args.fractions); }
void ML_KERNEL_NAME(resize_argmax_s8)(const ResizeArgmaxArgs& args) { resize_argmax<IntegerS8>(args, args.steps); }

}  // namespace monolite::kernels
