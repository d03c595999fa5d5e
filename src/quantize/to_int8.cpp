#include "quantize/to_int8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "ops/infer_shapes.h"
#include "passes/graph_edit.h"
#include "passes/minimal_version.h"
#include "quantize/channels.h"
#include "quantize/match_multipliers.h"
#include "quantize/split_depthwise.h"

namespace monolite::quantize {
namespace {

constexpr int kMostWeight = 127;
// Input channels that are given twice; a filter that needs more is requantized.
constexpr size_t kMostRepeated = 256;

bool is_quantized_uint8(const Tensor& t) { return t.dtype == DType::uint8 && t.quantization.scale.size() == 1; }

// The dimension along which a node's filter has its output channels, or -1 where the node has no filter.
int channel_dimension(const Node& node) {
  switch (node.op) {
    case OpCode::CONV_2D:
    case OpCode::TRANSPOSE_CONV:
    case OpCode::FULLY_CONNECTED:
      return 0;
    case OpCode::DEPTHWISE_CONV_2D:
      return 3;
    default:
      return -1;
  }
}

int64_t zero_point_of(const Tensor& t) { return t.quantization.zero_point.empty() ? 0 : t.quantization.zero_point[0]; }

class Conversion {
 public:
  Conversion(Graph& graph, const ToInt8Options& options) : g_(graph), options_(options) {}

  Expected<ToInt8> run() {
    for (size_t i = 0; i < g_.nodes.size(); ++i) {
      ML_ASSIGN(const size_t made, convert_filter(i));
      i += made;
    }
    for (size_t i = 0; i < g_.tensors.size(); ++i) convert_activation(g_.tensors[i]);
    bridge_nodes();
    if (options_.keep_io) bridge_edges();
    for (Node& node : g_.nodes) {
      passes::set_minimal_version(g_, node);
      if (node.op == OpCode::QUANTIZE) node.version = std::max(node.version, 2);
    }
    if (options_.match_multipliers) report_.multipliers = match_multipliers(g_);
    return std::move(report_);
  }

 private:
  Error fail(const Node& node, const std::string& found, const std::string& expected) const {
    const std::string name = node.outputs.empty() ? "" : g_.tensor(node.outputs[0]).name;
    return input_error(op_name(node) + " \"" + name + "\"", found, expected);
  }

  // The number of nodes that it put around the node.
  Expected<size_t> convert_filter(size_t index) {
    const Node node = g_.nodes[index];
    const int dimension = channel_dimension(node);
    if (dimension < 0 || node.inputs.size() < 2 || node.inputs[1] == kNoTensor) return 0;
    const TensorId filter_id = node.inputs[1];
    if (!is_quantized_uint8(g_.tensor(filter_id))) return 0;
    Tensor filter = g_.tensor(filter_id);
    const auto elements = filter.shape.checked_elements();
    if (!filter.is_constant()) return Unexpected(fail(node, "a filter that is computed", "a constant one"));
    if (!elements || static_cast<size_t>(*elements) != filter.data.size_bytes() || filter.shape.rank() <= dimension) {
      return Unexpected(fail(node, "a filter whose bytes are not its shape's", "as many as elements"));
    }
    WideFilter wide{.op = op_name(node), .name = filter.name, .weights = *elements, .wide = count_wide(filter)};
    std::vector<Node> before, behind;
    std::vector<int32_t> repeated, split;
    if (wide.wide > 0 && options_.wide_weights == WideWeights::repeat_inputs) {
      repeated = repeat_inputs(index, filter, before);
      split = channels_to_split(g_, node);
      if (!split.empty()) {
        DepthwiseSplit made = split_depthwise(g_, index, split);
        behind = std::move(made.behind);
        if (!made.parts.empty()) parts_[node.outputs[0]] = std::move(made.parts);
      }
    }
    if (repeated.empty()) join_parts(node.inputs[0], before);
    wide.repeated_inputs = static_cast<int>(repeated.size() + split.size());
    std::vector<double> growth = channel_growth(filter, repeated, node.op == OpCode::FULLY_CONNECTED ? -1 : dimension);
    // Nobody reads what the node itself makes of channels that were split off: their weights are cut.
    for (const int32_t c : split) growth[static_cast<size_t>(c)] = 1;
    auto [made, is_new] = filters_.try_emplace({filter_id, dimension, !repeated.empty(), !split.empty()}, kNoTensor);
    if (is_new) made->second = add_filter(filter, repeated, dimension, growth, wide);
    g_.nodes[index].inputs[1] = made->second;
    convert_bias(index, growth);
    if (wide.wide > 0) report_.wide_filters.push_back(std::move(wide));
    const auto place = static_cast<std::ptrdiff_t>(index);
    g_.nodes.insert(g_.nodes.begin() + place + 1, behind.begin(), behind.end());
    g_.nodes.insert(g_.nodes.begin() + place, before.begin(), before.end());
    return before.size() + behind.size();
  }

  static int centred(const Tensor& filter, size_t i) {
    return filter.data.get<uint8_t>(i) - static_cast<int>(zero_point_of(filter));
  }

  static int64_t count_wide(const Tensor& filter) {
    int64_t count = 0;
    for (size_t i = 0; i < filter.data.size_bytes(); ++i) count += std::abs(centred(filter, i)) > kMostWeight;
    return count;
  }

  // Gives the node those input channels once more that have a weight that does not fit, as nodes to be put before it:
  // SLICEs and a CONCATENATION. Returns the channels, in that order; none where the node does not sum over its input's
  // last dimension or the input's shape is not known.
  std::vector<int32_t> repeat_inputs(size_t index, const Tensor& filter, std::vector<Node>& before) {
    const Node& node = g_.nodes[index];
    if (node.op != OpCode::CONV_2D && node.op != OpCode::FULLY_CONNECTED) return {};
    const TensorId x = node.inputs[0];
    if (x == kNoTensor || !is_quantized_uint8(g_.tensor(x)) || g_.tensor(x).is_constant()) return {};
    const Shape shape = g_.tensor(x).shape;
    const int last = shape.rank() - 1;
    const int32_t channels = filter.shape.back(0);
    if (last < 1 || shape[last] != channels || !shape.checked_elements()) return {};
    std::set<int32_t> wide;
    for (size_t i = 0; i < filter.data.size_bytes(); ++i) {
      if (std::abs(centred(filter, i)) <= kMostWeight) continue;
      wide.insert(static_cast<int32_t>(i % static_cast<size_t>(channels)));
    }
    if (wide.empty() || wide.size() > kMostRepeated) return {};
    const std::vector<int32_t> channels_twice(wide.begin(), wide.end());
    Shape joined = shape;
    joined[last] += static_cast<int32_t>(wide.size());
    if (parts_.count(x) > 0) {
      add_parts(x, channels_twice, before);
      g_.tensor(x).shape = joined;
      join_parts(x, before);
      return channels_twice;
    }
    std::vector<TensorId> parts = slice_runs(g_, x, channels_twice, before);
    parts.insert(parts.begin(), x);
    const TensorId both = passes::add_like(g_, x, "/repeated", joined);
    join_channels(g_, std::move(parts), both, before);
    g_.nodes[index].inputs[0] = both;
    return channels_twice;
  }

  // Channels once more for a tensor that is still to be joined, out of its parts.
  void add_parts(TensorId x, const std::vector<int32_t>& channels, std::vector<Node>& before) {
    std::vector<TensorId> all = parts_[x];
    int32_t first = 0;
    for (const TensorId part : parts_[x]) {
      const int32_t count = g_.tensor(part).shape.back(0);
      std::vector<int32_t> inside;
      for (const int32_t c : channels) {
        if (c >= first && c < first + count) inside.push_back(c - first);
      }
      for (const TensorId slice : slice_runs(g_, part, inside, before)) all.push_back(slice);
      first += count;
    }
    parts_[x] = std::move(all);
  }

  // What split_depthwise left to its reader.
  void join_parts(TensorId x, std::vector<Node>& before) {
    const auto parts = parts_.find(x);
    if (parts == parts_.end()) return;
    join_channels(g_, std::move(parts->second), x, before);
    parts_.erase(parts);
  }

  // The channel that an element of the filter belongs to.
  static size_t channel_of(const Shape& shape, int dimension, size_t element) {
    const auto inner = static_cast<size_t>(shape.elements(dimension + 1, shape.rank()));
    return element / inner % static_cast<size_t>(shape[dimension]);
  }

  // What is left for the second copy of a repeated input channel.
  static int rest(int weight) { return weight - std::clamp(weight, -kMostWeight, kMostWeight); }

  // By how much each channel's scale has to grow so that its weights fit: 1 where they do. dimension -1: one for all.
  static std::vector<double> channel_growth(const Tensor& filter, const std::vector<int32_t>& repeated, int dimension) {
    std::vector<double> growth(dimension < 0 ? 1 : static_cast<size_t>(filter.shape[dimension]), 1.0);
    const double most = repeated.empty() ? kMostWeight : 2 * kMostWeight;
    for (size_t i = 0; i < filter.data.size_bytes(); ++i) {
      double& g = growth[dimension < 0 ? 0 : channel_of(filter.shape, dimension, i)];
      g = std::max(g, std::abs(centred(filter, i)) / most);
    }
    return growth;
  }

  TensorId add_filter(const Tensor& filter, const std::vector<int32_t>& repeated, int dimension,
                      const std::vector<double>& growth, WideFilter& wide) {
    Shape shape = filter.shape;
    const auto channels = static_cast<size_t>(shape.back(0)),
               rows = filter.data.size_bytes() / std::max<size_t>(1, channels);
    shape[shape.rank() - 1] += static_cast<int32_t>(repeated.size());
    std::vector<int8_t> values;
    values.reserve(rows * (channels + repeated.size()));
    for (size_t row = 0; row < rows; ++row) {
      const auto scaled = [&](size_t channel) {
        const size_t i = row * channels + channel;
        const double g = growth.size() == 1 ? growth[0] : growth[channel_of(filter.shape, dimension, i)];
        const auto w = static_cast<int>(std::lround(centred(filter, i) / g));
        wide.largest_error = std::max(wide.largest_error, std::abs(w * g - centred(filter, i)));
        return w;
      };
      for (size_t c = 0; c < channels; ++c) {
        values.push_back(static_cast<int8_t>(std::clamp(scaled(c), -kMostWeight, kMostWeight)));
      }
      for (const int32_t c : repeated) values.push_back(static_cast<int8_t>(rest(scaled(static_cast<size_t>(c)))));
    }
    const auto grown = std::count_if(growth.begin(), growth.end(), [](double g) { return g > 1; });
    Quantization q;
    q.dimension = dimension;
    const std::vector<double> scales = grown > 0 ? growth : std::vector<double>{1.0};
    for (const double g : scales) q.scale.push_back(static_cast<float>(filter.quantization.scale[0] * g));
    q.zero_point.assign(q.scale.size(), 0);
    ++report_.filters;
    report_.requantized_channels += static_cast<int>(grown);
    wide.requantized_channels = static_cast<int>(grown);
    return passes::add_constant<int8_t>(g_, filter.name + "/int8", shape, std::move(values), std::move(q));
  }

  // The bias stands at the scale of the sums: where a channel's scale has grown, it shrinks.
  void convert_bias(size_t index, const std::vector<double>& growth) {
    const Node node = g_.nodes[index];
    const bool has_bias = node.op != OpCode::TRANSPOSE_CONV ? node.inputs.size() > 2 : node.inputs.size() > 3;
    if (!has_bias || std::all_of(growth.begin(), growth.end(), [](double g) { return g == 1; })) return;
    TensorId& slot = g_.nodes[index].inputs[node.op == OpCode::TRANSPOSE_CONV ? 3 : 2];
    if (slot == kNoTensor || !g_.tensor(slot).is_constant() || g_.tensor(slot).dtype != DType::int32) return;
    const Tensor bias = g_.tensor(slot);
    std::vector<int32_t> values(bias.data.size_bytes() / sizeof(int32_t));
    Quantization q = bias.quantization;
    if (q.scale.size() == 1 && growth.size() == values.size()) {
      q.scale.assign(values.size(), q.scale[0]);
      q.zero_point.assign(values.size(), 0);
      q.dimension = 0;
    }
    for (size_t i = 0; i < values.size(); ++i) {
      const double g = growth.size() == values.size() ? growth[i] : growth[0];
      values[i] = static_cast<int32_t>(std::lround(bias.data.get<int32_t>(i) / g));
      if (q.scale.size() == values.size()) q.scale[i] = static_cast<float>(q.scale[i] * g);
    }
    if (q.scale.size() == 1 && growth.size() == 1 && values.size() > 1)
      q.scale[0] = static_cast<float>(q.scale[0] * growth[0]);
    const TensorId made =
        passes::add_constant<int32_t>(g_, bias.name + "/int8", bias.shape, std::move(values), std::move(q));
    g_.nodes[index].inputs[node.op == OpCode::TRANSPOSE_CONV ? 3 : 2] = made;
  }

  void convert_activation(Tensor& t) {
    if (!is_quantized_uint8(t)) return;
    converted_.insert(&t - g_.tensors.data());
    t.dtype = DType::int8;
    t.quantization.zero_point = {zero_point_of(t) - 128};
    if (t.is_constant()) {
      std::vector<uint8_t> values(t.data.size_bytes());
      for (size_t i = 0; i < values.size(); ++i) values[i] = t.data.get<uint8_t>(i) ^ 0x80;
      t.data = Buffer::of(std::move(values));
    }
    ++report_.activations;
  }

  // Nodes that take int8 in another way than uint8.
  void bridge_nodes() {
    for (size_t i = 0; i < g_.nodes.size(); ++i) {
      std::vector<Node> before;
      if (g_.nodes[i].op == OpCode::CONCATENATION && !g_.nodes[i].outputs.empty()) {
        const Quantization mapping = g_.tensor(g_.nodes[i].outputs[0]).quantization;
        for (size_t k = 0; k < g_.nodes[i].inputs.size(); ++k) bridge(i, k, DType::int8, mapping, before);
      } else if (g_.nodes[i].op == OpCode::CUSTOM) {
        for (size_t k = 0; k < g_.nodes[i].inputs.size(); ++k) bridge(i, k, DType::float32, {}, before);
      }
      const size_t count = before.size();
      g_.nodes.insert(g_.nodes.begin() + static_cast<std::ptrdiff_t>(i), before.begin(), before.end());
      i += count;
    }
  }

  // Gives input k of node i another mapping, where it is int8 and has not that one.
  void bridge(size_t i, size_t k, DType dtype, const Quantization& mapping, std::vector<Node>& before) {
    const TensorId from = g_.nodes[i].inputs[k];
    if (from == kNoTensor || g_.tensor(from).dtype != DType::int8 || !g_.tensor(from).quantization.is_quantized())
      return;
    if (dtype == DType::int8 && same_mapping(g_.tensor(from).quantization, mapping)) return;
    const TensorId to = passes::add_like(g_, from, "/bridge", g_.tensor(from).shape);
    g_.tensor(to).dtype = dtype;
    g_.tensor(to).quantization = mapping;
    before.push_back(conversion(from, to));
    g_.nodes[i].inputs[k] = to;
  }

  Node conversion(TensorId from, TensorId to) const {
    const bool to_real = g_.tensor(to).dtype == DType::float32;
    return passes::make_node(to_real ? OpCode::DEQUANTIZE : OpCode::QUANTIZE, {from}, {to},
                             to_real ? "DequantizeOptions" : "QuantizeOptions", passes::Options{});
  }

  // Inputs and outputs as they were: the edge keeps its tensor, the inside gets one of its own.
  void bridge_edges() {
    std::vector<Node> first, last;
    for (const TensorId id : g_.inputs) {
      if (!is_converted(id)) continue;
      const TensorId inside = passes::add_like(g_, id, "/int8", g_.tensor(id).shape);
      for (Node& node : g_.nodes) std::replace(node.inputs.begin(), node.inputs.end(), id, inside);
      restore(id);
      first.push_back(conversion(id, inside));
    }
    for (const TensorId id : g_.outputs) {
      if (!is_converted(id) || g_.is_input(id)) continue;
      const TensorId inside = passes::add_like(g_, id, "/int8", g_.tensor(id).shape);
      for (Node& node : g_.nodes) {
        std::replace(node.inputs.begin(), node.inputs.end(), id, inside);
        std::replace(node.outputs.begin(), node.outputs.end(), id, inside);
      }
      restore(id);
      last.push_back(conversion(inside, id));
    }
    g_.nodes.insert(g_.nodes.begin(), first.begin(), first.end());
    g_.nodes.insert(g_.nodes.end(), last.begin(), last.end());
  }

  bool is_converted(TensorId id) const { return converted_.count(id) > 0; }
  void restore(TensorId id) {
    converted_.erase(id);
    g_.tensor(id).dtype = DType::uint8;
    g_.tensor(id).quantization.zero_point[0] += 128;
  }

  Graph& g_;
  const ToInt8Options& options_;
  ToInt8 report_;
  std::map<std::tuple<TensorId, int, bool, bool>, TensorId> filters_;
  std::map<TensorId, std::vector<TensorId>> parts_;  // of tensors that the node reading them is to join
  std::set<std::ptrdiff_t> converted_;               // tensors that were uint8
};

}  // namespace

Expected<ToInt8> to_int8(Model& model, const ToInt8Options& options) {
  Model changed = model;
  ML_ASSIGN(ToInt8 made, Conversion(changed.main(), options).run());
  ML_TRY(ops::still_infers(model, changed));
  model = std::move(changed);
  return made;
}

}  // namespace monolite::quantize
