#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernels/copy/copy.h"

namespace monolite::kernels {
namespace {

void copy_any(const CopyArgs& args) {
  for (int64_t r = 0; r < args.rows; ++r) {
    const std::byte* in = args.in + r * args.in_row;
    std::byte* out = args.out + r * args.out_row;
    for (int64_t c = 0; c < args.columns; ++c) {
      std::memcpy(out + c * args.out_column, in + c * args.in_column, static_cast<size_t>(args.element_bytes));
    }
  }
}

// One element over and over, side by side.
template <int kBytes>
void repeat_element(const CopyArgs& args) {
  for (int64_t r = 0; r < args.rows; ++r) {
    std::byte element[kBytes];
    std::memcpy(element, args.in + r * args.in_row, kBytes);
    std::byte* out = args.out + r * args.out_row;
    for (int64_t c = 0; c < args.columns; ++c) std::memcpy(out + c * kBytes, element, kBytes);
  }
}

// Elements of one size. Square tiles: where rows of one side are columns of the other, both sides' lines are used up
// while they are in the first-level cache.
template <int kBytes>
void copy_sized(const CopyArgs& args) {
  if (args.in_column == 0 && args.out_column == kBytes) return repeat_element<kBytes>(args);
  constexpr int64_t kTile = 32;
  const bool turns = std::abs(args.in_row) < std::abs(args.in_column);
  const int64_t width = turns ? kTile : args.columns;
  for (int64_t top = 0; top < args.rows; top += kTile) {
    const int64_t bottom = std::min(top + kTile, args.rows);
    for (int64_t left = 0; left < args.columns; left += width) {
      const int64_t right = std::min(left + width, args.columns);
      for (int64_t r = top; r < bottom; ++r) {
        const std::byte* in = args.in + r * args.in_row;
        std::byte* out = args.out + r * args.out_row;
        for (int64_t c = left; c < right; ++c) {
          std::memcpy(out + c * args.out_column, in + c * args.in_column, kBytes);
        }
      }
    }
  }
}

// Elements side by side in the output, shorter than kWidth: each is written as kWidth bytes, and the next one writes
// over what is too much of it; but for those at the row's end.
template <int kWidth>
void copy_short(const CopyArgs& args) {
  const int64_t size = args.element_bytes;
  const int64_t exact = std::min(args.columns, (kWidth + size - 1) / size);
  for (int64_t r = 0; r < args.rows; ++r) {
    const std::byte* in = args.in + r * args.in_row;
    std::byte* out = args.out + r * args.out_row;
    int64_t c = 0;
    for (; c < args.columns - exact; ++c) std::memcpy(out + c * size, in + c * args.in_column, kWidth);
    for (; c < args.columns; ++c) std::memcpy(out + c * size, in + c * args.in_column, static_cast<size_t>(size));
  }
}

void copy_grid(const CopyArgs& args) {
  switch (args.element_bytes) {
    case 1:
      return copy_sized<1>(args);
    case 2:
      return copy_sized<2>(args);
    case 4:
      return copy_sized<4>(args);
    case 8:
      return copy_sized<8>(args);
    case 16:
      return copy_sized<16>(args);
    case 32:
      return copy_sized<32>(args);
    case 64:
      return copy_sized<64>(args);
    default:
      break;
  }
  if (!args.may_read_behind || args.out_column != args.element_bytes || args.element_bytes > 32) return copy_any(args);
  if (args.element_bytes < 8) return copy_short<8>(args);
  return args.element_bytes < 16 ? copy_short<16>(args) : copy_short<32>(args);
}

}  // namespace

void copy_portable(const CopyArgs& args);

void copy_portable(const CopyArgs& args) {
  if (args.columns > 1) return copy_grid(args);
  if (args.columns < 1) return;
  CopyArgs turned = args;  // one column is one row
  turned.in_column = args.in_row;
  turned.out_column = args.out_row;
  turned.columns = args.rows;
  turned.rows = 1;
  copy_grid(turned);
}

}  // namespace monolite::kernels
