#pragma once
// Hybrid ops: float activations with int8 weights. The activations are quantized while running, each row (or picture)
// by its own range; sums of integers are scaled back to floats.

#include <cstdint>
#include <vector>

#include "ops/activation.h"
#include "ops/node_view.h"

namespace monolite::ops {

// Rows of floats as int8: real = scale[row] * (value - zero_point[row]).
struct QuantizedRows {
  std::vector<int8_t> values;
  std::vector<float> scale;
  std::vector<int32_t> zero_point;
};

// Symmetric: zero points are 0, values in [-127, 127]. Asymmetric: 0.0 is a value, all of [-128, 127] is used.
// A row of zeros gets scale 1. The arithmetic is LiteRT's, in float32 and double.
QuantizedRows quantize_rows(const float* data, int64_t rows, int64_t length, bool asymmetric);

// Is it float32 activations with int8 weights?
inline bool is_hybrid(const NodeView& n, int input, int filter) {
  return n.dtype(input) == DType::float32 && n.dtype(filter) == DType::int8;
}

// In which order LiteRT's kernel multiplies a sum by its two scales. A last bit of a float decides how the next node's
// activations are quantized, so a whole model shows it.
enum class ScaleOrder { filter_times_row, sum_times_filter };

// Turns the integer sums of one row into floats: times the row's scale and the channel's, plus bias, clamped.
class HybridFinish {
 public:
  HybridFinish(const Evaluation& n, int filter, int bias, Activation activation, ScaleOrder order)
      : order_(order),
        filter_scale_(n.input(filter).quantization.scale),
        bias_(n.has_input(bias) ? n.data<float>(bias) : nullptr),
        range_(float_range(activation)) {}
  void start_row(float scale) { row_scale_ = scale; }
  float operator()(int32_t sum, int32_t channel) const {
    const float filter_scale =
        filter_scale_.size() > 1 ? filter_scale_[static_cast<size_t>(channel)] : filter_scale_[0];
    const float real = order_ == ScaleOrder::sum_times_filter ? static_cast<float>(sum) * filter_scale * row_scale_
                                                              : static_cast<float>(sum) * (filter_scale * row_scale_);
    return clamp(real + (bias_ != nullptr ? bias_[channel] : 0.0f), range_);
  }

 private:
  ScaleOrder order_;
  const std::vector<float>& filter_scale_;
  const float* bias_;
  Range<float> range_;
  float row_scale_ = 1;
};

}  // namespace monolite::ops
