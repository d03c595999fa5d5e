#include "network.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <torch/utils.h>

#include <cmath>
#include <utility>

#include "forward.h"

namespace monolite::train {
namespace {

namespace tf = monolite::tensorflow;
using torch::Tensor;

// Numbers without a pattern for each step of a seed.
uint64_t mix(uint64_t seed, uint64_t step) {
  uint64_t z = seed * 0x9E3779B97F4A7C15u + step + 0x632BE59BD9B4E019u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

struct Network::State : Learner {
  int64_t adam_steps = 0;

  Mode training_mode(int64_t step) const {
    const bool folds = o.quantize_delay_step.has_value();
    return {.is_training = true,
            .updates = true,
            .folds = folds,
            .quantizes = folds && step >= *o.quantize_delay_step,
            .frozen = !o.fine_tune_batch_norm || (folds && o.freeze_bn_delay && step >= *o.freeze_bn_delay)};
  }

  Tensor loss(const Batch& b, int64_t step, const Mode& mode) {
    Tensor scores = forward(*this, b, mode);
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
  void update(double rate) {
    const torch::NoGradGuard no_gradients;
    for (auto& [name, v] : variables) {
      if (!v.is_trained || !v.value.grad().defined()) continue;
      Tensor gradient = v.value.grad();
      if (v.decay > 0) gradient = gradient.add(v.value, v.decay);
      if (v.gradient_multiplier != 1) gradient = gradient * v.gradient_multiplier;
      if (o.optimizer == Optimizer::momentum)
        momentum(v, gradient, rate);
      else
        adam(v, gradient, rate);
    }
  }

  void momentum(Variable& v, const Tensor& gradient, double rate) const {
    if (!v.slot.defined()) v.slot = torch::zeros_like(v.value);
    v.slot.mul_(o.momentum).add_(gradient);
    v.value.add_(v.slot, -rate);
  }

  void adam(Variable& v, const Tensor& gradient, double rate) const {
    constexpr double kBeta1 = 0.9, kBeta2 = 0.999;
    if (!v.slot.defined()) v.slot = torch::zeros_like(v.value), v.slot2 = torch::zeros_like(v.value);
    v.slot.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    v.slot2.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const double t = static_cast<double>(adam_steps);
    const double corrected = rate * std::sqrt(1 - std::pow(kBeta2, t)) / (1 - std::pow(kBeta1, t));
    v.value.addcdiv_(v.slot, v.slot2.sqrt().add_(o.adam_epsilon), -corrected);
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
  const auto random = at::make_generator<at::CPUGeneratorImpl>(mix(options.seed, 0));
  state->variables = start_variables(net, options, state->device, random);
  return Network(std::move(state));
}

Expected<Loaded> Network::load(const tf::Checkpoint& checkpoint, const LoadOptions& options) {
  ML_ASSIGN(Loaded loaded, train::load(state_->variables, state_->o, checkpoint, options));
  if (options.is_resume) state_->adam_steps = loaded.global_step;
  return loaded;
}

std::map<std::string, tf::Tensor> Network::variables(int64_t global_step) const {
  return written(state_->variables, state_->o.optimizer, global_step);
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
  state_->update(learning_rate);
  return value;
} catch (const std::exception&) {
  if (!state_->shared.error) throw;
  return Unexpected(*std::exchange(state_->shared.error, std::nullopt));
}

std::vector<float> Network::logits(const Batch& batch, bool quantized) const {
  const torch::NoGradGuard no_gradients;
  const Mode mode{.folds = quantized, .quantizes = quantized};
  const Tensor y = forward(*state_, batch, mode).permute({0, 2, 3, 1}).to(torch::kCPU).contiguous();
  return {y.data_ptr<float>(), y.data_ptr<float>() + y.numel()};
}

std::vector<uint8_t> Network::labels(const Batch& batch, bool quantized) const {
  const torch::NoGradGuard no_gradients;
  const Mode mode{.folds = quantized, .quantizes = quantized};
  const Tensor scores = resize(forward(*state_, batch, mode), batch.height, batch.width);
  const Tensor y = scores.argmax(1).to(torch::kCPU, torch::kByte).contiguous();
  return {y.data_ptr<uint8_t>(), y.data_ptr<uint8_t>() + y.numel()};
}

double Network::loss(const Batch& batch, int64_t step) {
  const torch::NoGradGuard no_gradients;
  at::manual_seed(state_->dropout_seed(step));
  Mode mode = state_->training_mode(step);
  mode.updates = false;
  double total = state_->loss(batch, step, mode).item<double>();
  for (const auto& [name, v] : state_->variables) {
    if (v.decay > 0) total += v.decay / 2 * v.value.square().sum().item<double>();
  }
  return total;
}

std::vector<float> Network::gradient(const Batch& batch, int64_t step, const std::string& variable) {
  at::manual_seed(state_->dropout_seed(step));
  Mode mode = state_->training_mode(step);
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
