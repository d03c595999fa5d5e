#pragma once
// Bilinear interpolation of rows, and the largest channel of each interpolated pixel without the interpolated row.
//
// Two arithmetics, as LiteRT has them: uint8 and float32 in float32, the terms in the order
//   tl * (1 - y) * (1 - x) + bl * y * (1 - x) + tr * (1 - y) * x + br * y * x
// (uint8 then adds 0.5 and cuts), int8 in integers with weights in units of 1/1024, rounded half away from zero.
//
// Reading: up to 31 elements behind the last channel (of the 8-bit argmax), 15 (of the float32 one).
// Errors: none. Threads: safe on distinct output rows.

#include <cstdint>

#include "base/cpu.h"

namespace monolite::kernels {

// Where an output column takes its values: elements from the row's start, and the right one's weight.
struct ResizeColumn {
  int32_t left, right;
  float fraction;
  int32_t steps;  // the same in units of 1/1024
};

struct ResizeRowArgs {
  const void *top, *bottom;  // input rows
  const ResizeColumn* columns;
  int64_t column_count;
  int64_t channels;
  float fraction;  // weight of `bottom`
  int32_t steps;
  void* out;  // [column_count][channels]
};

// Neighbouring output columns between the same two input columns.
struct ResizeCell {
  int32_t left, right;   // elements from the row's start
  int32_t first, count;  // output columns; count <= kMostCellColumns
};

inline constexpr int kMostCellColumns = 64;
inline constexpr int kMostClasses = 1024;

// Interpolation keeps order: a channel that is at least another at all four corners of a cell is so inside of it,
// weights not being negative, for every operation rounds the same way up. It then wins if it stands before the other.
// If it stands behind, it has to be larger by `margin_behind` at all corners, so that it is larger by one inside: 1
// where the arithmetic is exact, 2 otherwise; in float32 by `relative_behind` of both numbers' sizes, 16 roundings
// where six are made on either side. A cell whose winner beats all others so has one label. For the others only those
// channels are interpolated that the winner does not beat.
struct ResizeArgmaxArgs {
  const void *top, *bottom;  // input rows
  int channels;              // at most kMostClasses
  const ResizeCell* cells;
  int64_t cell_count;
  const ResizeColumn* columns;  // of the whole row
  const float* fractions;       // of `bottom`, one an output row
  const int32_t* steps;
  int rows;
  int margin_before, margin_behind;
  float relative_before, relative_behind;  // the same for float32: parts of both numbers
  int label_bytes;                         // 4 or 8
  uint8_t* labels;                         // of the first row, column 0
  int64_t label_stride;                    // bytes from row to row
};

struct ResizeBilinearKernel {
  Isa needs;
  const char* name;
  void (*row_u8)(const ResizeRowArgs&);
  void (*row_s8)(const ResizeRowArgs&);
  void (*row_f32)(const ResizeRowArgs&);
  void (*argmax_u8)(const ResizeArgmaxArgs&);
  void (*argmax_s8)(const ResizeArgmaxArgs&);
  void (*argmax_f32)(const ResizeArgmaxArgs&);
};

}  // namespace monolite::kernels
