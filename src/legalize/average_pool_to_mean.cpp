// average_pool_to_mean
//   match    AVERAGE_POOL_2D whose window is its whole input, without padding
//   rewrite  MEAN over height and width, keep_dims
//   proof    8-bit: <= 1 LSB, the pool divides in integers, MEAN multiplies by a fixed-point reciprocal;
//            float32: approximate, the same sum over the same count, in another order
//   cost     none
//   for      targets that limit pool windows
#include "legalize/rewrite.h"
#include "ops/pool.h"
#include "passes/graph_edit.h"
#include "passes/minimal_version.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match();
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  const Shape shape = site.shape(in), pooled = site.shape(out);
  const auto pool = attributes_as<ops::Pool2D>(site.node().attributes);
  if (shape.rank() != 4 || pooled[1] != 1 || pooled[2] != 1) return no_match();
  if (pool.filter_height != shape[1] || pool.filter_width != shape[2])
    return no_match("the window is not the whole input");
  if (pool.fused_activation_function != ops::Activation::none) return no_match("MEAN has no fused activation");
  if (!same_mapping(site.tensor(in).quantization, site.tensor(out).quantization)) return no_match();
  const TensorId axes = passes::add_constant<int32_t>(g, site.tensor(out).name + "/axes", {2}, {1, 2});
  Node mean = passes::make_node(OpCode::MEAN, {in, axes}, {out}, "ReducerOptions", {{"keep_dims", true}});
  passes::set_minimal_version(g, mean);
  passes::replace_node(g, site.index, {std::move(mean)});
  const bool is_quantized = site.tensor(in).dtype != DType::float32;
  return Applied{.proof = is_quantized ? Proof::one_lsb : Proof::approximate,
                 .note = "the mean of the whole picture by MEAN"};
}

}  // namespace

extern const Rewrite average_pool_to_mean;
const Rewrite average_pool_to_mean{.name = "average_pool_to_mean",
                                   .summary = "an average pool over the whole picture as MEAN",
                                   .proof = Proof::one_lsb,
                                   .ops = {OpCode::AVERAGE_POOL_2D},
                                   .apply = apply};

}  // namespace monolite::legalize
