// softmax_in_float
//   match    SOFTMAX or LOGISTIC of 8-bit numbers
//   rewrite  DEQUANTIZE, the same in float32, QUANTIZE
//   proof    <= 1 LSB: the 8-bit kernels are within half a step of the real function, give or take their tables
//   cost     two elements written for each
//   for      targets that take it in float only (XNNPACK)
#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "passes/graph_edit.h"
#include "passes/minimal_version.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match();
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  const DType dtype = g.tensor(in).dtype;
  if ((dtype != DType::uint8 && dtype != DType::int8) || g.tensor(out).dtype != dtype) return no_match();
  const auto real = [&](const char* suffix) {
    const TensorId id = passes::add_like(g, out, suffix, site.shape(in));
    g.tensor(id).dtype = DType::float32;
    g.tensor(id).quantization = {};
    return id;
  };
  const TensorId real_in = real("/in_float"), real_out = real("/float");
  Node computed = site.node();
  computed.inputs = {real_in};
  computed.outputs = {real_out};
  passes::set_minimal_version(g, computed);
  passes::replace_node(g, site.index, {dequantize(g, in, real_in), std::move(computed), quantize(g, real_out, out)});
  return Applied{.proof = Proof::one_lsb, .note = "computed in float32 between DEQUANTIZE and QUANTIZE"};
}

}  // namespace

extern const Rewrite softmax_in_float;
const Rewrite softmax_in_float{.name = "softmax_in_float",
                               .summary = "an 8-bit SOFTMAX or LOGISTIC in float32",
                               .proof = Proof::one_lsb,
                               .ops = {OpCode::SOFTMAX, OpCode::LOGISTIC},
                               .apply = apply};

}  // namespace monolite::legalize
