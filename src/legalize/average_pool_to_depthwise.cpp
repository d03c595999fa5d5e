// average_pool_to_depthwise
//   match    8-bit AVERAGE_POOL_2D without padding, one quantization on both sides
//   rewrite  DEPTHWISE_CONV_2D, VALID, of the same window: one weight everywhere, 127, whose scale makes the sum a
//            mean, and a bias that rounds halves as the pool does
//   proof    exact, or not made: every sum that a window can have is tried for the model's own scale. The pool rounds
//            halves up (uint8), or away from zero (int8) in raw values; the convolution away from the zero point.
//            uint8: a bias just below half a step. int8 with an even window: the scale is made larger by e, and the
//            bias e * zero point, so that all sums grow away from the raw zero by less than a step, and halves cross
//            over
//   cost     height * width MACs an output element, as many weights a channel
//   for      targets that limit pool windows or take no quantized pool
#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "base/fixed_point.h"
#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "ops/pool.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

constexpr int kWeight = 127;
constexpr int64_t kMostElements = 66000;    // of a window: 127 * 255 * that many stays below 2^31
constexpr int64_t kMostWeights = 16 << 20;  // bytes that the file may grow by

struct Mean {
  bool is_signed = false;
  int32_t elements = 1, zero_point = 0;
  float scale = 1;  // of input and output
  int32_t least() const { return is_signed ? -128 : 0; }
  int32_t most() const { return is_signed ? 127 : 255; }

  // AVERAGE_POOL_2D's rounding of the mean.
  int32_t pooled(int64_t sum) const {
    const int64_t half = elements / 2;
    return static_cast<int32_t>(sum > 0 || !is_signed ? (sum + half) / elements : (sum - half) / elements);
  }
};

struct Form {
  float weight_scale = 0;
  int32_t bias = 0;
};

// The convolution's own arithmetic on sums of raw values.
class Convolved {
 public:
  Convolved(const Mean& mean, const Form& form)
      : mean_(mean), bias_(form.bias), multiplier_(quantize_multiplier(real_multiplier(mean, form))) {}
  int32_t operator()(int64_t sum) const {
    const auto acc = static_cast<int32_t>(kWeight * (sum - int64_t{mean_.elements} * mean_.zero_point)) + bias_;
    return std::clamp(multiply(acc, multiplier_) + mean_.zero_point, mean_.least(), mean_.most());
  }

 private:
  // uint8 kernels round the product of the scales to float32.
  static double real_multiplier(const Mean& mean, const Form& form) {
    const double product = mean.is_signed ? static_cast<double>(mean.scale) * static_cast<double>(form.weight_scale)
                                          : static_cast<double>(mean.scale * form.weight_scale);
    return product / static_cast<double>(mean.scale);
  }

  const Mean& mean_;
  int32_t bias_;
  Multiplier multiplier_;
};

// The sums where the mean crosses from one value to the next, and their neighbours: nearly every wrong form fails
// there.
bool agrees_at_steps(const Mean& mean, const Convolved& convolved) {
  for (int32_t value = mean.least(); value < mean.most(); ++value) {
    const int64_t middle = int64_t{value} * mean.elements + mean.elements / 2;
    for (int64_t sum = middle - 2; sum <= middle + 2; ++sum) {
      if (sum < int64_t{mean.least()} * mean.elements || sum > int64_t{mean.most()} * mean.elements) continue;
      if (convolved(sum) != mean.pooled(sum)) return false;
    }
  }
  return true;
}

bool agrees(const Mean& mean, const Form& form) {
  const Convolved convolved(mean, form);
  if (!agrees_at_steps(mean, convolved)) return false;
  for (int64_t sum = int64_t{mean.least()} * mean.elements; sum <= int64_t{mean.most()} * mean.elements; ++sum) {
    if (convolved(sum) != mean.pooled(sum)) return false;
  }
  return true;
}

std::optional<Form> find_form(const Mean& mean) {
  const double exact_scale = 1.0 / (static_cast<double>(kWeight) * mean.elements);
  const int32_t half_step = mean.elements % 2 == 0 ? kWeight / 2 : 0;
  if (!mean.is_signed || mean.elements % 2 != 0) {
    const Form form{static_cast<float>(exact_scale), mean.is_signed ? 0 : half_step};
    if (agrees(mean, form)) return form;
  }
  // A step of the mean is kWeight units of the accumulator; the widest growth stays below it at the range's end.
  constexpr int kTries = 64;
  for (int k = 1; k <= kTries; ++k) {
    const double growth = static_cast<double>(k) / kTries / 128.0 / mean.elements;
    const double centre = growth * mean.zero_point * kWeight * mean.elements;
    for (const int offset : {0, 1, -1, 2, -2}) {
      const Form form{static_cast<float>(exact_scale * (1 + growth)),
                      static_cast<int32_t>(std::lround(centre)) + offset};
      if (agrees(mean, form)) return form;
    }
  }
  return std::nullopt;
}

// Does the window never reach outside of the picture?
bool is_inside(const ops::Pool2D& pool, const Shape& in) {
  if (pool.padding == ops::Padding::valid) return true;
  const ops::WindowAxis y{in[1], pool.filter_height, pool.stride_h}, x{in[2], pool.filter_width, pool.stride_w};
  const auto fits = [](const ops::WindowAxis& axis) {
    return (int64_t{axis.out()} - 1) * axis.stride + axis.filter <= axis.in && axis.pad_before() == 0;
  };
  return fits(y) && fits(x);
}

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match();
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  const Tensor& input = site.tensor(in);
  const Shape shape = site.shape(in);
  const Quantization& q = input.quantization;
  if ((input.dtype != DType::uint8 && input.dtype != DType::int8) || shape.rank() != 4) return no_match();
  if (q.scale.size() != 1 || q.zero_point.size() != 1 || !same_mapping(q, site.tensor(out).quantization)) {
    return no_match("input and output have different scales");
  }
  const auto pool = attributes_as<ops::Pool2D>(site.node().attributes);
  if (pool.filter_height < 1 || pool.filter_width < 1 || !is_inside(pool, shape)) {
    return no_match("the window reaches outside of the picture, where it counts fewer elements");
  }
  const int64_t elements = int64_t{pool.filter_height} * pool.filter_width;
  if (elements > kMostElements || elements * shape[3] > kMostWeights) {
    return no_match(fmt::format("{} weights would be needed", elements * shape[3]));
  }
  const Mean mean{input.dtype == DType::int8, static_cast<int32_t>(elements), static_cast<int32_t>(q.zero_point[0]),
                  q.scale[0]};
  const std::optional<Form> form = find_form(mean);
  if (!form) return no_match("no bias makes it exact for this scale and zero point");
  const FlatFilter filter{pool.filter_height,
                          pool.filter_width,
                          pool.stride_h,
                          pool.stride_w,
                          kWeight,
                          form->weight_scale,
                          form->bias,
                          static_cast<int64_t>(pool.fused_activation_function)};
  passes::replace_node(g, site.index, {depthwise(g, in, out, shape[3], filter)});
  return Applied{.note = fmt::format("the {}x{} mean as a depthwise convolution, weight {}, bias {}; all {} sums tried",
                                     pool.filter_height, pool.filter_width, kWeight, form->bias, 255 * elements + 1)};
}

}  // namespace

extern const Rewrite average_pool_to_depthwise;
const Rewrite average_pool_to_depthwise{.name = "average_pool_to_depthwise",
                                        .summary = "an average pool as a depthwise convolution",
                                        .proof = Proof::exact,
                                        .ops = {OpCode::AVERAGE_POOL_2D},
                                        .apply = apply};

}  // namespace monolite::legalize
