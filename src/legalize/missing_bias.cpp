// missing_bias
//   match    CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED without a bias
//   rewrite  the same with a bias of zeros
//   proof    exact: adding zero changes no sum (float32: -0 becomes +0, which compares equal)
//   cost     none
//   for      targets that want three inputs (NNAPI, XNNPACK)
#include "legalize/rewrite.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

constexpr int32_t kMostChannels = 1 << 20;

Outcome apply(const Site& site) {
  const Node& node = site.node();
  if (node.inputs.size() < 2 || node.inputs.size() > 3 || site.input(2) != kNoTensor) return no_match();
  Graph& g = site.graph();
  const Tensor &in = site.tensor(site.input(0)), &filter = site.tensor(site.input(1));
  if (filter.shape.rank() < 2) return no_match();
  const bool is_depthwise = node.op == OpCode::DEPTHWISE_CONV_2D;
  const int32_t channels = is_depthwise ? filter.shape.back(0) : filter.shape[0];
  if (channels < 1 || channels > kMostChannels) return no_match();
  const bool is_float = in.dtype == DType::float32;
  if (!is_float && in.dtype != DType::uint8 && in.dtype != DType::int8) return no_match();
  Quantization q;
  if (!is_float) {
    if (in.quantization.scale.size() != 1 || !filter.quantization.is_quantized()) return no_match();
    for (const float s : filter.quantization.scale) q.scale.push_back(in.quantization.scale[0] * s);
    q.zero_point.assign(q.scale.size(), 0);
  }
  const auto count = static_cast<size_t>(channels);
  const std::string name = site.tensor(site.output()).name + "/bias";
  const TensorId bias = is_float ? passes::add_constant<float>(g, name, {channels}, std::vector<float>(count))
                                 : passes::add_constant<int32_t>(g, name, {channels}, std::vector<int32_t>(count), q);
  std::vector<TensorId>& inputs = g.nodes[site.index].inputs;
  inputs.resize(3);
  inputs[2] = bias;
  return Applied{.note = "a bias of zeros"};
}

}  // namespace

extern const Rewrite missing_bias;
const Rewrite missing_bias{.name = "missing_bias",
                           .summary = "a bias of zeros where there is none",
                           .proof = Proof::exact,
                           .ops = {OpCode::CONV_2D, OpCode::DEPTHWISE_CONV_2D, OpCode::FULLY_CONNECTED},
                           .apply = apply};

}  // namespace monolite::legalize
