#include "kernels/requantize_q8_table.h"

#include <cmath>

namespace monolite::kernels {

void set_requantize_q8(RequantizeQ8& b, int i, int32_t bias, Multiplier m, int32_t zero_point) {
  const int half = i % 2, k = i / 2;
  const int e = m.shift < 0 ? -m.shift : 0;
  b.bias[i] = bias;
  b.left[i] = m.shift > 0 ? m.shift : 0;
  b.mantissa[i] = m.mantissa;
  if (half == 1) {
    b.mantissa_odd[i - 1] = m.mantissa;
    b.mantissa_odd[i] = 0;
  }
  const int64_t rounding = (int64_t{1} << 30) + (e > 0 ? int64_t{1} << (30 + e) : 0);
  const bool folds = e <= kMostFolded;
  b.add[half][k] = rounding + (folds ? int64_t{zero_point} * (int64_t{1} << (31 + e)) : 0);
  b.zero_point[i] = folds ? 0 : zero_point;
  b.add_negative[half][k] = e > 0 ? -(int64_t{1} << 31) : 0;
  b.shift[half][k] = 31 + e;
  b.scale[i] = static_cast<float>(std::ldexp(m.mantissa, 16 - 31 - e));
  b.offset[i] =
      static_cast<float>(zero_point * 65536.0 + std::ldexp(static_cast<double>(rounding), 16 - 31 - e)) + kDoubt / 2;
  b.drop[i] = e > 0 && e <= 16 ? 1 << (16 - e) : 0;
}

void EndingOfQ8::add(Multiplier m, int64_t reach) {
  constexpr int64_t kMostResult = 32000;  // with the zero point less than 2^15
  // With 31 bits in the mantissa and a shift of 13 at most the scale is at least 4 units of 2^-16.
  if (m.mantissa < (1 << 30) || m.shift > 0 || m.shift < -13 || reach >= (1 << 24)) {
    can_estimate_ = false;
  } else {
    needs_bound_ |= reach > (kMostResult << -m.shift);
  }
}

EndingQ8 EndingOfQ8::ending(const OutputQ8& output) const {
  if (!can_estimate_) return EndingQ8::exact;
  if (needs_bound_) return EndingQ8::estimated_bounded;
  return output.least >= output.zero_point ? EndingQ8::estimated_rectified : EndingQ8::estimated;
}

int plain_lane_order(int, int vector, int lane) { return 16 * vector + lane; }

int packed_lane_order(int vectors, int vector, int lane) {
  return vectors == 4 ? 16 * (lane / 4) + 4 * vector + lane % 4 : 16 * vector + lane;
}

}  // namespace monolite::kernels
