#include "kernels/requantize_q8_table.h"

#include <algorithm>

namespace monolite::kernels {

bool is_rectified_q8(std::span<const Multiplier> multipliers, const OutputQ8& output) {
  return output.least >= output.zero_point && std::all_of(multipliers.begin(), multipliers.end(), [&](Multiplier m) {
           return m.shift < 0 && (m.shift >= -kMostFolded || output.zero_point == 0);
         });
}

void set_requantize_q8(RequantizeQ8& b, int i, int32_t bias, Multiplier m, int32_t zero_point) {
  const int half = i % 2, k = i / 2;
  const int e = m.shift < 0 ? -m.shift : 0;
  b.bias[i] = bias;
  b.left[i] = m.shift > 0 ? m.shift : 0;
  b.mantissa[i] = m.mantissa;
  if (half == 1) {
    b.mantissa_odd[i - 1] = m.mantissa;
    b.mantissa_odd[i] = 0;
    b.shift_high[k] = e - 1;
  }
  const int64_t rounding = (int64_t{1} << 30) + (e > 0 ? int64_t{1} << (30 + e) : 0);
  const bool folds = e <= kMostFolded;
  b.add[half][k] = rounding + (folds ? int64_t{zero_point} * (int64_t{1} << (31 + e)) : 0);
  b.zero_point[i] = folds ? 0 : zero_point;
  b.add_negative[half][k] = e > 0 ? -(int64_t{1} << 31) : 0;
  b.shift[half][k] = 31 + e;
}

}  // namespace monolite::kernels
