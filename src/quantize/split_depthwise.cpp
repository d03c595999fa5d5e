#include "quantize/split_depthwise.h"

#include <algorithm>
#include <cstdlib>

#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "passes/graph_edit.h"
#include "quantize/channels.h"

namespace monolite::quantize {
namespace {

constexpr int kMostWeight = 127;
constexpr size_t kMostChannels = 16;

bool is_uint8(const Tensor& t) { return t.dtype == DType::uint8 && t.quantization.scale.size() == 1; }

bool is_whole(const Tensor& t, size_t item_bytes) {
  const auto elements = t.shape.checked_elements();
  return t.is_constant() && elements && static_cast<size_t>(*elements) * item_bytes == t.data.size_bytes();
}

bool has_bias(const Node& node) { return node.inputs.size() > 2 && node.inputs[2] != kNoTensor; }

int centred(const Tensor& filter, size_t i) {
  const auto& z = filter.quantization.zero_point;
  return filter.data.get<uint8_t>(i) - (z.empty() ? 0 : static_cast<int>(z[0]));
}

// Of how many channels of the input an output channel would be the sum if each held a part of the weights.
int parts_of(int weight) { return std::max(1, (std::abs(weight) + kMostWeight - 1) / kMostWeight); }

bool is_plain(const Graph& g, const Node& node) {
  if (node.op != OpCode::DEPTHWISE_CONV_2D || node.inputs.size() < 2 || node.outputs.size() != 1) return false;
  if (node.inputs[0] == kNoTensor || node.inputs[1] == kNoTensor || node.outputs[0] == kNoTensor) return false;
  const Tensor &x = g.tensor(node.inputs[0]), &f = g.tensor(node.inputs[1]), &y = g.tensor(node.outputs[0]);
  if (!is_uint8(x) || !is_uint8(y) || !is_uint8(f) || x.is_constant() || !is_whole(f, 1)) return false;
  if (x.shape.rank() != 4 || y.shape.rank() != 4 || f.shape.rank() != 4 || f.shape[0] != 1) return false;
  if (!x.shape.checked_elements() || !y.shape.checked_elements() || x.shape[3] < 1 || y.shape[3] < 1) return false;
  if (f.shape[3] != y.shape[3] || y.shape[3] % x.shape[3] != 0) return false;
  if (!has_bias(node)) return true;
  const Tensor& b = g.tensor(node.inputs[2]);
  return b.dtype == DType::int32 && b.shape == Shape{y.shape[3]} && is_whole(b, sizeof(int32_t)) &&
         b.quantization.scale.size() <= 1;
}

// [channels, h, w, copies * channels]: output k reads its own input alone, copy after copy.
TensorId add_filter(Graph& g, const Tensor& filter, const std::vector<int32_t>& channels, int copies) {
  const auto taps = static_cast<size_t>(filter.shape.elements(1, 3)), width = static_cast<size_t>(filter.shape[3]);
  const size_t count = channels.size(), inputs = count * static_cast<size_t>(copies);
  std::vector<int8_t> values(count * taps * inputs, 0);
  for (size_t k = 0; k < count; ++k) {
    for (size_t tap = 0; tap < taps; ++tap) {
      int rest = centred(filter, tap * width + static_cast<size_t>(channels[k]));
      for (int copy = 0; copy < copies; ++copy) {
        const int part = std::clamp(rest, -kMostWeight, kMostWeight);
        values[(k * taps + tap) * inputs + static_cast<size_t>(copy) * count + k] = static_cast<int8_t>(part);
        rest -= part;
      }
    }
  }
  Quantization q;
  q.scale = filter.quantization.scale;
  q.zero_point = {0};
  return passes::add_constant<int8_t>(
      g, filter.name + "/wide",
      {static_cast<int32_t>(count), filter.shape[1], filter.shape[2], static_cast<int32_t>(inputs)}, std::move(values),
      std::move(q));
}

TensorId add_bias(Graph& g, const Tensor& bias, const std::vector<int32_t>& channels) {
  std::vector<int32_t> values;
  for (const int32_t c : channels) values.push_back(bias.data.get<int32_t>(static_cast<size_t>(c)));
  return passes::add_constant<int32_t>(g, bias.name + "/wide", {static_cast<int32_t>(channels.size())},
                                       std::move(values), bias.quantization);
}

ops::Conv2D options_of(const Node& node) {
  const auto a = attributes_as<ops::DepthwiseConv2D>(node.attributes);
  ops::Conv2D c{a.padding, a.stride_w, a.stride_h, a.fused_activation_function};
  c.dilation_w_factor = a.dilation_w_factor;
  c.dilation_h_factor = a.dilation_h_factor;
  return c;
}

// All channels in their order: those of `others`, but for `channels`, which are one behind the other in `own`.
std::vector<TensorId> in_order(Graph& g, TensorId others, TensorId own, const std::vector<int32_t>& channels,
                               std::vector<Node>& nodes) {
  const int32_t all = g.tensor(others).shape.back(0);
  std::vector<TensorId> parts;
  int32_t next = 0;
  for (size_t k = 0; k < channels.size();) {
    if (channels[k] > next) parts.push_back(slice_channels(g, others, next, channels[k] - next, nodes));
    size_t end = k + 1;
    while (end < channels.size() && channels[end] == channels[end - 1] + 1) ++end;
    const auto count = static_cast<int32_t>(end - k);
    const bool is_whole_tensor = end - k == channels.size();
    parts.push_back(is_whole_tensor ? own : slice_channels(g, own, static_cast<int32_t>(k), count, nodes));
    next = channels[end - 1] + 1;
    k = end;
  }
  if (next < all) parts.push_back(slice_channels(g, others, next, all - next, nodes));
  return parts;
}

// The CONV_2D that alone reads `y`, or -1.
int reader_of(const Graph& g, TensorId y) {
  const std::vector<int> readers = g.consumers(y);
  if (readers.size() != 1 || g.is_output(y)) return -1;
  const Node& node = g.nodes[static_cast<size_t>(readers[0])];
  if (node.op != OpCode::CONV_2D || node.inputs.size() < 2 || node.inputs[0] != y || node.inputs[1] == kNoTensor)
    return -1;
  if (std::count(node.inputs.begin(), node.inputs.end(), y) != 1) return -1;
  const Tensor& f = g.tensor(node.inputs[1]);
  const bool fits = is_uint8(f) && f.shape.rank() == 4 && is_whole(f, 1) && f.shape[3] == g.tensor(y).shape[3];
  return fits ? readers[0] : -1;
}

// Another filter for the reader: nothing at `channels`, their weights behind the others.
void move_to_the_end(Graph& g, Node& reader, const std::vector<int32_t>& channels) {
  const Tensor filter = g.tensor(reader.inputs[1]);
  const auto width = static_cast<size_t>(filter.shape[3]);
  const auto& z = filter.quantization.zero_point;
  std::vector<uint8_t> values;
  for (size_t from = 0; from < filter.data.size_bytes(); from += width) {
    const size_t row = values.size();
    for (size_t c = 0; c < width; ++c) values.push_back(filter.data.get<uint8_t>(from + c));
    for (const int32_t c : channels) {
      values.push_back(filter.data.get<uint8_t>(from + static_cast<size_t>(c)));
      values[row + static_cast<size_t>(c)] = z.empty() ? uint8_t{0} : static_cast<uint8_t>(z[0]);
    }
  }
  Shape shape = filter.shape;
  shape[3] += static_cast<int32_t>(channels.size());
  reader.inputs[1] =
      passes::add_constant<uint8_t>(g, filter.name + "/moved", shape, std::move(values), filter.quantization);
}

}  // namespace

std::vector<int32_t> channels_to_split(const Graph& g, const Node& node) {
  if (!is_plain(g, node)) return {};
  const Tensor& filter = g.tensor(node.inputs[1]);
  const auto width = static_cast<size_t>(filter.shape[3]);
  std::vector<bool> is_wide(width, false);
  for (size_t i = 0; i < filter.data.size_bytes(); ++i) {
    if (std::abs(centred(filter, i)) > kMostWeight) is_wide[i % width] = true;
  }
  std::vector<int32_t> channels;
  for (size_t c = 0; c < width; ++c) {
    if (is_wide[c]) channels.push_back(static_cast<int32_t>(c));
  }
  if (channels.size() > kMostChannels || channels.size() == width) return {};
  return channels;
}

DepthwiseSplit split_depthwise(Graph& g, size_t index, const std::vector<int32_t>& channels) {
  const Node node = g.nodes[index];
  const TensorId x = node.inputs[0], y = node.outputs[0];
  const Tensor filter = g.tensor(node.inputs[1]);
  const Shape in = g.tensor(x).shape, out = g.tensor(y).shape;
  const auto count = static_cast<int32_t>(channels.size());
  int copies = 1;
  for (size_t i = 0; i < filter.data.size_bytes(); ++i) copies = std::max(copies, parts_of(centred(filter, i)));

  DepthwiseSplit split;
  std::vector<int32_t> read;  // input channels, one for each of `channels`
  for (const int32_t c : channels) read.push_back(c / (out[3] / in[3]));
  const std::vector<TensorId> once = slice_runs(g, x, read, split.behind);
  std::vector<TensorId> parts;
  for (int copy = 0; copy < copies; ++copy) parts.insert(parts.end(), once.begin(), once.end());
  Shape shape = in;
  shape[3] = count * copies;
  const TensorId repeated = passes::add_like(g, x, "/repeated", shape);
  join_channels(g, std::move(parts), repeated, split.behind);

  std::vector<TensorId> inputs = {repeated, add_filter(g, filter, channels, copies)};
  if (has_bias(node)) inputs.push_back(add_bias(g, g.tensor(node.inputs[2]), channels));
  shape = out;
  shape[3] = count;
  const TensorId own = passes::add_like(g, y, "/wide", shape);
  split.behind.push_back(
      passes::make_node(OpCode::CONV_2D, std::move(inputs), {own}, "Conv2DOptions", options_of(node)));

  const TensorId others = passes::add_like(g, y, "/others", out);
  const int reader = reader_of(g, y);
  g.nodes[index].outputs[0] = others;
  if (reader < 0) {
    join_channels(g, in_order(g, others, own, channels, split.behind), y, split.behind);
  } else {
    move_to_the_end(g, g.nodes[static_cast<size_t>(reader)], channels);
    g.tensor(y).shape[3] += count;
    if (g.tensor(y).shape_signature) g.tensor(y).shape_signature.reset();
    split.parts = {others, own};
  }
  return split;
}

}  // namespace monolite::quantize
