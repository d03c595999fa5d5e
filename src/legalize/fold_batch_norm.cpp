// fold_batch_norm
//   match    float32 MUL, ADD or SUB of one constant a channel behind a convolution that nothing else reads and that
//            has no activation: what is left of a batch normalization
//   rewrite  the factor goes into the filter and the bias, the summand into the bias, the activation to the convolution
//   proof    approximate: the same real function, rounded at other places
//   cost     less: a tensor that is not written
//   for      targets that refuse the node, or its broadcast
#include <fmt/format.h>

#include "legalize/rewrite.h"
#include "ops/conv_2d.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

// One value for each of `channels`, from a constant of that many elements along its last dimension, or of one.
std::vector<float> per_channel(const Tensor& t, int32_t channels) {
  const auto count = t.shape.checked_elements().value_or(0);
  const bool fits = count == 1 || (count == channels && t.shape.rank() > 0 && t.shape.back(0) == channels);
  if (!t.is_constant() || t.dtype != DType::float32 || !fits) return {};
  std::vector<float> values = passes::floats(t);
  if (static_cast<int64_t>(values.size()) != count) return {};
  values.resize(static_cast<size_t>(channels), values[0]);
  return values;
}

// The filter times one factor a channel: its first dimension's, or its last's for a depthwise convolution.
TensorId scaled_filter(Graph& g, TensorId filter, bool is_depthwise, const std::vector<float>& factors) {
  const Tensor original = g.tensor(filter);
  std::vector<float> values = passes::floats(original);
  const size_t channels = factors.size(), a_channel = values.size() / channels;
  for (size_t i = 0; i < values.size(); ++i) values[i] *= factors[is_depthwise ? i % channels : i / a_channel];
  return passes::add_constant<float>(g, original.name + "/scaled", original.shape, std::move(values));
}

Outcome apply(const Site& site) {
  Graph& g = site.graph();
  const Node node = site.node();
  if (node.inputs.size() != 2 || !site.has_shapes(2) || g.tensor(site.output()).dtype != DType::float32)
    return no_match();
  const bool constant_first = g.tensor(node.inputs[0]).is_constant();
  if (constant_first && node.op == OpCode::SUB) return no_match();
  const TensorId data = node.inputs[constant_first ? 1 : 0], constant = node.inputs[constant_first ? 0 : 1];
  const int producer = g.producer(data);
  if (producer < 0 || site.only_reader(data) != static_cast<int>(site.index))
    return no_match("not one convolution stands before it");
  Node& conv = g.nodes[static_cast<size_t>(producer)];
  const bool is_depthwise = conv.op == OpCode::DEPTHWISE_CONV_2D;
  if ((conv.op != OpCode::CONV_2D && !is_depthwise) || conv.inputs.size() < 2 || conv.inputs[1] == kNoTensor)
    return no_match();
  if (attributes_as<ops::Conv2D>(conv.attributes).fused_activation_function != ops::Activation::none) {
    return no_match("the convolution has an activation already");
  }
  const Shape shape = site.shape(site.output());
  const Tensor& filter = g.tensor(conv.inputs[1]);
  if (shape.rank() != 4 || site.shape(data) != shape || !filter.is_constant() || filter.dtype != DType::float32)
    return no_match();
  const int32_t channels = shape[3];
  const std::vector<float> values = per_channel(g.tensor(constant), channels);
  const auto filter_elements = filter.shape.checked_elements().value_or(0);
  if (values.empty() || filter_elements % channels != 0 ||
      filter.data.size_bytes() != static_cast<size_t>(filter_elements) * sizeof(float)) {
    return no_match("its constant is not one value a channel");
  }
  const TensorId old_bias = conv.inputs.size() > 2 ? conv.inputs[2] : kNoTensor;
  std::vector<float> bias = old_bias == kNoTensor ? std::vector<float>(static_cast<size_t>(channels))
                                                  : per_channel(g.tensor(old_bias), channels);
  if (bias.empty()) return no_match();
  for (size_t c = 0; c < bias.size(); ++c) {
    bias[c] = node.op == OpCode::MUL   ? bias[c] * values[c]
              : node.op == OpCode::ADD ? bias[c] + values[c]
                                       : bias[c] - values[c];
  }
  const TensorId new_filter =
      node.op == OpCode::MUL ? scaled_filter(g, conv.inputs[1], is_depthwise, values) : conv.inputs[1];
  const TensorId new_bias =
      passes::add_constant<float>(g, g.tensor(site.output()).name + "/bias", {channels}, std::move(bias));
  conv.inputs = {conv.inputs[0], new_filter, new_bias};
  conv.outputs = {site.output()};
  if (const AttributeValue* activation = node.attributes.find("fused_activation_function")) {
    conv.attributes.set("fused_activation_function", *activation);
  }
  g.nodes.erase(g.nodes.begin() + static_cast<std::ptrdiff_t>(site.index));
  return Applied{.proof = Proof::approximate, .note = "folded into the convolution before it"};
}

}  // namespace

extern const Rewrite fold_batch_norm;
const Rewrite fold_batch_norm{.name = "fold_batch_norm",
                              .summary = "a factor or summand a channel, folded into the convolution before it",
                              .proof = Proof::approximate,
                              .ops = {OpCode::MUL, OpCode::ADD, OpCode::SUB},
                              .apply = apply};

}  // namespace monolite::legalize
