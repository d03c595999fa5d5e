#pragma once
// What is known of a tensor's values over the calibration samples, and the range that follows.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "quantize/range.h"

namespace monolite::quantize {

// How a range is chosen.
enum class Method {
  min_max,         // everything that was seen
  moving_average,  // the mean of the samples' own least and largest values: one odd sample counts little
  percentile,      // all but a share of the values at each end
  mse,             // what makes the mean squared error of 256 steps least
};

// "minmax", "average", "percentile", "mse".
Expected<Method> method_from_name(const std::string& name);

// Equal bins around 0 whose width doubles as larger values come; one pass, bounded memory.
class Histogram {
 public:
  static constexpr int kBins = 4096;

  void add(std::span<const float> values);  // finite ones count
  int64_t total() const { return total_; }
  // All but `share` (0..0.5) of the values at each end.
  Range without_tails(double share) const;
  // The range inside `whole` whose 256 steps give the least squared error.
  Range least_error(const Range& whole) const;

 private:
  void widen(double reach);
  double centre(int bin) const { return (bin - kBins / 2 + 0.5) * width_; }
  double count(int bin) const;
  double error(const Range& range) const;

  double width_ = 0;  // 0: nothing but zeros so far
  int64_t total_ = 0, zeros_ = 0;
  std::vector<int64_t> counts_;  // of values other than 0
};

class Statistics {
 public:
  explicit Statistics(Method method = Method::min_max) : method_(method) {}

  // The tensor's values on one more sample. NaN and infinities are left out and counted.
  void add(std::span<const float> values);

  bool has_values() const { return samples_ > 0; }
  int64_t not_finite() const { return not_finite_; }
  //   percentile  the share, in percent, that stays inside at each end
  Range range(double percentile = 99.99) const;

 private:
  Method method_;
  int64_t samples_ = 0, not_finite_ = 0;
  Range seen_, sum_;  // sum_: of the samples' own ends
  Histogram histogram_;
};

}  // namespace monolite::quantize
