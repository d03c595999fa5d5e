#include <cmath>

#include "convert/passes.h"
#include "convert/quantization_params.h"
#include "convert/quantized_ops.h"
#include "convert/uses.h"
#include "passes/graph_edit.h"

namespace monolite::conversion {
namespace {

constexpr size_t kFilter = 1;

bool is_activated(const Node& n) {
  const AttributeValue* v = n.attributes.find("fused_activation_function");
  return v != nullptr && std::get<int64_t>(*v) != 0;
}

size_t channels_of(const Graph& g, const Node& n) {
  const Shape& f = g.tensor(n.inputs[kFilter]).shape;
  return static_cast<size_t>(n.op == OpCode::DEPTHWISE_CONV_2D ? f.back(0) : f[0]);
}

// With the name of what it stands for, which goes.
TensorId add_floats(Graph& g, const std::string& name, Shape shape, std::vector<float> values) {
  Tensor t;
  t.name = name;
  t.shape = std::move(shape);
  t.data = Buffer::of(std::move(values));
  return g.add(std::move(t));
}

// One value a channel, where `id` is a constant that says so for a tensor of shape `x`: one element, or the channels,
// which are the innermost axis or several of them.
std::vector<float> per_channel(const Graph& g, TensorId id, size_t channels, const Shape& x) {
  const Tensor& t = g.tensor(id);
  if (!t.is_constant() || t.dtype != DType::float32) return {};
  std::vector<float> values = passes::floats(t);
  if (values.size() == 1) values.resize(channels, values[0]);
  if (t.shape.elements() == 1) return values;
  if (values.size() != channels || t.shape.rank() > x.rank()) return {};
  int64_t innermost = 1;
  for (int i = 0; i < t.shape.rank() && innermost < static_cast<int64_t>(channels); ++i) {
    if (t.shape.back(i) != x.back(i)) return {};
    innermost *= x.back(i);
  }
  return values;
}

void ensure_bias(Graph& g, Node& n) {
  const size_t place = bias_input(n.op);
  if (n.inputs.size() > place && n.inputs[place] != kNoTensor) return;
  const size_t channels = channels_of(g, n);
  n.inputs.resize(place + 1, kNoTensor);
  n.inputs[place] = add_floats(g, g.tensor(n.outputs[0]).name + "_bias", {static_cast<int32_t>(channels)},
                               std::vector<float>(channels, 0.0f));
}

// The bias as a constant of this node alone.
void set_bias(Graph& g, Node& n, std::vector<float> values) {
  const std::string name = g.tensor(n.inputs[bias_input(n.op)]).name;
  const Shape shape{static_cast<int32_t>(values.size())};
  n.inputs[bias_input(n.op)] = add_floats(g, name, shape, std::move(values));
}

// The steps of a filter that was trained in them, after its channels are multiplied.
TrainedRange scaled(const TrainedRange& range, const std::vector<float>& by) {
  TrainedRange r = range;
  r.is_of_folded = true;
  if (r.steps.size() != by.size())
    r.steps.assign(by.size(), r.steps.empty() ? scale_and_zero(range, kUint8).scale : r.steps[0]);
  for (size_t c = 0; c < by.size(); ++c) r.steps[c] *= std::abs(by[c]);
  return r;
}

bool multiply(Lowered& lowered, Graph& g, Node& n, const std::vector<float>& by) {
  const TensorId filter = n.inputs[kFilter];
  if (!g.tensor(filter).is_constant()) return false;
  std::vector<float> weights = passes::floats(g.tensor(filter));
  const size_t inner = weights.size() / by.size();
  for (size_t i = 0; i < weights.size(); ++i) {
    weights[i] *= by[n.op == OpCode::DEPTHWISE_CONV_2D ? i % by.size() : i / inner];
  }
  const auto range = lowered.constant_ranges.find(filter);
  const TrainedRange trained = range == lowered.constant_ranges.end() ? TrainedRange() : range->second;
  const std::string name = g.tensor(filter).name;
  const Shape shape = g.tensor(filter).shape;
  n.inputs[kFilter] = add_floats(g, name, shape, std::move(weights));
  if (trained.min < trained.max) lowered.constant_ranges[n.inputs[kFilter]] = scaled(trained, by);
  std::vector<float> bias = passes::floats(g.tensor(n.inputs[bias_input(n.op)]));
  for (size_t c = 0; c < bias.size(); ++c) bias[c] *= by[c];
  set_bias(g, n, std::move(bias));
  return true;
}

// Folds `by` into `conv`; false where that cannot be.
bool fold(Lowered& lowered, Graph& g, Node& conv, OpCode op, const std::vector<float>& by) {
  ensure_bias(g, conv);
  if (!g.tensor(conv.inputs[bias_input(conv.op)]).is_constant()) return false;
  if (op == OpCode::MUL) return multiply(lowered, g, conv, by);
  std::vector<float> bias = passes::floats(g.tensor(conv.inputs[bias_input(conv.op)]));
  for (size_t c = 0; c < bias.size(); ++c) bias[c] = op == OpCode::SUB ? bias[c] - by[c] : bias[c] + by[c];
  set_bias(g, conv, std::move(bias));
  return true;
}

// The node whose bias or filter takes in what is done to `x`, and the node that writes `x`: a RESHAPE that keeps the
// channels, or splits them alone, may stand between. -1 where there is none.
struct Place {
  int conv = -1, writer = -1;
};

Place place_of(const Graph& g, Uses& uses, TensorId x) {
  Place p;
  p.conv = p.writer = uses.producer(x);
  if (p.writer < 0 || uses.readers(x) != 1) return {};
  const Node& writer = g.nodes[static_cast<size_t>(p.writer)];
  if (writer.op == OpCode::RESHAPE) {
    const TensorId before = writer.inputs[0];
    const Shape &from = g.tensor(before).shape, &to = g.tensor(x).shape;
    int64_t innermost = 1;
    for (int i = 0; i < to.rank() && from.rank() > 0 && innermost < from.back(0); ++i) innermost *= to.back(i);
    if (from.rank() == 0 || innermost != from.back(0) || uses.readers(before) != 1) return {};
    p.conv = uses.producer(before);
  }
  if (p.conv < 0) return {};
  const Node& conv = g.nodes[static_cast<size_t>(p.conv)];
  return has_filter(conv.op) && !is_activated(conv) ? p : Place();
}

}  // namespace

int fold_into_convolution(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  Uses uses(g);
  std::vector<bool> gone(g.nodes.size());
  int folded = 0;
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    Node& n = g.nodes[i];
    if (has_filter(n.op) && n.op != OpCode::TRANSPOSE_CONV && g.tensor(n.inputs[kFilter]).dtype == DType::float32)
      ensure_bias(g, n);
    if (n.op != OpCode::MUL && n.op != OpCode::ADD && n.op != OpCode::SUB) continue;
    if (is_activated(n)) continue;
    for (const size_t side : {size_t{0}, size_t{1}}) {
      if (side == 1 && n.op == OpCode::SUB) continue;  // constant - x
      const TensorId x = n.inputs[side];
      const Place place = place_of(g, uses, x);
      if (place.conv < 0 || g.tensor(n.outputs[0]).shape != g.tensor(x).shape) continue;
      Node& conv = g.nodes[static_cast<size_t>(place.conv)];
      const auto by = per_channel(g, n.inputs[1 - side], channels_of(g, conv), g.tensor(x).shape);
      if (by.empty() || !fold(lowered, g, conv, n.op, by)) continue;
      g.nodes[static_cast<size_t>(place.writer)].outputs[0] = n.outputs[0];
      uses.producer(n.outputs[0]) = place.writer;
      gone[i] = true;
      ++folded;
      break;
    }
  }
  erase_nodes(g, gone);
  return folded;
}

}  // namespace monolite::conversion
