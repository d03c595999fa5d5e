// quantize_to_depthwise
//   match    QUANTIZE from uint8 to uint8 or from int8 to int8, of a picture
//   rewrite  DEPTHWISE_CONV_2D 1x1 with weight 1 at scale 1; nothing where both sides mean the same
//   proof    exact: the same multiplier, input scale over output scale, on the same difference from the zero point
//   cost     one MAC an element
//   for      targets that take no QUANTIZE to the type (NNAPI 1.2: int8)
#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

constexpr int32_t kMostChannels = 1 << 20;

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match();
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  const Tensor &from = site.tensor(in), &to = site.tensor(out);
  if (from.dtype != to.dtype) return no_match();
  if (from.dtype != DType::uint8 && from.dtype != DType::int8) return no_match();
  if (from.quantization.scale.size() != 1 || to.quantization.scale.size() != 1) return no_match();
  if (same_mapping(from.quantization, to.quantization) && !g.is_output(out)) {
    passes::bypass_node(site.model, 0, site.index, in);
    return Applied{.note = "gone: both sides mean the same"};
  }
  const Shape shape = site.shape(in);
  if (shape.rank() == 4 && shape[3] > kMostChannels) return no_match();
  if (shape.rank() != 4) return no_match("only a tensor of four dimensions can pass through a convolution");
  passes::replace_node(g, site.index, {depthwise(g, in, out, shape[3], FlatFilter{})});
  return Applied{.note = "the change of scale by a 1x1 depthwise convolution with weight 1"};
}

}  // namespace

extern const Rewrite quantize_to_depthwise;
const Rewrite quantize_to_depthwise{.name = "quantize_to_depthwise",
                                    .summary = "a change of scale as a 1x1 depthwise convolution",
                                    .proof = Proof::exact,
                                    .ops = {OpCode::QUANTIZE},
                                    .apply = apply};

}  // namespace monolite::legalize
