#include "legalize/resize_proof.h"

#include <algorithm>
#include <cmath>

#include "ops/resize_samples.h"

namespace monolite::legalize {
namespace {

constexpr double kUnitsOf8Bits = 255;

struct Comparison {
  double largest_shift = 0;        // between samples that should be one, in elements of the input
  bool has_other_weights = false;  // somewhere an element is weighed otherwise with itself
  bool is_dyadic = true;           // all weights are multiples of 1/64
};

bool is_dyadic(double fraction) { return fraction * 64 == std::floor(fraction * 64); }

template <class Real>
Comparison compare(std::vector<ops::Sample<Real>> (*samples)(int32_t, int32_t, const ops::ResizeBilinear&), double unit,
                   const ops::ResizeBilinear& flags, const ResizeAxis& axis) {
  const auto want = samples(axis.in, axis.out, flags);
  const auto wide = samples(static_cast<int32_t>(axis.wide_in), static_cast<int32_t>(axis.wide_out), {});
  const auto row = [&](int32_t padded) {
    return std::clamp(static_cast<int32_t>(padded - axis.front), 0, axis.in - 1);
  };
  const auto place = [&](int32_t low, int32_t high, Real fraction) {
    return low == high ? low : low + static_cast<double>(fraction) / unit;
  };
  Comparison c;
  for (size_t i = 0; i < want.size(); ++i) {
    const auto& got = wide[static_cast<size_t>(axis.begin) + i * static_cast<size_t>(axis.stride)];
    const int32_t lower = row(got.lower), upper = row(got.upper);
    c.is_dyadic = c.is_dyadic && is_dyadic(static_cast<double>(got.fraction) / unit) &&
                  is_dyadic(static_cast<double>(want[i].fraction) / unit);
    const bool is_same = lower == want[i].lower && upper == want[i].upper;
    if (is_same && got.fraction == want[i].fraction) continue;
    if (is_same && lower == upper) {
      c.has_other_weights = true;
      continue;
    }
    const double shift = place(lower, upper, got.fraction) - place(want[i].lower, want[i].upper, want[i].fraction);
    c.largest_shift = std::max({c.largest_shift, std::abs(shift), 1e-9});
  }
  return c;
}

// An element weighed with itself, v(1-f) + vf, is v in integers whatever f is. In float32 it is v give or take a
// rounding: none where all weights have few bits, and none that shows in 8 bits of a single pixel.
bool weights_matter(DType dtype, const Comparison& rows, const Comparison& columns, bool interpolates) {
  if (!rows.has_other_weights && !columns.has_other_weights) return false;
  if (dtype == DType::float32) return true;
  return dtype == DType::uint8 && interpolates && !(rows.is_dyadic && columns.is_dyadic);
}

}  // namespace

Proof resize_proof(DType dtype, const ops::ResizeBilinear& flags, const ResizeAxis& rows, const ResizeAxis& columns) {
  const bool in_float = dtype == DType::float32 || dtype == DType::uint8;
  const auto compared = [&](const ResizeAxis& axis) {
    return in_float ? compare(ops::float_samples, 1, flags, axis) : compare(ops::integer_samples, 1024, flags, axis);
  };
  const Comparison y = compared(rows), x = compared(columns);
  const double both = y.largest_shift + x.largest_shift;
  const bool interpolates = rows.in > 1 || columns.in > 1;
  if (both == 0) return weights_matter(dtype, y, x, interpolates) ? Proof::one_lsb : Proof::exact;
  if (dtype == DType::float32) return both < 1e-4 ? Proof::one_lsb : Proof::approximate;
  return both * kUnitsOf8Bits < 1 && dtype != DType::int16 ? Proof::one_lsb : Proof::approximate;
}

}  // namespace monolite::legalize
