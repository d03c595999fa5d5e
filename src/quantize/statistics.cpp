#include "quantize/statistics.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace monolite::quantize {
namespace {

constexpr double kSteps = 255;   // of an 8-bit range
constexpr int kCandidates = 64;  // ends tried between nothing and all
constexpr double kLeastWidth = 1e-30;

}  // namespace

Expected<Method> method_from_name(const std::string& name) {
  if (name == "minmax") return Method::min_max;
  if (name == "average") return Method::moving_average;
  if (name == "percentile") return Method::percentile;
  if (name == "mse") return Method::mse;
  return Unexpected(usage_error("--calibration_method", printable(name), "minmax, average, percentile or mse"));
}

void Histogram::widen(double reach) {
  if (width_ == 0) {
    counts_.assign(kBins, 0);
    width_ = std::exp2(std::ceil(std::log2(std::max(reach, kLeastWidth) / (kBins / 2))));
  }
  while (reach >= width_ * (kBins / 2)) {
    // Pairs of bins become one; the middle stays between two bins.
    std::vector<int64_t> wider(kBins, 0);
    for (int i = 0; i < kBins; ++i) wider[static_cast<size_t>(kBins / 4 + i / 2)] += counts_[static_cast<size_t>(i)];
    counts_ = std::move(wider);
    width_ *= 2;
  }
}

void Histogram::add(std::span<const float> values) {
  float reach = 0;
  for (const float v : values) {
    if (std::isfinite(v)) reach = std::max(reach, std::abs(v));
  }
  if (reach > 0) widen(double{reach});
  const double inverse = width_ > 0 ? 1 / width_ : 0;  // not used where all are 0
  for (const float v : values) {
    if (!std::isfinite(v)) continue;
    ++total_;
    if (v == 0) {
      ++zeros_;
    } else {
      const int bin = kBins / 2 + static_cast<int>(std::floor(double{v} * inverse));
      ++counts_[static_cast<size_t>(std::clamp(bin, 0, kBins - 1))];
    }
  }
}

double Histogram::count(int bin) const {
  return static_cast<double>(counts_[static_cast<size_t>(bin)] + (bin == kBins / 2 ? zeros_ : 0));
}

Range Histogram::without_tails(double share) const {
  if (width_ == 0 || total_ == 0) return {};
  const double tail = share * static_cast<double>(total_);
  Range r;
  double below = 0, above = 0;
  for (int i = 0; i < kBins; ++i) {
    below += count(i);
    if (below > tail) {
      r.min = (i - kBins / 2) * width_;
      break;
    }
  }
  for (int i = kBins - 1; i >= 0; --i) {
    above += count(i);
    if (above > tail) {
      r.max = (i + 1 - kBins / 2) * width_;
      break;
    }
  }
  return r;
}

double Histogram::error(const Range& range) const {
  const double step = (range.max - range.min) / kSteps;
  if (!(step > 0)) return INFINITY;
  double sum = 0;
  for (int i = 0; i < kBins; ++i) {
    const auto n = static_cast<double>(counts_[static_cast<size_t>(i)]);  // zeros have no error
    if (n == 0) continue;
    const double v = centre(i);
    // Inside, values fall anywhere between two steps: a twelfth of its square on average.
    const double outside = v < range.min ? range.min - v : v > range.max ? v - range.max : 0;
    sum += n * (outside > 0 ? outside * outside : step * step / 12);
  }
  return sum;
}

Range Histogram::least_error(const Range& whole) const {
  if (width_ == 0) return whole;
  Range best = whole.with({0, 0});
  double least = error(best);
  const auto attempt = [&](const Range& r) {
    const double e = error(r);
    if (e < least) least = e, best = r;
  };
  // Both ends together, then each by itself.
  const Range start = best;
  for (int i = 1; i < kCandidates; ++i) {
    const double share = static_cast<double>(i) / kCandidates;
    attempt({start.min * share, start.max * share});
  }
  const Range both = best;
  for (int i = 1; i <= kCandidates; ++i) attempt({both.min, start.max * i / kCandidates});
  const Range upper = best;
  for (int i = 1; i <= kCandidates; ++i) attempt({start.min * i / kCandidates, upper.max});
  return best;
}

void Statistics::add(std::span<const float> values) {
  if (values.empty()) ++samples_;  // nothing is what it holds: any range will do
  Range own{INFINITY, -INFINITY};
  int64_t finite = 0;
  for (const float v : values) {
    if (!std::isfinite(v)) continue;
    ++finite;
    own.min = std::min(own.min, double{v});
    own.max = std::max(own.max, double{v});
  }
  not_finite_ += static_cast<int64_t>(values.size()) - finite;
  if (finite == 0) return;
  seen_ = samples_ == 0 ? own : seen_.with(own);
  sum_ = {sum_.min + own.min, sum_.max + own.max};
  ++samples_;
  if (method_ == Method::percentile || method_ == Method::mse) histogram_.add(values);
}

Range Statistics::range(double percentile) const {
  switch (method_) {
    case Method::min_max:
      break;
    case Method::moving_average:
      if (samples_ > 0) return {sum_.min / static_cast<double>(samples_), sum_.max / static_cast<double>(samples_)};
      break;
    case Method::percentile: {
      const Range r = histogram_.without_tails(1 - percentile / 100);
      return {std::max(r.min, seen_.min), std::min(r.max, seen_.max)};
    }
    case Method::mse:
      return histogram_.least_error(seen_);
  }
  return seen_;
}

}  // namespace monolite::quantize
