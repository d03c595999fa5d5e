// space_to_batch_to_dilation
//   match    SPACE_TO_BATCH_ND, one convolution of stride 1 without padding, BATCH_TO_SPACE_ND with the same blocks
//   rewrite  the convolution alone, its dilation times the block: VALID, or SAME where paddings and crops amount to it
//   proof    exact: the same products are summed, in the same order
//   cost     less: nothing is rearranged
//   for      targets without SPACE_TO_BATCH_ND (GPU, XNNPACK, Ethos-U)
#include <fmt/format.h>

#include "legalize/rewrite.h"
#include "ops/conv_2d.h"
#include "passes/graph_edit.h"
#include "passes/minimal_version.h"

namespace monolite::legalize {
namespace {

// One axis: how the block, the padding before it and the crop behind it amount to a padding of the dilated convolution.
std::optional<ops::Padding> padding_of(const ops::WindowAxis& dilated, int32_t out, int64_t pad, int64_t crop) {
  for (const ops::Padding padding : {ops::Padding::valid, ops::Padding::same}) {
    ops::WindowAxis axis = dilated;
    axis.padding = padding;
    const int64_t before = padding == ops::Padding::same ? axis.pad_before() : 0;
    if (axis.out() == out && pad - crop == before) return padding;
  }
  return std::nullopt;
}

Outcome apply(const Site& site, int first) {
  Graph& g = site.graph();
  if (first < 0) return no_match();
  const Node split = g.nodes[static_cast<size_t>(first)];
  if (split.op != OpCode::SPACE_TO_BATCH_ND || split.inputs.size() != 3 || split.outputs.size() != 1) return no_match();
  const int middle = site.only_reader(split.outputs[0]);
  if (middle < 0) return no_match("not one convolution alone reads it");
  Node conv = g.nodes[static_cast<size_t>(middle)];
  const bool is_convolution = conv.op == OpCode::CONV_2D || conv.op == OpCode::DEPTHWISE_CONV_2D;
  if (!is_convolution || conv.inputs.size() < 2 || conv.outputs.size() != 1 || conv.inputs[1] == kNoTensor)
    return no_match();
  if (conv.inputs[0] != split.outputs[0] || split.inputs[0] == kNoTensor) return no_match();
  const int last = site.only_reader(conv.outputs[0]);
  if (last < 0) return no_match("not one BATCH_TO_SPACE_ND alone reads the convolution");
  const Node join = g.nodes[static_cast<size_t>(last)];
  if (join.op != OpCode::BATCH_TO_SPACE_ND || join.inputs.size() != 3 || join.outputs.size() != 1) return no_match();
  const auto block = site.ints(split.inputs[1]), pads = site.ints(split.inputs[2]), crops = site.ints(join.inputs[2]);
  if (block.size() != 2 || block != site.ints(join.inputs[1]) || pads.size() != 4 || crops.size() != 4)
    return no_match();
  const auto& states = site.inference.states;
  const TensorId in = split.inputs[0], out = join.outputs[0];
  if (!states[static_cast<size_t>(in)].has_shape || !states[static_cast<size_t>(out)].has_shape) return no_match();
  const Shape shape = site.shape(in), result = site.shape(out);
  const auto options = attributes_as<ops::Conv2D>(conv.attributes);
  const Shape& filter = g.tensor(conv.inputs[1]).shape;
  if (shape.rank() != 4 || result.rank() != 4 || filter.rank() != 4 || options.padding != ops::Padding::valid)
    return no_match();
  if (options.stride_h != 1 || options.stride_w != 1 || block[0] < 1 || block[1] < 1) return no_match();
  if (!same_mapping(g.tensor(in).quantization, g.tensor(split.outputs[0]).quantization) ||
      !same_mapping(g.tensor(out).quantization, g.tensor(conv.outputs[0]).quantization)) {
    return no_match();
  }
  const int64_t dilation_h = options.dilation_h_factor * block[0], dilation_w = options.dilation_w_factor * block[1];
  if (dilation_h > 4096 || dilation_w > 4096) return no_match();
  const ops::WindowAxis y{shape[1], filter[1], 1, static_cast<int32_t>(dilation_h)},
      x{shape[2], filter[2], 1, static_cast<int32_t>(dilation_w)};
  const auto vertical = padding_of(y, result[1], pads[0], crops[0]),
             horizontal = padding_of(x, result[2], pads[2], crops[2]);
  const bool is_pointwise_y = filter[1] == 1, is_pointwise_x = filter[2] == 1;  // there both paddings are none
  if (!vertical || !horizontal || (*vertical != *horizontal && !is_pointwise_y && !is_pointwise_x)) {
    return no_match("paddings and crops amount to neither SAME nor VALID");
  }
  const ops::Padding padding = is_pointwise_y ? *horizontal : *vertical;
  conv.inputs[0] = in;
  conv.outputs[0] = out;
  conv.attributes.set("padding", static_cast<int64_t>(padding));
  conv.attributes.set("dilation_h_factor", dilation_h);
  conv.attributes.set("dilation_w_factor", dilation_w);
  passes::set_minimal_version(g, conv);
  // From the last on, so that the indices in front stay.
  passes::replace_node(g, static_cast<size_t>(last), {std::move(conv)});
  passes::replace_node(g, static_cast<size_t>(middle), {});
  passes::replace_node(g, static_cast<size_t>(first), {});
  return Applied{.note = fmt::format("one convolution with dilation {}x{}, {}", dilation_h, dilation_w,
                                     padding == ops::Padding::same ? "SAME" : "VALID")};
}

// From either end of the three.
Outcome apply_at(const Site& site) {
  if (site.node().op == OpCode::SPACE_TO_BATCH_ND) return apply(site, static_cast<int>(site.index));
  const int conv = site.input(0) == kNoTensor ? -1 : site.graph().producer(site.input(0));
  if (conv < 0 || site.graph().nodes[static_cast<size_t>(conv)].inputs.empty()) return no_match();
  const TensorId between = site.graph().nodes[static_cast<size_t>(conv)].inputs[0];
  return between == kNoTensor ? no_match() : apply(site, site.graph().producer(between));
}

}  // namespace

extern const Rewrite space_to_batch_to_dilation;
const Rewrite space_to_batch_to_dilation{.name = "space_to_batch_to_dilation",
                                         .summary = "a convolution between SPACE_TO_BATCH_ND and back as a dilated one",
                                         .proof = Proof::exact,
                                         .ops = {OpCode::SPACE_TO_BATCH_ND, OpCode::BATCH_TO_SPACE_ND},
                                         .apply = apply_at};

}  // namespace monolite::legalize
