// The labels of float32 pictures, part of rows.h.
//
// As with 8 bits a channel that is beaten at all corners of a cell is beaten inside of it, for no weight is negative
// and every rounding keeps order. Where rounding might make two channels equal, or has its own way (ResizeArgmaxArgs),
// the winner has to be ahead by a part of both at each corner. What is no finite number beats nothing and is not
// beaten.

struct CornersF32 {
  const float *tl, *tr, *bl, *br;
};

constexpr int kFloatLanes = 16;
typedef float Floats __attribute__((vector_size(4 * kFloatLanes)));
typedef int32_t FloatFlags __attribute__((vector_size(4 * kFloatLanes)));

inline int likeliest_f32(const CornersF32& c, int channels) {
  int first = 0;
  float largest = -__builtin_inff();
  for (int k = 0; k < channels; ++k) {
    const float sum = c.tl[k] + c.tr[k] + c.bl[k] + c.br[k];
    first = sum > largest ? k : first;
    largest = sum > largest ? sum : largest;
  }
  return first;
}

// What the winner has to be ahead by: a part of the numbers, and a part of nothing.
struct MarginsF32 {
  float relative[kMostClasses], absolute[kMostClasses];
  int32_t never[kMostClasses];  // -1: the winner itself, and what is no channel
};

inline void set_margins_f32(const ResizeArgmaxArgs& args, int winner, MarginsF32& m) {
  constexpr float kTiny = 1e-30F;  // more than what products below the smallest normal number lose
  const int end = (args.channels + kFloatLanes - 1) / kFloatLanes * kFloatLanes;
  for (int k = 0; k < end; ++k) {
    m.relative[k] = k < winner ? args.relative_behind : args.relative_before;
    m.absolute[k] = m.relative[k] > 0 ? kTiny : 0;
    m.never[k] = k == winner || k >= args.channels ? -1 : 0;
  }
}

// Marks in `open` the channels that the winner does not beat; says whether any is.
inline bool mark_open_f32(const CornersF32& c, int channels, int winner, const MarginsF32& m, int32_t* open) {
  const float* const corners[] = {c.tl, c.tr, c.bl, c.br};
  FloatFlags any{};
  for (int k = 0; k < channels; k += kFloatLanes) {
    Floats relative, absolute, value;
    FloatFlags beaten;
    std::memcpy(&relative, m.relative + k, sizeof(relative));
    std::memcpy(&absolute, m.absolute + k, sizeof(absolute));
    std::memcpy(&beaten, m.never + k, sizeof(beaten));
    FloatFlags beaten_at_corners = ~FloatFlags{};
    for (const float* p : corners) {
      std::memcpy(&value, p + k, sizeof(value));
      const float w = p[winner], w_size = w < 0 ? -w : w;
      const Floats size = (value < 0 ? -value : value) + w_size;
      const Floats zero = size - size;  // unless one of them is no finite number
      beaten_at_corners &= (w - value) >= size * relative + absolute + zero;
    }
    const FloatFlags is_open = ~(beaten | beaten_at_corners);
    std::memcpy(open + k, &is_open, sizeof(is_open));
    any |= is_open;
  }
  int32_t parts[kFloatLanes], all = 0;
  std::memcpy(parts, &any, sizeof(any));
  for (const int32_t part : parts) all |= part;
  return all != 0;
}

// As label_open. NaNs are passed over.
template <class Label>
void label_open_f32(const CornersF32& c, const ResizeArgmaxArgs& args, const ResizeCell& cell, const float* ys,
                    int rows, const int* open, int open_count, uint8_t* out) {
  for (int row = 0; row < rows; ++row, out += args.label_stride) {
    float best[kMostCellColumns];
    int32_t labels[kMostCellColumns];
    for (int n = 0; n < open_count; ++n) {
      const int k = open[n];
      for (int i = 0; i < cell.count; ++i) {
        const float value =
            Float::value(c.tl[k], c.bl[k], c.tr[k], c.br[k], ys[row], args.columns[cell.first + i].fraction);
        const bool is_better = n == 0 || value > best[i] || (best[i] != best[i] && value == value);
        labels[i] = is_better ? k : labels[i];
        best[i] = is_better ? value : best[i];
      }
    }
    auto* to = reinterpret_cast<Label*>(out);
    for (int i = 0; i < cell.count; ++i) to[i] = labels[i];
  }
}

template <class Label>
void resize_argmax_f32(const ResizeArgmaxArgs& args) {
  int32_t open[kMostClasses];
  int list[kMostClasses];
  MarginsF32 margins;
  int winner = 0;
  set_margins_f32(args, winner, margins);
  const float *top = static_cast<const float*>(args.top), *bottom = static_cast<const float*>(args.bottom);
  for (int64_t i = 0; i < args.cell_count; ++i) {
    const ResizeCell& cell = args.cells[i];
    const CornersF32 c{top + cell.left, top + cell.right, bottom + cell.left, bottom + cell.right};
    bool several = mark_open_f32(c, args.channels, winner, margins, open);
    const int other = several ? likeliest_f32(c, args.channels) : winner;
    if (other != winner) {
      winner = other;
      set_margins_f32(args, winner, margins);
      several = mark_open_f32(c, args.channels, winner, margins, open);
    }
    int count = 0;
    for (int k = 0; k < args.channels; ++k) {
      list[count] = k;
      count += k == winner || (several && open[k] != 0) ? 1 : 0;
    }
    uint8_t* out = args.labels + cell.first * static_cast<int64_t>(sizeof(Label));
    if (several) {
      label_open_f32<Label>(c, args, cell, args.fractions, args.rows, list, count, out);
      continue;
    }
    for (int row = 0; row < args.rows; ++row, out += args.label_stride) {
      auto* to = reinterpret_cast<Label*>(out);
      for (int k = 0; k < cell.count; ++k) to[k] = winner;
    }
  }
}
