// average_pool_in_two
//   match    AVERAGE_POOL_2D without padding whose window has both extents above 1
//   rewrite  one pool over height, one over width
//   proof    8-bit: <= 1 LSB, the mean is rounded twice; float32: approximate
//   cost     none to speak of
//   for      targets that limit a pool window's elements
#include <fmt/format.h>

#include "legalize/rewrite.h"
#include "ops/pool.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match();
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  const Shape shape = site.shape(in), pooled = site.shape(out);
  auto pool = attributes_as<ops::Pool2D>(site.node().attributes);
  if (shape.rank() != 4 || pool.padding != ops::Padding::valid) return no_match();
  if (pool.filter_height < 2 || pool.filter_width < 2) return no_match();
  Node over_height = site.node(), over_width = site.node();
  const TensorId between = passes::add_like(g, in, "/rows", {shape[0], pooled[1], shape[2], shape[3]});
  over_height.outputs = {between};
  over_width.inputs = {between};
  ops::Pool2D first = pool, second = pool;
  first.filter_width = first.stride_w = 1;
  first.fused_activation_function = ops::Activation::none;
  second.filter_height = second.stride_h = 1;
  set_attributes(over_height.attributes, first);
  set_attributes(over_width.attributes, second);
  passes::replace_node(g, site.index, {std::move(over_height), std::move(over_width)});
  const bool is_quantized = site.tensor(in).dtype != DType::float32;
  return Applied{.proof = is_quantized ? Proof::one_lsb : Proof::approximate,
                 .note = fmt::format("{0}x{1} as {0}x1, then 1x{1}", pool.filter_height, pool.filter_width)};
}

}  // namespace

extern const Rewrite average_pool_in_two;
const Rewrite average_pool_in_two{.name = "average_pool_in_two",
                                  .summary = "an average pool as one over rows and one over columns",
                                  .proof = Proof::one_lsb,
                                  .ops = {OpCode::AVERAGE_POOL_2D},
                                  .apply = apply};

}  // namespace monolite::legalize
