#include <algorithm>
#include <optional>

#include "convert/passes.h"
#include "convert/uses.h"
#include "ops/window.h"

namespace monolite::conversion {
namespace {

int64_t number(const Node& n, const char* field, int64_t otherwise) {
  const AttributeValue* v = n.attributes.find(field);
  return v == nullptr ? otherwise : std::get<int64_t>(*v);
}

// Does SAME put the same zeros around `x` as the constant paddings of `pad` do before this VALID convolution?
bool is_what_same_does(const Graph& g, const Node& pad, const Node& conv) {
  const Shape &x = g.tensor(pad.inputs[0]).shape, &f = g.tensor(conv.inputs[1]).shape;
  const Tensor& amounts = g.tensor(pad.inputs[1]);
  if (x.rank() != 4 || f.rank() != 4 || amounts.dtype != DType::int32 ||
      amounts.data.size_bytes() != 8 * sizeof(int32_t)) {
    return false;
  }
  for (size_t i : {size_t{0}, size_t{1}, size_t{6}, size_t{7}}) {
    if (amounts.data.get<int32_t>(i) != 0) return false;  // batch and channels
  }
  for (int a = 0; a < 2; ++a) {
    const auto stride = static_cast<int32_t>(number(conv, a == 0 ? "stride_h" : "stride_w", 1));
    const auto dilation = static_cast<int32_t>(number(conv, a == 0 ? "dilation_h_factor" : "dilation_w_factor", 1));
    const int64_t before = amounts.data.get<int32_t>(static_cast<size_t>(2 + 2 * a)),
                  after = amounts.data.get<int32_t>(static_cast<size_t>(3 + 2 * a));
    if (stride < 1 || dilation < 1 || before < 0 || after < 0) return false;
    const ops::WindowAxis axis{x[a + 1], f[a + 1], stride, dilation, ops::Padding::same};
    const int64_t total = std::max<int64_t>((int64_t{axis.out()} - 1) * stride + axis.reach() - x[a + 1], 0);
    if (before != axis.pad_before() || before + after != total) return false;
  }
  return true;
}

}  // namespace

int pad_into_convolution(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  Uses uses(g);
  int merged = 0;
  for (Node& conv : g.nodes) {
    if ((conv.op != OpCode::CONV_2D && conv.op != OpCode::DEPTHWISE_CONV_2D) || number(conv, "padding", 0) != 1)
      continue;
    const int producer = uses.producer(conv.inputs[0]);
    if (producer < 0) continue;
    const Node& pad = g.nodes[static_cast<size_t>(producer)];
    if (pad.op != OpCode::PAD || pad.inputs.size() != 2 || !is_what_same_does(g, pad, conv)) continue;
    conv.inputs[0] = pad.inputs[0];  // the PAD goes where nobody else reads it: see tidy()
    conv.attributes.set("padding", int64_t{0});
    ++merged;
  }
  return merged;
}

}  // namespace monolite::conversion
