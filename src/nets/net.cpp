#include "nets/net.h"

#include <algorithm>

namespace monolite::nets {

int find_end_point(const Net& net, const std::string& name) {
  for (size_t i = 0; i < net.layers.size(); ++i) {
    if (net.layers[i].end_point == name) return static_cast<int>(i);
  }
  return kNetInput;
}

std::string filter_name(const Layer& layer) {
  return layer.name + (layer.kind == LayerKind::depthwise ? "/depthwise_weights" : "/weights");
}

std::vector<VariableSpec> variables(const Net& net, const Layer& layer, bool ranges, bool per_channel) {
  std::vector<VariableSpec> all;
  const auto add_range = [&](const std::string& scope, const std::vector<int64_t>& dims = {}) {
    if (!ranges) return;
    all.push_back({scope + "/min", dims});
    all.push_back({scope + "/max", dims});
  };
  if (layer.kind == LayerKind::add) add_range(layer.range_scope);
  if (layer.kind != LayerKind::convolution && layer.kind != LayerKind::depthwise) return all;
  const int64_t in = net.channels_of(layer.inputs[0]), kernel = layer.kernel;
  const bool depthwise = layer.kind == LayerKind::depthwise;
  all.push_back({filter_name(layer), {kernel, kernel, in, depthwise ? 1 : layer.channels}});
  if (layer.batch_norm_epsilon > 0) {
    for (const char* part : {"gamma", "beta", "moving_mean", "moving_variance"}) {
      all.push_back({layer.name + "/BatchNorm/" + part, {layer.channels}});
    }
  } else {
    all.push_back({layer.name + "/biases", {layer.channels}});
  }
  add_range(layer.name + "/weights_quant", per_channel ? std::vector<int64_t>{layer.channels} : std::vector<int64_t>());
  add_range(layer.name + "/act_quant");
  return all;
}

int make_divisible(double value, int divisor, int least) {
  const int rounded = std::max(least, static_cast<int>(value + divisor / 2.0) / divisor * divisor);
  return rounded < 0.9 * value ? rounded + divisor : rounded;
}

}  // namespace monolite::nets
