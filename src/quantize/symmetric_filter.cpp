#include "quantize/symmetric_filter.h"

#include <algorithm>
#include <cmath>

#include "passes/graph_edit.h"

namespace monolite::quantize {
namespace {

constexpr double kMost = 127;
// A channel whose weights are this much smaller than the largest filter's is as good as zeros.
constexpr double kLeastShare = 1e-6;

void raise(std::vector<double>& scales, const std::vector<double>& least) {
  const double largest = *std::max_element(scales.begin(), scales.end());
  double smallest = largest > 0 ? largest : 1.0;
  for (const double s : scales) {
    if (s > largest * kLeastShare) smallest = std::min(smallest, s);
  }
  for (size_t i = 0; i < scales.size(); ++i) {
    if (scales[i] <= largest * kLeastShare) scales[i] = smallest;
    scales[i] = std::max(scales[i], least[i]);
  }
}

}  // namespace

SymmetricFilter symmetric_filter(OpCode op, const Tensor& filter, const std::vector<double>& steps,
                                 const std::vector<double>& least) {
  const std::vector<float> values = passes::floats(filter);
  const bool depthwise = op == OpCode::DEPTHWISE_CONV_2D;
  SymmetricFilter result;
  result.dimension = depthwise ? 3 : 0;
  const size_t channels = op == OpCode::FULLY_CONNECTED ? 1 : static_cast<size_t>(filter.shape[result.dimension]);
  const size_t inner = values.size() / channels;
  const auto channel = [&](size_t i) { return depthwise ? i % channels : i / inner; };
  result.scales.assign(channels, 0.0);
  for (size_t i = 0; i < values.size(); ++i) {
    double& most = result.scales[channel(i)];
    most = std::max(most, std::abs(double{values[i]}));
  }
  for (size_t c = 0; c < channels; ++c) {
    double& s = result.scales[c];
    const double step = steps.size() == 1 ? steps[0] : steps.size() == channels ? steps[c] : 0;
    const bool fits = step > 0 && s < (kMost + 0.5) * step;
    s = fits ? step : s == 0 && least.empty() ? 1.0 : s / kMost;
  }
  if (least.size() == channels && channels > 0) raise(result.scales, least);
  result.values.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const double v = std::round(double{values[i]} / result.scales[channel(i)]);
    result.values[i] = static_cast<int8_t>(v >= kMost ? kMost : v >= -kMost ? v : -kMost);
  }
  return result;
}

Quantization channel_quantization(const std::vector<double>& scales, int dimension) {
  Quantization q;
  q.scale.assign(scales.begin(), scales.end());
  q.zero_point.assign(scales.size(), 0);
  q.dimension = scales.size() > 1 ? dimension : 0;
  return q;
}

}  // namespace monolite::quantize
