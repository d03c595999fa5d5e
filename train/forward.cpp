#include "forward.h"

#include <torch/csrc/autograd/custom_function.h>

#include <array>
#include <cmath>
#include <utility>

namespace monolite::train {
namespace {

using nets::Activation;
using nets::Layer;
using nets::LayerKind;
using torch::Tensor;

constexpr int kLevels = 255;

struct Padding {
  int64_t before = 0, after = 0;
};

Padding same_padding(int64_t extent, const Layer& l) {
  const int64_t reach = int64_t{l.kernel - 1} * l.rate + 1;
  const int64_t out = (extent + l.stride - 1) / l.stride;
  const int64_t total = std::max<int64_t>((out - 1) * l.stride + reach - extent, 0);
  return {total / 2, total - total / 2};
}

Tensor convolve(const Layer& l, Tensor x, const Tensor& filter, const c10::optional<Tensor>& bias) {
  const Padding rows = same_padding(x.size(2), l), columns = same_padding(x.size(3), l);
  std::array<int64_t, 2> padding{rows.before, columns.before};
  if (rows.before != rows.after || columns.before != columns.after) {
    x = at::constant_pad_nd(x, {columns.before, columns.after, rows.before, rows.after});
    padding = {0, 0};
  }
  const int64_t groups = l.kind == LayerKind::depthwise ? x.size(1) : 1;
  return at::conv2d(x, filter, bias, {l.stride, l.stride}, padding, {l.rate, l.rate}, groups);
}

// FakeQuantWithMinMaxVars: 8 bits, the zero moved to a level; gradients pass where nothing is cut off.
Tensor fake_quant(const Tensor& x, float min, float max, bool narrow) {
  const int lowest = narrow ? 1 : 0;
  const float scale = (max - min) / static_cast<float>(kLevels - lowest);
  if (!(scale > 0)) return x * 0;  // an empty range: TensorFlow gives zeros
  const float zero = std::clamp(static_cast<float>(lowest) - min / scale, static_cast<float>(lowest), float{kLevels});
  return at::fake_quantize_per_tensor_affine(x, scale, static_cast<int64_t>(std::round(zero)), lowest, kLevels);
}

// A range with which integers can work: it holds 0.
std::pair<float, float> range_of(const Tensor& x) {
  const auto [low, high] = at::aminmax(x.detach());
  return {std::min(low.item<float>(), 0.0f), std::max(high.item<float>(), 0.0f)};
}

// The mean of all workers' values. Each worker differentiates its own loss, and the gradients of all are averaged in
// the end: so is the gradient of what all of them took part in.
struct MeanOfWorkers : torch::autograd::Function<MeanOfWorkers> {
  static Tensor mean(const Tensor& values, Shared* shared) {
    Tensor all = values.detach().to(torch::kCPU, torch::kFloat).clone(at::MemoryFormat::Contiguous);
    shared->must(shared->average({all.data_ptr<float>(), static_cast<size_t>(all.numel())}));
    return all.to(values.device());
  }
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& values, Shared* shared) {
    context->saved_data["shared"] = reinterpret_cast<int64_t>(shared);
    return mean(values, shared);
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               const torch::autograd::tensor_list& gradients) {
    auto* shared = reinterpret_cast<Shared*>(context->saved_data["shared"].toInt());
    return {mean(gradients[0], shared), Tensor()};
  }
};

class Pass {
 public:
  Pass(Learner& learner, const Mode& mode)
      : net_(learner.net),
        o_(learner.o),
        device_(learner.device),
        variables_(learner.variables),
        shared_(learner.shared),
        mode_(mode) {}

  Tensor run(const Batch& b) {
    const Tensor picture = pictures(b);
    std::vector<Tensor> values;
    const auto input = [&](const Layer& l, size_t i) {
      return l.inputs[i] == nets::kNetInput ? picture : values[static_cast<size_t>(l.inputs[i])];
    };
    for (const Layer& l : net_.layers) {
      Tensor x = input(l, 0);
      switch (l.kind) {
        case LayerKind::convolution:
        case LayerKind::depthwise:
          x = convolution(l, x);
          break;
        case LayerKind::add:
          x = watched(l.range_scope, x + input(l, 1));
          break;
        case LayerKind::average_pool:
          x = at::mean(x, at::IntArrayRef{2, 3}, true);
          break;
        case LayerKind::resize:
          x = resize(x, l.height, l.width);
          break;
        case LayerKind::concat: {
          std::vector<Tensor> all;
          for (size_t i = 0; i < l.inputs.size(); ++i) all.push_back(input(l, i));
          x = at::cat(all, 1);
          break;
        }
      }
      if (mode_.is_training && l.name == "concat_projection" && o_.keep_probability < 1)
        x = at::dropout(x, 1 - o_.keep_probability, true);
      values.push_back(std::move(x));
    }
    return values.back();
  }

 private:
  Tensor& at(const std::string& name) { return variables_.at(name).value; }

  Tensor pictures(const Batch& b) const {
    const Tensor bytes =
        torch::from_blob(const_cast<uint8_t*>(b.images.data()), {b.count, b.height, b.width, 3}, torch::kByte);
    return bytes.permute({0, 3, 1, 2}).to(torch::kFloat).contiguous().mul_(2.0f / 255.0f).sub_(1.0f).to(device_);
  }

  Tensor convolution(const Layer& l, const Tensor& x) {
    const Tensor& filter = at(nets::filter_name(l));
    Tensor y;
    if (l.batch_norm_epsilon == 0) {
      y = convolve(l, x, filter_levels(l, filter), at(l.name + "/biases"));
    } else {
      y = mode_.folds ? folded(l, x, filter) : normalized(l, convolve(l, x, filter, {}));
    }
    if (l.activation == Activation::relu) y = at::relu(y);
    if (l.activation == Activation::relu6) y = at::hardtanh(y, 0, 6);
    return watched(l.name + "/act_quant", y);
  }

  double decay_of(const Layer& l) const {
    return is_backbone(l.name) ? o_.backbone_batch_norm_decay : o_.batch_norm_decay;
  }

  bool is_shared() const { return o_.sync_batch_norm && o_.average; }

  // Mean and variance of a batch's channels; with synchronised batch norms, of all workers' parts of it.
  std::pair<Tensor, Tensor> statistics(const Tensor& y) {
    constexpr std::array<int64_t, 3> all_but_channels{0, 2, 3};
    if (!is_shared()) {
      const auto [variance, mean] = at::var_mean(y, all_but_channels, false, false);
      return {mean, variance};
    }
    const Tensor mean = MeanOfWorkers::apply(at::mean(y, all_but_channels), &shared_);
    const Tensor squares = at::mean((y - mean.view({1, -1, 1, 1})).square(), all_but_channels);
    return {mean, MeanOfWorkers::apply(squares, &shared_)};
  }

  // Moving statistics take the variance of which the batch is a sample, as TensorFlow's fused batch norm does.
  void follow_statistics(const Layer& l, const Tensor& y, const Tensor& batch_mean, const Tensor& batch_variance) {
    const torch::NoGradGuard no_gradients;
    const int64_t parts = is_shared() ? o_.workers : 1;
    const double count = static_cast<double>(y.numel() / y.size(1) * parts);
    const std::string scope = l.name + "/BatchNorm/";
    at(scope + "moving_mean").lerp_(batch_mean.detach(), 1 - decay_of(l));
    at(scope + "moving_variance").lerp_(batch_variance.detach() * (count / std::max(count - 1, 1.0)), 1 - decay_of(l));
  }

  Tensor normalized(const Layer& l, const Tensor& y) {
    const std::string scope = l.name + "/BatchNorm/";
    if (is_shared() && !mode_.frozen) {
      const auto [batch_mean, batch_variance] = statistics(y);
      if (mode_.updates) follow_statistics(l, y, batch_mean, batch_variance);
      const Tensor scale = at(scope + "gamma") * at::rsqrt(batch_variance + l.batch_norm_epsilon);
      return (y - batch_mean.view({1, -1, 1, 1})) * scale.view({1, -1, 1, 1}) + at(scope + "beta").view({1, -1, 1, 1});
    }
    Tensor mean = at(scope + "moving_mean"), variance = at(scope + "moving_variance");
    if (!mode_.frozen && !mode_.updates) mean = mean.clone(), variance = variance.clone();
    return at::batch_norm(y, at(scope + "gamma"), at(scope + "beta"), mean, variance, !mode_.frozen, 1 - decay_of(l),
                          l.batch_norm_epsilon, false);
  }

  // The batch norm inside of the filter, whose levels are then those of the integer model. While the statistics still
  // move, the filter is folded with the moving variance (which does not jitter), and the sums are corrected to the
  // batch's; so contrib.quantize has it.
  Tensor folded(const Layer& l, const Tensor& x, const Tensor& filter) {
    const std::string scope = l.name + "/BatchNorm/";
    const Tensor &gamma = at(scope + "gamma"), &beta = at(scope + "beta");
    Tensor &mean = at(scope + "moving_mean"), &variance = at(scope + "moving_variance");
    const Tensor scale = at::rsqrt(variance + l.batch_norm_epsilon);
    const auto fold = [&](const Tensor& moving_scale) {
      return filter_levels(l, filter * (gamma * moving_scale).view({-1, 1, 1, 1}));
    };
    if (mode_.frozen) return convolve(l, x, fold(scale), beta - mean * gamma * scale);
    const Tensor sums = convolve(l, x, filter, {});
    const auto [batch_mean, batch_variance] = statistics(sums);
    const Tensor batch_scale = at::rsqrt(batch_variance + l.batch_norm_epsilon);
    const Tensor y = convolve(l, x, fold(scale), {});
    const Tensor corrected =
        y * (batch_scale / scale).view({1, -1, 1, 1}) + (beta - batch_mean * gamma * batch_scale).view({1, -1, 1, 1});
    if (mode_.updates) follow_statistics(l, sums, batch_mean, batch_variance);
    return corrected;
  }

  Tensor filter_levels(const Layer& l, const Tensor& filter) {
    if (!mode_.folds) return filter;
    if (o_.per_channel) return channel_levels(l, filter);
    Tensor &min = at(l.name + "/weights_quant/min"), &max = at(l.name + "/weights_quant/max");
    float low = min.item<float>(), high = max.item<float>();
    if (mode_.is_training) {
      std::tie(low, high) = range_of(filter);
      if (o_.symmetric_weights) high = std::max(-low, high), low = -high;
      if (mode_.updates) min.fill_(low), max.fill_(high);
    }
    return mode_.quantizes ? fake_quant(filter, low, high, true) : filter;
  }

  // Likewise, symmetric and with a range for each output channel, which is the first axis here.
  Tensor channel_levels(const Layer& l, const Tensor& filter) {
    Tensor &min = at(l.name + "/weights_quant/min"), &max = at(l.name + "/weights_quant/max");
    Tensor reach = max;
    if (mode_.is_training) {
      reach = filter.detach().abs().amax({1, 2, 3});
      const torch::NoGradGuard no_gradients;
      if (mode_.updates) max.copy_(reach), min.copy_(-reach);
    }
    if (!mode_.quantizes) return filter;
    // An empty range: TensorFlow gives zeros, and so does any scale here.
    const Tensor scale = at::where(reach > 0, reach * (2.0f / (kLevels - 1)), torch::ones_like(reach));
    const Tensor zeros = torch::full(reach.sizes(), (kLevels + 1) / 2, torch::kInt).to(device_);
    return at::fake_quantize_per_channel_affine(filter, scale, zeros, 0, 1, kLevels);
  }

  // The moving average of what passes, and the levels that it leaves.
  Tensor watched(const std::string& scope, const Tensor& x) {
    if (!mode_.folds) return x;
    Tensor &min = at(scope + "/min"), &max = at(scope + "/max");
    if (mode_.updates) {
      const auto [low, high] = range_of_all(x);
      follow(scope + "/min", low);
      follow(scope + "/max", high);
    }
    return mode_.quantizes ? fake_quant(x, min.item<float>(), max.item<float>(), false) : x;
  }

  // The range of all workers' parts of the batch.
  std::pair<float, float> range_of_all(const Tensor& x) {
    const auto [low, high] = range_of(x);
    std::array<float, 2> ends{-low, high};
    if (o_.maximum) shared_.must(o_.maximum(ends));
    return {-ends[0], ends[1]};
  }

  // assign_moving_average with its correction for the start at zero.
  void follow(const std::string& name, float value) {
    Tensor &biased = at(name + "/biased"), &steps = at(name + "/local_step");
    if (steps.item<float>() == 0 && biased.item<float>() == 0 && has_range(name)) {
      // A checkpoint brought the range without its count: it goes on from there.
      at(name).lerp_(torch::full({}, value), 1 - o_.range_decay);
      return;
    }
    biased.lerp_(torch::full({}, value), 1 - o_.range_decay);
    steps += 1;
    at(name).copy_(biased / (1 - std::pow(o_.range_decay, steps.item<float>())));
  }

  bool has_range(const std::string& name) { return std::fabs(at(name).item<float>()) != kFirstRange; }

  const nets::Net& net_;
  const NetworkOptions& o_;
  const torch::Device device_;
  Variables& variables_;
  Shared& shared_;
  const Mode& mode_;
};

}  // namespace

torch::Tensor forward(Learner& learner, const Batch& batch, const Mode& mode) { return Pass(learner, mode).run(batch); }

Tensor resize(const Tensor& x, int64_t height, int64_t width) {
  if (x.size(2) == height && x.size(3) == width) return x;
  return at::upsample_bilinear2d(x, {height, width}, true);
}

}  // namespace monolite::train
