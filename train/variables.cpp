#include "variables.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

namespace monolite::train {
namespace {

namespace tf = monolite::tensorflow;
using nets::Layer;
using nets::LayerKind;
using torch::Tensor;

constexpr const char* kGlobalStep = "global_step";

tf::Tensor numbers(const Tensor& t, const std::vector<int64_t>& dims) {
  const Tensor c = t.detach().to(torch::kCPU, torch::kFloat).contiguous();
  const float* p = c.data_ptr<float>();
  return tf::Tensor::of<float>(tf::DataType::float32, dims, {p, p + c.numel()});
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

struct Starter {
  const nets::Net& net;
  const NetworkOptions& o;
  torch::Device device;
  Variables all;

  void add(const std::string& name, std::vector<int64_t> dims, Tensor value, bool is_trained) {
    Variable v;
    v.dims = std::move(dims);
    v.value = value.to(device);
    v.is_trained = is_trained;
    v.value.set_requires_grad(is_trained);
    all[name] = std::move(v);
  }

  void add_start(const Layer& l, const nets::VariableSpec& s, const torch::Generator& random) {
    const bool last = is_last_layer(l.name, o.last_layers_contain_logits_only);
    const double multiplier = last ? o.last_layer_gradient_multiplier : 1.0;
    if (s.name == nets::filter_name(l)) {
      add(s.name, s.dims, first_filter(l, net.channels_of(l.inputs[0]), random), true);
      Variable& v = all.at(s.name);
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
      all.at(s.name).gradient_multiplier = 2 * multiplier;
    else if (!moves)
      all.at(s.name).gradient_multiplier = multiplier;
  }
};

Expected<Tensor> take(const tf::Checkpoint& c, const std::string& name, const Variable& v) {
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
  return to_torch(t, v).to(v.value.device());
}

std::vector<std::string> slot_names(const std::string& name, Optimizer optimizer) {
  if (optimizer == Optimizer::momentum) return {name + "/Momentum"};
  return {name + "/Adam", name + "/Adam_1"};
}

}  // namespace

bool is_backbone(const std::string& scope) {
  return scope.starts_with("MobilenetV2") || scope.starts_with("MobilenetEdgeTPU");
}

Tensor to_torch(const Tensor& t, const Variable& v) {
  if (!v.is_filter) return t;
  return (v.is_depthwise ? t.permute({2, 3, 0, 1}) : t.permute({3, 2, 0, 1})).contiguous();
}
Tensor to_tensorflow(const Tensor& t, const Variable& v) {
  if (!v.is_filter) return t.contiguous();
  return (v.is_depthwise ? t.permute({2, 3, 0, 1}) : t.permute({2, 3, 1, 0})).contiguous();
}

Variables start_variables(const nets::Net& net, const NetworkOptions& o, torch::Device device,
                          const torch::Generator& random) {
  Starter starter{net, o, device, {}};
  for (const Layer& l : net.layers) {
    for (const auto& s : nets::variables(net, l, o.quantize_delay_step.has_value(), o.per_channel))
      starter.add_start(l, s, random);
  }
  return std::move(starter.all);
}

Expected<Loaded> load(Variables& variables, const NetworkOptions& o, const tf::Checkpoint& checkpoint,
                      const LoadOptions& options) {
  const torch::NoGradGuard no_gradients;
  Loaded loaded;
  for (auto& [name, v] : variables) {
    const bool is_optional = name.ends_with("/biased") || name.ends_with("/local_step");
    const bool skips =
        !options.is_resume && !options.initialize_last_layer && is_last_layer(name, o.last_layers_contain_logits_only);
    if (skips || !checkpoint.has(name)) {
      if (options.is_resume) return Unexpected(checkpoint.read(name).error());
      if (!is_optional) loaded.kept.push_back(name);
      continue;
    }
    // Ranges per channel do not fit ranges per tensor; the first step finds them anew.
    const bool is_filter_range = name.find("/weights_quant/") != std::string::npos;
    if (is_filter_range && !options.is_resume && checkpoint.variables().find(name)->second.dims != v.dims) continue;
    ML_ASSIGN(const Tensor value, take(checkpoint, name, v));
    v.value.copy_(value);
    ++loaded.restored;
    if (!options.is_resume || !v.is_trained) continue;
    const auto slots = slot_names(name, o.optimizer);
    for (size_t i = 0; i < slots.size(); ++i) {
      ML_ASSIGN(Tensor slot, take(checkpoint, slots[i], v));
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
  }
  return loaded;
}

std::map<std::string, tf::Tensor> written(const Variables& variables, Optimizer optimizer, int64_t global_step) {
  std::map<std::string, tf::Tensor> all;
  for (const auto& [name, v] : variables) {
    all[name] = numbers(to_tensorflow(v.value.detach(), v), v.dims);
    if (!v.slot.defined()) continue;
    const auto slots = slot_names(name, optimizer);
    all[slots[0]] = numbers(to_tensorflow(v.slot, v), v.dims);
    if (slots.size() > 1) all[slots[1]] = numbers(to_tensorflow(v.slot2, v), v.dims);
  }
  all[kGlobalStep] = tf::Tensor::of<int64_t>(tf::DataType::int64, {}, {global_step});
  return all;
}

}  // namespace monolite::train
