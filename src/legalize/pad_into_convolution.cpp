// pad_into_convolution
//   match    PAD of height and width that only one convolution without padding reads, where SAME pads as much
//   rewrite  the convolution with SAME padding on what PAD reads
//   proof    exact: PAD writes the zero point, which is what the convolution leaves out
//   cost     less: the padded picture is not written
//   for      targets that refuse the PAD
#include <fmt/format.h>

#include "legalize/rewrite.h"
#include "ops/conv_2d.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

// Does SAME put `before` and `after` elements around an axis?
bool same_pads(const ops::WindowAxis& axis, int64_t before, int64_t after) {
  const int64_t total = std::max<int64_t>(0, (int64_t{axis.out()} - 1) * axis.stride + axis.reach() - axis.in);
  return axis.pad_before() == before && total - axis.pad_before() == after;
}

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match();
  Graph& g = site.graph();
  const TensorId in = site.input(0), padded = site.output();
  const std::vector<int64_t> pads = site.ints(site.input(1));
  const Shape shape = site.shape(in);
  if (shape.rank() != 4 || pads.size() != 8 || site.node().inputs.size() != 2) return no_match();
  if (pads[0] != 0 || pads[1] != 0 || pads[6] != 0 || pads[7] != 0) return no_match("it pads batch or channels");
  if (!same_mapping(g.tensor(in).quantization, g.tensor(padded).quantization)) return no_match();
  const int reader = site.only_reader(padded);
  if (reader < 0) return no_match("not one convolution alone reads it");
  Node& conv = g.nodes[static_cast<size_t>(reader)];
  const bool is_convolution = conv.op == OpCode::CONV_2D || conv.op == OpCode::DEPTHWISE_CONV_2D;
  if (!is_convolution || conv.inputs.size() < 2 || conv.inputs[1] == kNoTensor) return no_match();
  if (conv.inputs[0] != padded || conv.inputs[1] == padded) return no_match();
  const auto options = attributes_as<ops::Conv2D>(conv.attributes);
  const Shape& filter = g.tensor(conv.inputs[1]).shape;
  if (options.padding != ops::Padding::valid || filter.rank() != 4) return no_match();
  const ops::WindowAxis y{shape[1], filter[1], options.stride_h, options.dilation_h_factor},
      x{shape[2], filter[2], options.stride_w, options.dilation_w_factor};
  if (y.stride < 1 || x.stride < 1 || y.dilation < 1 || x.dilation < 1) return no_match();
  if (!same_pads(y, pads[2], pads[3]) || !same_pads(x, pads[4], pads[5])) {
    return no_match("SAME would pad otherwise than this PAD does");
  }
  conv.inputs[0] = in;
  conv.attributes.set("padding", static_cast<int64_t>(ops::Padding::same));
  g.nodes.erase(g.nodes.begin() + static_cast<std::ptrdiff_t>(site.index));
  return Applied{.note = fmt::format("{},{} rows and {},{} columns are the convolution's own padding now", pads[2],
                                     pads[3], pads[4], pads[5])};
}

}  // namespace

extern const Rewrite pad_into_convolution;
const Rewrite pad_into_convolution{.name = "pad_into_convolution",
                                   .summary = "a PAD as the convolution's own padding",
                                   .proof = Proof::exact,
                                   .ops = {OpCode::PAD},
                                   .apply = apply};

}  // namespace monolite::legalize
