// FakeQuant nodes: on activations they become FAKE_QUANT, which holds the range; on constants they are computed, and
// the range is noted.

#include <algorithm>
#include <cmath>

#include "convert/lowerings.h"
#include "convert/quantization_params.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

Expected<float> scalar(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in, size_t i) {
  const Tensor& t = l.tensor(in[i]);
  if (!t.is_constant() || t.dtype != DType::float32 || t.data.size_bytes() != sizeof(float)) {
    return Unexpected(node_error(n, i == 1 ? "a minimum that is not constant" : "a maximum that is not constant",
                                 "a frozen value",
                                 "freeze an inference graph: training graphs still compute the ranges"));
  }
  return t.data.get<float>(0);
}

// What the training saw: nearest step of the nudged range, in float32 as TensorFlow's kernel computes it.
std::vector<float> fake_quantize(std::vector<float> values, const TrainedRange& range) {
  const ScaleAndZero q = scale_and_zero(range, kUint8);
  const auto scale = static_cast<float>(q.scale);
  const float low = static_cast<float>((range.narrow ? 1 : 0) - q.zero_point) * scale;
  const float high = static_cast<float>(255 - q.zero_point) * scale;
  const float inverse = 1.0f / scale;
  for (float& v : values) v = std::round((std::min(high, std::max(low, v)) - low) * inverse) * scale + low;
  return values;
}

Error empty_range(const tf::Node& n) {
  return node_error(n, "an empty range", "a minimum below the maximum", "train longer: the range was never updated");
}

bool is_in_order(float least, float most) { return std::isfinite(least) && std::isfinite(most) && least <= most; }

Expected<std::vector<float>> channel_ends(Lowering& l, const tf::Node& n, TensorId id, int32_t channels) {
  const Tensor& t = l.tensor(id);
  if (t.is_constant() && t.dtype == DType::float32 && t.shape == Shape{channels}) return l.values<float>(id);
  return Unexpected(node_error(n, "ranges " + to_string(t.shape),
                               "frozen ones, one for each of " + std::to_string(channels) + " channels"));
}

}  // namespace

// On filters alone: what runs has one range a tensor. The last axis has the channels.
Outputs lower_fake_quant_channels(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  const Tensor& x = l.tensor(in[0]);
  if (!x.is_constant() || x.dtype != DType::float32 || x.shape.rank() == 0) {
    return Unexpected(node_error(n, "an input that is no constant", "a filter",
                                 "ranges per channel are for weights; activations take FakeQuantWithMinMaxVars"));
  }
  if (n.attr_or<int64_t>("num_bits", 8) != 8) return Unexpected(node_error(n, "other than 8 bits", "8"));
  const Shape shape = x.shape;
  const int32_t channels = shape[shape.rank() - 1];
  ML_ASSIGN(const std::vector<float> least, channel_ends(l, n, in[1], channels));
  ML_ASSIGN(const std::vector<float> most, channel_ends(l, n, in[2], channels));
  std::vector<float> values = l.values<float>(in[0]);
  TrainedRange whole{0, 0, n.attr_or("narrow_range", false)};
  for (size_t c = 0; c < least.size(); ++c) {
    if (!is_in_order(least[c], most[c])) return Unexpected(node_error(n, "a broken range", "finite, in order"));
    const TrainedRange range{std::min(double{least[c]}, 0.0), std::max(double{most[c]}, 0.0), whole.narrow};
    // A channel of zeros has no range, and needs none.
    const bool is_empty = range.min == range.max;
    whole.min = std::min(whole.min, range.min);
    whole.max = std::max(whole.max, range.max);
    whole.steps.push_back(is_empty ? 0 : scale_and_zero(range, kUint8).scale);
    std::vector<float> channel;
    for (size_t i = c; i < values.size(); i += least.size()) channel.push_back(is_empty ? 0 : values[i]);
    if (!is_empty) channel = fake_quantize(std::move(channel), range);
    for (size_t i = 0; i < channel.size(); ++i) values[c + i * least.size()] = channel[i];
  }
  if (whole.min == whole.max) return Unexpected(empty_range(n));
  const TensorId id = l.add_constant<float>(n.name, shape, std::move(values));
  l.lowered().constant_ranges[id] = std::move(whole);
  return std::vector<TensorId>{id};
}

Outputs lower_fake_quant(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  float least = n.attr_or("min", -6.0f), most = n.attr_or("max", 6.0f);
  if (n.op == "FakeQuantWithMinMaxVars") {
    ML_TRY(expect_inputs(n, in, 3));
    ML_ASSIGN(least, scalar(l, n, in, 1));
    ML_ASSIGN(most, scalar(l, n, in, 2));
  } else {
    ML_TRY(expect_inputs(n, in, 1));
  }
  const int64_t bits = n.attr_or<int64_t>("num_bits", 8);
  if (bits != 8) return Unexpected(node_error(n, std::to_string(bits) + " bits", "8"));
  if (!is_in_order(least, most)) {
    return Unexpected(
        node_error(n, "a range from " + std::to_string(least) + " to " + std::to_string(most), "finite, in order"));
  }
  // Quantization needs 0 to be in the range.
  const TrainedRange range{std::min(double{least}, 0.0), std::max(double{most}, 0.0), n.attr_or("narrow_range", false)};
  if (range.min == range.max) return Unexpected(empty_range(n));
  const Tensor& x = l.tensor(in[0]);
  if (x.is_constant() && x.dtype == DType::float32) {
    const Shape shape = x.shape;
    const TensorId id = l.add_constant<float>(n.name, shape, fake_quantize(l.values<float>(in[0]), range));
    l.lowered().constant_ranges[id] = range;
    return std::vector<TensorId>{id};
  }
  return one(
      l.emit(n.name, OpCode::FAKE_QUANT, {in[0]}, x.dtype, "FakeQuantOptions",
             {{"min", range.min}, {"max", range.max}, {"num_bits", int64_t{8}}, {"narrow_range", range.narrow}}));
}

}  // namespace monolite::conversion
