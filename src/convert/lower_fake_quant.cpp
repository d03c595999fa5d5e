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

}  // namespace

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
  if (!std::isfinite(least) || !std::isfinite(most) || least > most) {
    return Unexpected(
        node_error(n, "a range from " + std::to_string(least) + " to " + std::to_string(most), "finite, in order"));
  }
  // Quantization needs 0 to be in the range.
  const TrainedRange range{std::min(double{least}, 0.0), std::max(double{most}, 0.0), n.attr_or("narrow_range", false)};
  if (range.min == range.max)
    return Unexpected(
        node_error(n, "an empty range", "a minimum below the maximum", "train longer: the range was never updated"));
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
