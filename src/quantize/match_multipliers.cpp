#include "quantize/match_multipliers.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>

#include "base/fixed_point.h"

namespace monolite::quantize {
namespace {

constexpr int kMostSteps = 1 << 14;       // of float32's last bit, up and down
constexpr int kMostStepsAlone = 1 << 11;  // where not all can be had
constexpr size_t kMostGroups = 256;       // that are searched together
constexpr int64_t kMostTries = 1 << 22;   // for such a search
constexpr int64_t kMostInAll = 1 << 26;   // convolutions looked at

// The k-th nearest float32, by turns below and above.
float neighbour(float scale, int k) {
  return std::bit_cast<float>(std::bit_cast<int32_t>(scale) + (k % 2 == 0 ? k / 2 : -(k + 1) / 2));
}

bool is_plain(float scale) { return scale > 1e-30f && scale < 1e30f; }

// What the uint8 kernel multiplies accumulators with, and what XNNPACK does.
struct Target {
  double real;
  Multiplier fixed;
  float quotient;
};

Target target_of(float in, float filter, float out) {
  const float product = in * filter;
  const double real = static_cast<double>(product) / static_cast<double>(out);
  return {real, quantize_multiplier(real), product / out};
}

// A convolution, or several between the same tensors: the channels that were split off a depthwise one.
struct Layer {
  int in, out;  // groups
  float filter;
  Target target;
  std::vector<size_t> nodes;
  std::optional<float> found;  // the filter's scale
};

// The filter scale with which the int8 kernel comes nearest to the target.
float nearest_filter(const Target& t, float in, float out) {
  return static_cast<float>(t.real * static_cast<double>(out) / static_cast<double>(in));
}

// That scale where the int8 kernel comes to the target itself.
std::optional<float> filter_for(const Target& t, float in, float out, bool is_strict) {
  const float nearest = nearest_filter(t, in, out);
  if (!is_plain(nearest)) return {};
  const double real = static_cast<double>(in) * static_cast<double>(nearest) / static_cast<double>(out);
  if (std::abs(real - t.real) > t.real * 0x1p-29) return {};
  const Multiplier fixed = quantize_multiplier(real);
  if (fixed.mantissa != t.fixed.mantissa || fixed.shift != t.fixed.shift) return {};
  if (is_strict && in * nearest / out != t.quotient) return {};
  return nearest;
}

// Bounds of fused activations, which are rounded quotients.
bool has_the_same_bounds(float before, float after) {
  return std::round(6.0f / before) == std::round(6.0f / after) && std::round(1.0f / before) == std::round(1.0f / after);
}

class Sets {
 public:
  explicit Sets(size_t count) : of_(count) { std::iota(of_.begin(), of_.end(), 0); }
  int find(int i) {
    while (of_[static_cast<size_t>(i)] != i) {
      int& up = of_[static_cast<size_t>(i)];
      up = of_[static_cast<size_t>(up)];
      i = up;
    }
    return i;
  }
  void unite(int a, int b) { of_[static_cast<size_t>(find(a))] = find(b); }

 private:
  std::vector<int> of_;
};

class Matching {
 public:
  explicit Matching(Graph& graph)
      : g_(graph), groups_(graph.tensors.size()), is_free_(graph.tensors.size()), uses_(graph.tensors.size(), 0) {}

  MatchedMultipliers run() {
    for (const Node& node : g_.nodes) {
      for (const TensorId id : node.inputs) uses_[index(id)] += id != kNoTensor;
    }
    join_groups();
    find_free_groups();
    find_layers();
    for (auto& [first, members] : components()) solve(members);
    for (Layer& layer : layers_) {
      if (!is_searched(layer)) layer.found = filter_for(layer.target, scale(layer.in), scale(layer.out), false);
    }
    apply();
    return report_;
  }

 private:
  static size_t index(TensorId id) { return id == kNoTensor ? 0 : static_cast<size_t>(id); }
  float& scale(int group) { return scales_[group]; }

  bool is_int8(TensorId id) const {
    if (id == kNoTensor) return false;
    const Tensor& t = g_.tensor(id);
    return t.dtype == DType::int8 && t.quantization.scale.size() == 1 && is_plain(t.quantization.scale[0]);
  }

  // Ops that pass their values on, and so the scale too.
  bool passes_on(const Node& node) const {
    if (node.outputs.size() != 1 || node.inputs.empty() || !is_int8(node.outputs[0])) return false;
    if (node.op != OpCode::SLICE && node.op != OpCode::CONCATENATION) return false;
    const size_t count = node.op == OpCode::SLICE ? 1 : node.inputs.size();
    return std::all_of(node.inputs.begin(), node.inputs.begin() + static_cast<std::ptrdiff_t>(count), [&](TensorId id) {
      return is_int8(id) && g_.tensor(id).quantization.scale == g_.tensor(node.outputs[0]).quantization.scale &&
             g_.tensor(id).quantization.zero_point == g_.tensor(node.outputs[0]).quantization.zero_point;
    });
  }

  bool is_layer(const Node& node) const {
    if (node.op != OpCode::CONV_2D && node.op != OpCode::DEPTHWISE_CONV_2D) return false;
    if (node.inputs.size() < 2 || node.outputs.size() != 1) return false;
    if (!is_int8(node.inputs[0]) || !is_int8(node.inputs[1]) || !is_int8(node.outputs[0])) return false;
    if (g_.is_output(node.inputs[1])) return false;
    const Target t =
        target_of(g_.tensor(node.inputs[0]).quantization.scale[0], g_.tensor(node.inputs[1]).quantization.scale[0],
                  g_.tensor(node.outputs[0]).quantization.scale[0]);
    if (!is_plain(static_cast<float>(t.real)) || !is_plain(t.quotient)) return false;
    return g_.tensor(node.inputs[1]).is_constant() && uses_[index(node.inputs[1])] == 1;
  }

  void join_groups() {
    for (const Node& node : g_.nodes) {
      if (!passes_on(node)) continue;
      const size_t count = node.op == OpCode::SLICE ? 1 : node.inputs.size();
      for (size_t i = 0; i < count; ++i) groups_.unite(node.inputs[i], node.outputs[0]);
    }
  }

  void pin(TensorId id) {
    if (id != kNoTensor) is_free_[static_cast<size_t>(groups_.find(id))] = false;
  }

  void find_free_groups() {
    std::fill(is_free_.begin(), is_free_.end(), true);
    for (TensorId id = 0; id < static_cast<TensorId>(g_.tensors.size()); ++id) {
      if (!is_int8(id) || g_.tensor(id).is_constant() || g_.tensor(id).is_variable) pin(id);
    }
    for (const TensorId id : g_.inputs) pin(id);
    for (const TensorId id : g_.outputs) pin(id);
    for (const Node& node : g_.nodes) {
      if (is_layer(node) || passes_on(node)) continue;
      for (const TensorId id : node.inputs) pin(id);
      for (const TensorId id : node.outputs) pin(id);
    }
  }

  void find_layers() {
    std::map<std::tuple<int, int, float>, size_t> known;
    for (size_t i = 0; i < g_.nodes.size(); ++i) {
      const Node& node = g_.nodes[i];
      if (!is_layer(node)) continue;
      const int in = groups_.find(node.inputs[0]), out = groups_.find(node.outputs[0]);
      const float filter = g_.tensor(node.inputs[1]).quantization.scale[0];
      scales_[in] = g_.tensor(node.inputs[0]).quantization.scale[0];
      scales_[out] = g_.tensor(node.outputs[0]).quantization.scale[0];
      const auto [place, is_new] = known.try_emplace({in, out, filter}, layers_.size());
      if (is_new) layers_.push_back({in, out, filter, target_of(scales_[in], filter, scales_[out]), {}, {}});
      layers_[place->second].nodes.push_back(i);
    }
  }

  bool is_free(int group) const { return is_free_[static_cast<size_t>(group)]; }
  bool is_searched(const Layer& layer) const { return is_free(layer.in) || is_free(layer.out); }

  // Layers that share a group whose scale may move, in run order.
  std::map<int, std::vector<size_t>> components() {
    Sets sets(g_.tensors.size());
    for (const Layer& layer : layers_) {
      if (is_free(layer.in) && is_free(layer.out)) sets.unite(layer.in, layer.out);
    }
    std::map<int, std::vector<size_t>> all;
    for (size_t i = 0; i < layers_.size(); ++i) {
      if (!is_searched(layers_[i])) continue;
      all[sets.find(is_free(layers_[i].in) ? layers_[i].in : layers_[i].out)].push_back(i);
    }
    return all;
  }

  void solve(const std::vector<size_t>& members) {
    order_.clear();
    for (const size_t i : members) {
      for (const int group : {layers_[i].in, layers_[i].out}) {
        if (is_free(group) && std::find(order_.begin(), order_.end(), group) == order_.end()) order_.push_back(group);
        if (order_.size() > kMostGroups) return;
      }
    }
    // Each layer is looked at once the last of its groups has a scale.
    decided_.assign(order_.size(), {});
    for (const size_t i : members) {
      for (size_t level = order_.size(); level-- > 0;) {
        if (order_[level] != layers_[i].in && order_[level] != layers_[i].out) continue;
        decided_[level].push_back(i);
        break;
      }
    }
    for (const bool is_strict : {true, false}) {
      tries_ = 0;
      if (search(0, is_strict)) return;
    }
    for (size_t level = 0; level < order_.size(); ++level) choose(level);
  }

  // The scale of a group with which most of its layers fit; where all of them together can't.
  void choose(size_t level) {
    const float before = scales_[order_[level]];
    float best = before;
    int most = 0;
    const auto wanted = static_cast<int>(decided_[level].size());
    for (int k = 0; k <= 2 * kMostStepsAlone && most < wanted && all_tries_ < kMostInAll; ++k, ++all_tries_) {
      const float after = neighbour(before, k);
      if (!has_the_same_bounds(before, after)) continue;
      scales_[order_[level]] = after;
      int fitting = 0;
      all_tries_ += wanted;
      for (const size_t i : decided_[level]) {
        const Layer& layer = layers_[i];
        fitting += filter_for(layer.target, scales_[layer.in], scales_[layer.out], false).has_value();
      }
      if (fitting > most) {
        most = fitting;
        best = after;
      }
    }
    scales_[order_[level]] = best;
    for (const size_t i : decided_[level]) {
      layers_[i].found = filter_for(layers_[i].target, scales_[layers_[i].in], scales_[layers_[i].out], false);
    }
  }

  bool search(size_t level, bool is_strict) {
    if (level == order_.size()) return true;
    const float before = scales_[order_[level]];
    for (int k = 0; k <= 2 * kMostSteps && tries_ < kMostTries && all_tries_ < kMostInAll;
         ++k, ++tries_, ++all_tries_) {
      const float after = neighbour(before, k);
      if (!has_the_same_bounds(before, after)) continue;
      scales_[order_[level]] = after;
      if (fits(level, is_strict) && search(level + 1, is_strict)) return true;
    }
    scales_[order_[level]] = before;
    for (const size_t i : decided_[level]) layers_[i].found.reset();
    return false;
  }

  bool fits(size_t level, bool is_strict) {
    for (const size_t i : decided_[level]) {
      ++all_tries_;
      Layer& layer = layers_[i];
      layer.found = filter_for(layer.target, scales_[layer.in], scales_[layer.out], is_strict);
      if (!layer.found) return false;
    }
    return true;
  }

  void apply() {
    for (const Layer& layer : layers_) {
      (layer.found ? report_.matched : report_.unmatched) += static_cast<int>(layer.nodes.size());
      const bool is_moved = layer.found || is_searched(layer);
      const float filter =
          is_moved ? nearest_filter(layer.target, scales_[layer.in], scales_[layer.out]) : layer.filter;
      for (const size_t i : layer.nodes) {
        const Node& node = g_.nodes[i];
        set_scale(node.inputs[1], filter);
        const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoTensor;
        if (!is_moved || !has_bias || uses_[index(node.inputs[2])] != 1) continue;
        Quantization& bias = g_.tensor(node.inputs[2]).quantization;
        if (bias.scale.size() == 1) bias.scale[0] = scales_[layer.in] * filter;
      }
    }
    for (TensorId id = 0; id < static_cast<TensorId>(g_.tensors.size()); ++id) {
      const auto group = scales_.find(groups_.find(id));
      if (group != scales_.end() && is_free(group->first)) set_scale(id, group->second);
    }
  }

  void set_scale(TensorId id, float scale) {
    float& old = g_.tensor(id).quantization.scale[0];
    const double change = std::abs(static_cast<double>(scale) / static_cast<double>(old) - 1);
    report_.largest_scale_change = std::max(report_.largest_scale_change, change);
    old = scale;
  }

  Graph& g_;
  Sets groups_;  // tensors that have one scale
  std::vector<bool> is_free_;
  std::vector<int> uses_;
  std::vector<Layer> layers_;
  std::map<int, float> scales_;
  // Of the search:
  std::vector<int> order_;                    // groups
  std::vector<std::vector<size_t>> decided_;  // layers, by the place of their last group
  int64_t tries_ = 0, all_tries_ = 0;
  MatchedMultipliers report_;
};

}  // namespace

MatchedMultipliers match_multipliers(Graph& graph) { return Matching(graph).run(); }

}  // namespace monolite::quantize
