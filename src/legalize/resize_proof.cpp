#include "legalize/resize_proof.h"

#include <algorithm>
#include <cmath>

#include "ops/resize_samples.h"

namespace monolite::legalize {
namespace {

constexpr double kUnitsOf8Bits = 255;

// The largest distance between samples that should be one, in elements of the input; 0 where all are the same. Where
// both neighbours are one element, its weights do not matter to integers: they are exact or rounded away.
template <class Real>
double largest_shift(std::vector<ops::Sample<Real>> (*samples)(int32_t, int32_t, const ops::ResizeBilinear&),
                     double unit, bool is_float, const ops::ResizeBilinear& flags, const ResizeAxis& axis) {
  const auto want = samples(axis.in, axis.out, flags);
  const auto wide = samples(static_cast<int32_t>(axis.wide_in), static_cast<int32_t>(axis.wide_out), {});
  const auto row = [&](int32_t padded) {
    return std::clamp(static_cast<int32_t>(padded - axis.front), 0, axis.in - 1);
  };
  double largest = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    const auto& got = wide[static_cast<size_t>(axis.begin) + i * static_cast<size_t>(axis.stride)];
    const int32_t lower = row(got.lower), upper = row(got.upper);
    const bool is_same = lower == want[i].lower && upper == want[i].upper;
    const bool is_one = is_same && lower == upper;
    if (is_same && (got.fraction == want[i].fraction || (is_one && !is_float))) continue;
    const auto place = [&](int32_t low, int32_t high, Real fraction) {
      return low == high ? low : low + static_cast<double>(fraction) / unit;
    };
    largest = std::max(
        largest, std::abs(place(lower, upper, got.fraction) - place(want[i].lower, want[i].upper, want[i].fraction)));
    largest = std::max(largest, 1e-9);  // not the same, though it may be the same place
  }
  return largest;
}

}  // namespace

Proof resize_proof(DType dtype, const ops::ResizeBilinear& flags, const ResizeAxis& rows, const ResizeAxis& columns) {
  const bool is_float = dtype == DType::float32;
  const auto shift = [&](const ResizeAxis& axis) {
    return is_float || dtype == DType::uint8 ? largest_shift(ops::float_samples, 1, is_float, flags, axis)
                                             : largest_shift(ops::integer_samples, 1024, is_float, flags, axis);
  };
  const double both = shift(rows) + shift(columns);
  if (both == 0) return Proof::exact;
  if (is_float) return both < 1e-4 ? Proof::one_lsb : Proof::approximate;
  return both * kUnitsOf8Bits < 1 && dtype != DType::int16 ? Proof::one_lsb : Proof::approximate;
}

}  // namespace monolite::legalize
