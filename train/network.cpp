#include "network.h"

// First: in C++20, Clang wants IValue complete where torch's other headers use it.
#include <ATen/core/ivalue.h>

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace monolite::train {
namespace {

namespace tf = monolite::tensorflow;
using nets::Activation;
using nets::Layer;
using nets::LayerKind;
using torch::Tensor;

constexpr int kLevels = 255;
// Where contrib.quantize lets a range start; the first batch replaces it.
constexpr float kFirstRange = 6.0f;
constexpr const char* kGlobalStep = "global_step";

struct Variable {
  Tensor value;               // filters: [out, in, k, k]; what else there is: as TensorFlow has it
  std::vector<int64_t> dims;  // TensorFlow's
  bool is_filter = false, is_depthwise = false, is_trained = false;
  double decay = 0, gradient_multiplier = 1;
  Tensor slot, slot2;  // Momentum; or Adam, Adam_1
};

// [k, k, in, out] <-> [out, in, k, k]; depthwise [k, k, channels, 1] <-> [channels, 1, k, k].
Tensor to_torch(const Tensor& t, const Variable& v) {
  if (!v.is_filter) return t;
  return (v.is_depthwise ? t.permute({2, 3, 0, 1}) : t.permute({3, 2, 0, 1})).contiguous();
}
Tensor to_tensorflow(const Tensor& t, const Variable& v) {
  if (!v.is_filter) return t.contiguous();
  return (v.is_depthwise ? t.permute({2, 3, 0, 1}) : t.permute({2, 3, 1, 0})).contiguous();
}

tf::Tensor numbers(const Tensor& t, const std::vector<int64_t>& dims) {
  const Tensor c = t.detach().to(torch::kCPU, torch::kFloat).contiguous();
  const float* p = c.data_ptr<float>();
  return tf::Tensor::of<float>(tf::DataType::float32, dims, {p, p + c.numel()});
}

bool is_backbone(const std::string& scope) {
  return scope.starts_with("MobilenetV2") || scope.starts_with("MobilenetEdgeTPU");
}

bool is_last_layer(const std::string& scope, bool logits_only) {
  if (scope.starts_with("logits")) return true;
  return !logits_only && !is_backbone(scope);
}

// How slim and DeepLab start a filter: truncated normals, or Xavier's uniform range where they say nothing.
Tensor first_filter(const Layer& l, int64_t in, c10::optional<torch::Generator> random) {
  const bool depthwise = l.kind == LayerKind::depthwise;
  const int64_t k = l.kernel, out = l.channels;
  const std::vector<int64_t> dims = depthwise ? std::vector<int64_t>{in, 1, k, k} : std::vector<int64_t>{out, in, k, k};
  double deviation = 0;
  if (is_backbone(l.name))
    deviation = 0.09;
  else if (l.name.starts_with("logits"))
    deviation = 0.01;
  else if (depthwise)
    deviation = 0.33;
  else if (l.name.ends_with("_pointwise"))
    deviation = 0.06;
  if (deviation == 0) {
    const double bound = std::sqrt(6.0 / static_cast<double>((in + out) * k * k));
    return (torch::rand(dims, random) * 2 - 1) * bound;
  }
  // The normal distribution's inverse, over the part within two deviations.
  constexpr double kWithin = 0.9544997361036416;
  return torch::erfinv((torch::rand(dims, random) * 2 - 1) * kWithin) * (deviation * std::sqrt(2.0));
}

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

Tensor resize(const Tensor& x, int64_t height, int64_t width) {
  if (x.size(2) == height && x.size(3) == width) return x;
  return at::upsample_bilinear2d(x, {height, width}, true);
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

// What passes between the workers in the middle of a step, where libtorch cannot be handed an Expected: the error is
// kept, and thrown as an exception that step() catches.
struct Shared {
  std::function<Expected<void>(std::span<float>)> average;
  std::optional<Error> error;

  void must(Expected<void> done) {
    if (done) return;
    error = std::move(done).error();
    throw std::runtime_error("a worker is gone");
  }
};

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

// Numbers without a pattern for each step of a seed.
uint64_t mix(uint64_t seed, uint64_t step) {
  uint64_t z = seed * 0x9E3779B97F4A7C15u + step + 0x632BE59BD9B4E019u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

struct Network::State {
  nets::Net net;
  NetworkOptions o;
  torch::Device device{torch::kCPU};
  std::map<std::string, Variable> variables;
  Shared shared;

  // How a forward pass behaves.
  struct Mode {
    bool is_training = false;
    bool updates = false;    // moving statistics and ranges follow the batch
    bool folds = false;      // batch norms folded into filters
    bool quantizes = false;  // ranges take effect
    bool frozen = true;      // batch norms by their moving statistics
  };

  Tensor& at(const std::string& name) { return variables.at(name).value; }

  void add(const std::string& name, std::vector<int64_t> dims, Tensor value, bool is_trained) {
    Variable v;
    v.dims = std::move(dims);
    v.value = value.to(device);
    v.is_trained = is_trained;
    v.value.set_requires_grad(is_trained);
    variables[name] = std::move(v);
  }

  void initialize() {
    auto random = at::make_generator<at::CPUGeneratorImpl>(mix(o.seed, 0));
    for (const Layer& l : net.layers) {
      for (const auto& s : nets::variables(net, l, o.quantize_delay_step.has_value(), o.per_channel))
        add_start(l, s, random);
    }
  }

  void add_start(const Layer& l, const nets::VariableSpec& s, const torch::Generator& random) {
    const bool last = is_last_layer(l.name, o.last_layers_contain_logits_only);
    const double multiplier = last ? o.last_layer_gradient_multiplier : 1.0;
    if (s.name == nets::filter_name(l)) {
      add(s.name, s.dims, first_filter(l, net.channels_of(l.inputs[0]), random), true);
      Variable& v = variables.at(s.name);
      v.is_filter = true;
      v.is_depthwise = l.kind == LayerKind::depthwise;
      v.decay = v.is_depthwise ? 0 : o.weight_decay;
      v.gradient_multiplier = multiplier;
      return;
    }
    if (s.name.ends_with("_quant/min") || s.name.ends_with("_quant/max")) {
      add(s.name, s.dims, torch::full(s.dims, s.name.ends_with("min") ? -kFirstRange : kFirstRange), false);
      if (s.name.find("weights_quant") == std::string::npos) {
        add(s.name + "/biased", {}, torch::zeros({}), false);
        add(s.name + "/local_step", {}, torch::zeros({}), false);
      }
      return;
    }
    const bool moves = s.name.ends_with("moving_mean") || s.name.ends_with("moving_variance");
    const bool one = s.name.ends_with("gamma") || s.name.ends_with("moving_variance");
    add(s.name, s.dims, one ? torch::ones(s.dims) : torch::zeros(s.dims), !moves);
    if (s.name.ends_with("/biases"))
      variables.at(s.name).gradient_multiplier = 2 * multiplier;
    else if (!moves)
      variables.at(s.name).gradient_multiplier = multiplier;
  }

  Mode training_mode(int64_t step) const {
    const bool folds = o.quantize_delay_step.has_value();
    return {.is_training = true,
            .updates = true,
            .folds = folds,
            .quantizes = folds && step >= *o.quantize_delay_step,
            .frozen = !o.fine_tune_batch_norm || (folds && o.freeze_bn_delay && step >= *o.freeze_bn_delay)};
  }

  Tensor pictures(const Batch& b) const {
    const Tensor bytes =
        torch::from_blob(const_cast<uint8_t*>(b.images.data()), {b.count, b.height, b.width, 3}, torch::kByte);
    return bytes.permute({0, 3, 1, 2}).to(torch::kFloat).contiguous().mul_(2.0f / 255.0f).sub_(1.0f).to(device);
  }

  Tensor forward(const Batch& b, const Mode& mode) {
    const Tensor picture = pictures(b);
    std::vector<Tensor> values;
    const auto input = [&](const Layer& l, size_t i) {
      return l.inputs[i] == nets::kNetInput ? picture : values[static_cast<size_t>(l.inputs[i])];
    };
    for (const Layer& l : net.layers) {
      Tensor x = input(l, 0);
      switch (l.kind) {
        case LayerKind::convolution:
        case LayerKind::depthwise:
          x = convolution(l, x, mode);
          break;
        case LayerKind::add:
          x = watched(l.range_scope, x + input(l, 1), mode);
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
      if (mode.is_training && l.name == "concat_projection" && o.keep_probability < 1)
        x = at::dropout(x, 1 - o.keep_probability, true);
      values.push_back(std::move(x));
    }
    return values.back();
  }

  Tensor convolution(const Layer& l, const Tensor& x, const Mode& mode) {
    const Tensor& filter = at(nets::filter_name(l));
    Tensor y;
    if (l.batch_norm_epsilon == 0) {
      y = convolve(l, x, filter_levels(l, filter, mode), at(l.name + "/biases"));
    } else {
      y = mode.folds ? folded(l, x, filter, mode) : normalized(l, convolve(l, x, filter, {}), mode);
    }
    if (l.activation == Activation::relu) y = at::relu(y);
    if (l.activation == Activation::relu6) y = at::hardtanh(y, 0, 6);
    return watched(l.name + "/act_quant", y, mode);
  }

  double decay_of(const Layer& l) const {
    return is_backbone(l.name) ? o.backbone_batch_norm_decay : o.batch_norm_decay;
  }

  bool is_shared() const { return o.sync_batch_norm && o.average; }

  // Mean and variance of a batch's channels; with synchronised batch norms, of all workers' parts of it.
  std::pair<Tensor, Tensor> statistics(const Tensor& y) {
    constexpr std::array<int64_t, 3> all_but_channels{0, 2, 3};
    if (!is_shared()) {
      const auto [variance, mean] = at::var_mean(y, all_but_channels, false, false);
      return {mean, variance};
    }
    const Tensor mean = MeanOfWorkers::apply(at::mean(y, all_but_channels), &shared);
    const Tensor squares = at::mean((y - mean.view({1, -1, 1, 1})).square(), all_but_channels);
    return {mean, MeanOfWorkers::apply(squares, &shared)};
  }

  // Moving statistics take the variance of which the batch is a sample, as TensorFlow's fused batch norm does.
  void follow_statistics(const Layer& l, const Tensor& y, const Tensor& batch_mean, const Tensor& batch_variance) {
    const torch::NoGradGuard no_gradients;
    const int64_t parts = is_shared() ? o.workers : 1;
    const double count = static_cast<double>(y.numel() / y.size(1) * parts);
    const std::string scope = l.name + "/BatchNorm/";
    at(scope + "moving_mean").lerp_(batch_mean.detach(), 1 - decay_of(l));
    at(scope + "moving_variance").lerp_(batch_variance.detach() * (count / std::max(count - 1, 1.0)), 1 - decay_of(l));
  }

  Tensor normalized(const Layer& l, const Tensor& y, const Mode& mode) {
    const std::string scope = l.name + "/BatchNorm/";
    if (is_shared() && !mode.frozen) {
      const auto [batch_mean, batch_variance] = statistics(y);
      if (mode.updates) follow_statistics(l, y, batch_mean, batch_variance);
      const Tensor scale = at(scope + "gamma") * at::rsqrt(batch_variance + l.batch_norm_epsilon);
      return (y - batch_mean.view({1, -1, 1, 1})) * scale.view({1, -1, 1, 1}) + at(scope + "beta").view({1, -1, 1, 1});
    }
    Tensor mean = at(scope + "moving_mean"), variance = at(scope + "moving_variance");
    if (!mode.frozen && !mode.updates) mean = mean.clone(), variance = variance.clone();
    return at::batch_norm(y, at(scope + "gamma"), at(scope + "beta"), mean, variance, !mode.frozen, 1 - decay_of(l),
                          l.batch_norm_epsilon, false);
  }

  // The batch norm inside of the filter, whose levels are then those of the integer model. While the statistics still
  // move, the filter is folded with the moving variance (which does not jitter), and the sums are corrected to the
  // batch's; so contrib.quantize has it.
  Tensor folded(const Layer& l, const Tensor& x, const Tensor& filter, const Mode& mode) {
    const std::string scope = l.name + "/BatchNorm/";
    const Tensor &gamma = at(scope + "gamma"), &beta = at(scope + "beta");
    Tensor &mean = at(scope + "moving_mean"), &variance = at(scope + "moving_variance");
    const Tensor scale = at::rsqrt(variance + l.batch_norm_epsilon);
    const auto fold = [&](const Tensor& moving_scale) {
      return filter_levels(l, filter * (gamma * moving_scale).view({-1, 1, 1, 1}), mode);
    };
    if (mode.frozen) return convolve(l, x, fold(scale), beta - mean * gamma * scale);
    const Tensor sums = convolve(l, x, filter, {});
    const auto [batch_mean, batch_variance] = statistics(sums);
    const Tensor batch_scale = at::rsqrt(batch_variance + l.batch_norm_epsilon);
    const Tensor y = convolve(l, x, fold(scale), {});
    const Tensor corrected =
        y * (batch_scale / scale).view({1, -1, 1, 1}) + (beta - batch_mean * gamma * batch_scale).view({1, -1, 1, 1});
    if (mode.updates) follow_statistics(l, sums, batch_mean, batch_variance);
    return corrected;
  }

  Tensor filter_levels(const Layer& l, const Tensor& filter, const Mode& mode) {
    if (!mode.folds) return filter;
    if (o.per_channel) return channel_levels(l, filter, mode);
    Tensor &min = at(l.name + "/weights_quant/min"), &max = at(l.name + "/weights_quant/max");
    float low = min.item<float>(), high = max.item<float>();
    if (mode.is_training) {
      std::tie(low, high) = range_of(filter);
      if (o.symmetric_weights) high = std::max(-low, high), low = -high;
      if (mode.updates) min.fill_(low), max.fill_(high);
    }
    return mode.quantizes ? fake_quant(filter, low, high, true) : filter;
  }

  // Likewise, symmetric and with a range for each output channel, which is the first axis here.
  Tensor channel_levels(const Layer& l, const Tensor& filter, const Mode& mode) {
    Tensor &min = at(l.name + "/weights_quant/min"), &max = at(l.name + "/weights_quant/max");
    Tensor reach = max;
    if (mode.is_training) {
      reach = filter.detach().abs().amax({1, 2, 3});
      const torch::NoGradGuard no_gradients;
      if (mode.updates) max.copy_(reach), min.copy_(-reach);
    }
    if (!mode.quantizes) return filter;
    // An empty range: TensorFlow gives zeros, and so does any scale here.
    const Tensor scale = at::where(reach > 0, reach * (2.0f / (kLevels - 1)), torch::ones_like(reach));
    const Tensor zeros = torch::full(reach.sizes(), (kLevels + 1) / 2, torch::kInt).to(device);
    return at::fake_quantize_per_channel_affine(filter, scale, zeros, 0, 1, kLevels);
  }

  // The moving average of what passes, and the levels that it leaves.
  Tensor watched(const std::string& scope, const Tensor& x, const Mode& mode) {
    if (!mode.folds) return x;
    Tensor &min = at(scope + "/min"), &max = at(scope + "/max");
    if (mode.updates) {
      const auto [low, high] = range_of_all(x);
      follow(scope + "/min", low);
      follow(scope + "/max", high);
    }
    return mode.quantizes ? fake_quant(x, min.item<float>(), max.item<float>(), false) : x;
  }

  // The range of all workers' parts of the batch.
  std::pair<float, float> range_of_all(const Tensor& x) {
    const auto [low, high] = range_of(x);
    std::array<float, 2> ends{-low, high};
    if (o.maximum) shared.must(o.maximum(ends));
    return {-ends[0], ends[1]};
  }

  // assign_moving_average with its correction for the start at zero.
  void follow(const std::string& name, float value) {
    Tensor &biased = at(name + "/biased"), &steps = at(name + "/local_step");
    if (steps.item<float>() == 0 && biased.item<float>() == 0 && has_range(name)) {
      // A checkpoint brought the range without its count: it goes on from there.
      at(name).lerp_(torch::full({}, value), 1 - o.range_decay);
      return;
    }
    biased.lerp_(torch::full({}, value), 1 - o.range_decay);
    steps += 1;
    at(name).copy_(biased / (1 - std::pow(o.range_decay, steps.item<float>())));
  }

  bool has_range(const std::string& name) { return std::fabs(at(name).item<float>()) != kFirstRange; }

  Tensor loss(const Batch& b, int64_t step, const Mode& mode) {
    Tensor scores = forward(b, mode);
    Tensor labels = torch::from_blob(const_cast<uint8_t*>(b.labels.data()), {b.count, b.height, b.width}, torch::kByte)
                        .to(torch::kLong);
    if (o.upsample_logits) {
      scores = resize(scores, b.height, b.width);
    } else {
      labels = at::upsample_nearest2d(labels.unsqueeze(1).to(torch::kFloat), {scores.size(2), scores.size(3)})
                   .squeeze(1)
                   .to(torch::kLong);
    }
    labels = labels.to(device);
    const Tensor present = labels.ne(o.ignore_label).sum().to(torch::kFloat);
    c10::optional<Tensor> weights;
    if (!o.label_weights.empty()) weights = torch::tensor(o.label_weights).to(device);
    const Tensor likelihood = at::log_softmax(scores, 1);
    if (o.top_k_percent_pixels >= 1) {
      return at::nll_loss2d(likelihood, labels, weights, at::Reduction::Sum, o.ignore_label) / present.clamp_min(1);
    }
    const Tensor losses = at::nll_loss2d(likelihood, labels, weights, at::Reduction::None, o.ignore_label).flatten();
    const double ratio =
        o.hard_example_mining_step == 0 ? 1.0 : std::min(1.0, static_cast<double>(step) / o.hard_example_mining_step);
    const double all = static_cast<double>(losses.numel());
    const auto kept = static_cast<int64_t>(ratio * o.top_k_percent_pixels * all + (1 - ratio) * all);
    const Tensor hardest = std::get<0>(at::topk(losses, std::max<int64_t>(kept, 1)));
    return hardest.sum() / hardest.ne(0).sum().clamp_min(1);
  }

  void forget_gradients() {
    for (auto& [name, v] : variables) v.value.mutable_grad() = Tensor();
  }

  // Every gradient becomes the mean over all workers.
  Expected<void> share_gradients() {
    if (!o.average) return {};
    const torch::NoGradGuard no_gradients;
    std::vector<Tensor> parts;
    for (const auto& [name, v] : variables) {
      if (v.is_trained && v.value.grad().defined()) parts.push_back(v.value.grad().flatten());
    }
    const Tensor all = at::cat(parts).to(torch::kCPU).contiguous();
    ML_TRY(o.average({all.data_ptr<float>(), static_cast<size_t>(all.numel())}));
    int64_t at = 0;
    for (auto& [name, v] : variables) {
      if (!v.is_trained || !v.value.grad().defined()) continue;
      v.value.mutable_grad().copy_(all.narrow(0, at, v.value.numel()).view_as(v.value));
      at += v.value.numel();
    }
    return {};
  }

  uint64_t dropout_seed(int64_t step) const {
    return mix(o.seed + (static_cast<uint64_t>(o.rank) << 32), static_cast<uint64_t>(step) + 1);
  }

  // TensorFlow's optimizers, not torch's: the learning rate stands outside of the momentum.
  void update(int64_t step, double rate) {
    const torch::NoGradGuard no_gradients;
    for (auto& [name, v] : variables) {
      if (!v.is_trained || !v.value.grad().defined()) continue;
      Tensor gradient = v.value.grad();
      if (v.decay > 0) gradient = gradient.add(v.value, v.decay);
      if (v.gradient_multiplier != 1) gradient = gradient * v.gradient_multiplier;
      if (o.optimizer == Optimizer::momentum)
        momentum(v, gradient, rate);
      else
        adam(v, gradient, rate, step);
    }
  }

  void momentum(Variable& v, const Tensor& gradient, double rate) const {
    if (!v.slot.defined()) v.slot = torch::zeros_like(v.value);
    v.slot.mul_(o.momentum).add_(gradient);
    v.value.add_(v.slot, -rate);
  }

  void adam(Variable& v, const Tensor& gradient, double rate, int64_t) const {
    constexpr double kBeta1 = 0.9, kBeta2 = 0.999;
    if (!v.slot.defined()) v.slot = torch::zeros_like(v.value), v.slot2 = torch::zeros_like(v.value);
    v.slot.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    v.slot2.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const double t = static_cast<double>(adam_steps);
    const double corrected = rate * std::sqrt(1 - std::pow(kBeta2, t)) / (1 - std::pow(kBeta1, t));
    v.value.addcdiv_(v.slot, v.slot2.sqrt().add_(o.adam_epsilon), -corrected);
  }

  int64_t adam_steps = 0;

  Expected<Tensor> take(const tf::Checkpoint& c, const std::string& name, const Variable& v) const {
    ML_ASSIGN(const tf::Tensor value, c.read(name));
    const bool fits = value.dims == v.dims && value.dtype == tf::DataType::float32;
    if (!fits || value.data.size_bytes() != static_cast<size_t>(value.elements()) * sizeof(float)) {
      return Unexpected(input_error(
          c.prefix(), fmt::format("variable {}: {} {}", name, tf::name(value.dtype), tf::to_string(value.dims)),
          fmt::format("float32 {}", tf::to_string(v.dims)),
          "check --depth_multiplier, --num_classes and --aspp_convs_filters against how it was "
          "trained; another number of classes: --initialize_last_layer=false"));
    }
    Tensor t = torch::empty(v.dims, torch::kFloat);
    std::memcpy(t.data_ptr<float>(), value.data.data(), value.data.size_bytes());
    return to_torch(t, v).to(device);
  }

  std::vector<std::string> slot_names(const std::string& name) const {
    if (o.optimizer == Optimizer::momentum) return {name + "/Momentum"};
    return {name + "/Adam", name + "/Adam_1"};
  }
};

Network::Network(std::unique_ptr<State> state) : state_(std::move(state)) {}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Expected<Network> Network::create(const nets::Net& net, const NetworkOptions& options) {
  auto state = std::make_unique<State>();
  state->net = net;
  state->o = options;
  state->shared.average = options.average;
  if (options.device == "cuda" && !at::hasCUDA()) {
    return Unexpected(usage_error("--device", "cuda, which this libtorch or machine does not have", "cpu or auto"));
  }
  if (options.device != "cpu" && at::hasCUDA()) state->device = torch::Device(torch::kCUDA);
  at::set_num_threads(options.threads);
  state->initialize();
  return Network(std::move(state));
}

Expected<Loaded> Network::load(const tf::Checkpoint& checkpoint, const LoadOptions& options) {
  const torch::NoGradGuard no_gradients;
  Loaded loaded;
  for (auto& [name, v] : state_->variables) {
    const bool is_optional = name.ends_with("/biased") || name.ends_with("/local_step");
    const bool skips = !options.is_resume && !options.initialize_last_layer &&
                       is_last_layer(name, state_->o.last_layers_contain_logits_only);
    if (skips || !checkpoint.has(name)) {
      if (options.is_resume) return Unexpected(checkpoint.read(name).error());
      if (!is_optional) loaded.kept.push_back(name);
      continue;
    }
    // Ranges per channel do not fit ranges per tensor; the first step finds them anew.
    const bool is_filter_range = name.find("/weights_quant/") != std::string::npos;
    if (is_filter_range && !options.is_resume && checkpoint.variables().find(name)->second.dims != v.dims) continue;
    ML_ASSIGN(const Tensor value, state_->take(checkpoint, name, v));
    v.value.copy_(value);
    ++loaded.restored;
    if (!options.is_resume || !v.is_trained) continue;
    const auto slots = state_->slot_names(name);
    for (size_t i = 0; i < slots.size(); ++i) {
      ML_ASSIGN(Tensor slot, state_->take(checkpoint, slots[i], v));
      (i == 0 ? v.slot : v.slot2) = std::move(slot);
    }
  }
  if (loaded.restored == 0) {
    return Unexpected(input_error(checkpoint.prefix(), "none of this net's variables",
                                  "a checkpoint of DeepLab over MobileNet v2", "check --model_variant"));
  }
  if (options.is_resume) {
    ML_ASSIGN(const tf::Tensor step, checkpoint.read(kGlobalStep));
    if (step.dtype != tf::DataType::int64 || step.elements() != 1) {
      return Unexpected(input_error(checkpoint.prefix(), "a global_step that is no int64", "one int64", ""));
    }
    loaded.global_step = step.data.get<int64_t>(0);
    state_->adam_steps = loaded.global_step;
  }
  return loaded;
}

std::map<std::string, tf::Tensor> Network::variables(int64_t global_step) const {
  std::map<std::string, tf::Tensor> all;
  for (const auto& [name, v] : state_->variables) {
    all[name] = numbers(to_tensorflow(v.value.detach(), v), v.dims);
    if (!v.slot.defined()) continue;
    const auto slots = state_->slot_names(name);
    all[slots[0]] = numbers(to_tensorflow(v.slot, v), v.dims);
    if (slots.size() > 1) all[slots[1]] = numbers(to_tensorflow(v.slot2, v), v.dims);
  }
  all[kGlobalStep] = tf::Tensor::of<int64_t>(tf::DataType::int64, {}, {global_step});
  return all;
}

Expected<double> Network::step(const Batch& batch, int64_t step, double learning_rate) try {
  at::manual_seed(state_->dropout_seed(step));
  const Tensor loss = state_->loss(batch, step, state_->training_mode(step));
  const double value = loss.item<double>();
  if (!std::isfinite(value)) {
    return Unexpected(input_error(fmt::format("step {}", step), fmt::format("a loss of {}", value), "a finite one",
                                  fmt::format("lower --base_learning_rate (it is {:g} here), or begin with "
                                              "--slow_start_step; the last checkpoint is still good",
                                              learning_rate)));
  }
  state_->forget_gradients();
  loss.backward();
  ML_TRY(state_->share_gradients());
  ++state_->adam_steps;
  state_->update(step, learning_rate);
  return value;
} catch (const std::exception&) {
  if (!state_->shared.error) throw;
  return Unexpected(*std::exchange(state_->shared.error, std::nullopt));
}

std::vector<float> Network::logits(const Batch& batch, bool quantized) const {
  const torch::NoGradGuard no_gradients;
  const State::Mode mode{.folds = quantized, .quantizes = quantized};
  const Tensor y = state_->forward(batch, mode).permute({0, 2, 3, 1}).to(torch::kCPU).contiguous();
  return {y.data_ptr<float>(), y.data_ptr<float>() + y.numel()};
}

std::vector<uint8_t> Network::labels(const Batch& batch, bool quantized) const {
  const torch::NoGradGuard no_gradients;
  const State::Mode mode{.folds = quantized, .quantizes = quantized};
  const Tensor scores = resize(state_->forward(batch, mode), batch.height, batch.width);
  const Tensor y = scores.argmax(1).to(torch::kCPU, torch::kByte).contiguous();
  return {y.data_ptr<uint8_t>(), y.data_ptr<uint8_t>() + y.numel()};
}

double Network::loss(const Batch& batch, int64_t step) {
  const torch::NoGradGuard no_gradients;
  at::manual_seed(state_->dropout_seed(step));
  State::Mode mode = state_->training_mode(step);
  mode.updates = false;
  double total = state_->loss(batch, step, mode).item<double>();
  for (const auto& [name, v] : state_->variables) {
    if (v.decay > 0) total += v.decay / 2 * v.value.square().sum().item<double>();
  }
  return total;
}

std::vector<float> Network::gradient(const Batch& batch, int64_t step, const std::string& variable) {
  at::manual_seed(state_->dropout_seed(step));
  State::Mode mode = state_->training_mode(step);
  mode.updates = false;
  state_->forget_gradients();
  state_->loss(batch, step, mode).backward();
  const Variable& v = state_->variables.at(variable);
  const Tensor g = to_tensorflow(v.value.grad().add(v.value.detach(), v.decay), v);
  return {g.data_ptr<float>(), g.data_ptr<float>() + g.numel()};
}

std::vector<float> Network::values(const std::string& variable) const {
  const Variable& v = state_->variables.at(variable);
  const Tensor t = to_tensorflow(v.value.detach(), v);
  return {t.data_ptr<float>(), t.data_ptr<float>() + t.numel()};
}

void Network::set_values(const std::string& variable, const std::vector<float>& values) {
  const torch::NoGradGuard no_gradients;
  Variable& v = state_->variables.at(variable);
  v.value.copy_(to_torch(torch::tensor(values).reshape(v.dims), v));
}

}  // namespace monolite::train
