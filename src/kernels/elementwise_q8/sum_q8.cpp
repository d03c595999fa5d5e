#include "kernels/elementwise_q8/sum_q8.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "kernels/requantize_q8_table.h"

namespace monolite::kernels {
namespace {

constexpr int kMostDoubt = 64;  // one result in 1024

TermsQ8 terms(const SumInputQ8& input, uint8_t flip) {
  TermsQ8 t;
  for (int byte = 0; byte < 256; ++byte) {
    const int32_t value = byte ^ flip;
    const int32_t term = multiply(wrapping_shift_left(value - input.zero_point, input.left_shift), input.multiplier);
    t.whole[byte] = term;
    for (int i = 0; i < 4; ++i) t.planes[i][byte] = static_cast<uint8_t>(static_cast<uint32_t>(term) >> (8 * i));
  }
  return t;
}

int64_t magnitude(const TermsQ8& t) {
  int64_t most = 0;
  for (const int32_t term : t.whole) most = std::max(most, std::abs(int64_t{term}));
  return most;
}

// A line through the terms times `unit`, and how far from it they are at most.
struct Line {
  float slope;
  double start, error;
  double end() const { return start + 255.0 * slope; }
  double least() const { return std::min(start, end()); }
  double most() const { return std::max(start, end()); }
};

Line line(const TermsQ8& t, uint8_t flip, double unit) {
  const auto at = [&](int value) { return unit * t.whole[value ^ flip]; };
  Line l{static_cast<float>((at(255) - at(0)) / 255), at(0), 0};
  for (int value = 0; value < 256; ++value) {
    l.error = std::max(l.error, std::abs(at(value) - (l.start + double{l.slope} * value)));
  }
  return l;
}

// What rounding to 24 bits is worth, at most, for numbers up to `most`.
double rounding_of(double most) { return std::ldexp(1.0, std::ilogb(std::max(most, 1.0)) - 24); }

// With y = (sum * m + c) / 2^(31+e) + zero_point as in kernels/requantize_q8.h, in units of 2^-16, the estimate is off
// y by: what the terms are off their lines; what c is less for negative sums (2^(16-e), at most 1); the offset's
// rounding; the first fma's; the second's, 1 at most where 0 <= y <= 2^24, and monotonous elsewhere; 1/2 by round. The
// offset is put up by as much, so that q is at most `doubt` above y and never below it: where q's lower half is `doubt`
// or more, no whole number lies between them. Outside of [0, 256] y's clamp is q's: q >= y, and where y < 0 and q > 0,
// q is below `doubt`.
SumEstimateQ8 estimate(const SumQ8& s, Multiplier scale) {
  const SumEstimateQ8 none{};
  const int e = -scale.shift;
  if (scale.mantissa < (1 << 30) || e < 16 || e > 31) return none;
  if (magnitude(s.a_terms) + magnitude(s.b_terms) > INT32_MAX) return none;  // a sum that wraps is no line
  const double unit = std::ldexp(scale.mantissa, 16 - 31 - e);
  const Line a = line(s.a_terms, s.output.flip, unit), b = line(s.b_terms, s.output.flip, unit);
  const double constant = 65536.0 * s.output.zero_point + std::ldexp(1.0, 15) + std::ldexp(1.0, 15 - e);
  const double first = std::max(std::abs(a.least()), std::abs(a.most())) + std::abs(b.start) + std::abs(constant);
  constexpr double kMostSum = 1 << 30;
  if (!(first + std::abs(b.most()) + std::abs(b.least()) < kMostSum)) return none;
  const double error = a.error + b.error + 1 + 2 * rounding_of(first + kMostDoubt) + 1 + 0.5;
  if (error >= kMostDoubt / 2) return none;
  const double up = std::ceil(error);
  return {static_cast<uint16_t>(2 * up), a.slope, b.slope, static_cast<float>(a.start + b.start + constant + up)};
}

}  // namespace

SumQ8 sum_q8(const SumInputQ8& a, const SumInputQ8& b, Multiplier scale, const OutputQ8& output) {
  SumQ8 s{terms(a, output.flip), terms(b, output.flip), {}, {}, output};
  for (int lane = 0; lane < 16; ++lane) set_requantize_q8(s.scale, lane, 0, scale, output.zero_point);
  s.estimate = estimate(s, scale);
  return s;
}

}  // namespace monolite::kernels
