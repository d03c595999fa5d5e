// The labels of float32 pictures, part of rows.h.
//
// As with 8 bits a channel that is beaten at all corners of a cell is beaten inside of it, for no weight is negative
// and every rounding keeps order. Where rounding might make two channels equal, or has its own way (ResizeArgmaxArgs),
// the winner has to be ahead by a part of both at each corner. What is no finite number beats nothing and is not
// beaten.

constexpr int kFloatLanes = 16;
typedef float Floats __attribute__((vector_size(4 * kFloatLanes)));
typedef int32_t FloatFlags __attribute__((vector_size(4 * kFloatLanes)));

inline int likeliest(const Corners<float>& c, int channels, uint8_t /*flip*/) {
  int first = 0;
  float largest = -__builtin_inff();
  for (int k = 0; k < channels; ++k) {
    const float sum = c.tl[k] + c.tr[k] + c.bl[k] + c.br[k];
    first = sum > largest ? k : first;
    largest = sum > largest ? sum : largest;
  }
  return first;
}

inline void set_margins(const ResizeArgmaxArgs& args, int winner, MarginsF32& m) {
  constexpr float kTiny = 1e-30F;  // more than what products below the smallest normal number lose
  const int end = (args.channels + kFloatLanes - 1) / kFloatLanes * kFloatLanes;
  for (int k = 0; k < end; ++k) {
    m.relative[k] = k < winner ? args.relative_behind : args.relative_before;
    m.absolute[k] = m.relative[k] > 0 ? kTiny : 0;
    m.never[k] = k == winner || k >= args.channels ? -1 : 0;
  }
}

// Marks in `open` the channels that the winner does not beat; says whether any is.
inline bool mark_open(const Corners<float>& c, int channels, int winner, const MarginsF32& m, uint8_t /*flip*/,
                      int32_t* open) {
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
template <class A, class Label>
void label_open(const Corners<float>& c, const ResizeArgmaxArgs& args, const ResizeCell& cell, const float* ys,
                int rows, const int* open, int open_count, uint8_t* out) {
  for (int row = 0; row < rows; ++row, out += args.label_stride) {
    float best[kMostCellColumns];
    int32_t labels[kMostCellColumns];
    for (int n = 0; n < open_count; ++n) {
      const int k = open[n];
      for (int i = 0; i < cell.count; ++i) {
        const float value =
            A::value(c.tl[k], c.bl[k], c.tr[k], c.br[k], ys[row], args.columns[cell.first + i].fraction);
        const bool is_better = n == 0 || value > best[i] || (best[i] != best[i] && value == value);
        labels[i] = is_better ? k : labels[i];
        best[i] = is_better ? value : best[i];
      }
    }
    auto* to = reinterpret_cast<Label*>(out);
    for (int i = 0; i < cell.count; ++i) to[i] = labels[i];
  }
}
