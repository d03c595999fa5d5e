// resize_nearest_flags
//   match    RESIZE_NEAREST_NEIGHBOR with align_corners or half_pixel_centers and a constant size
//   rewrite  the same without flags where it picks the same elements (whole factors with half_pixel_centers); else a
//            GATHER of rows and one of columns with the indices that it picks
//   proof    exact: the elements are only moved
//   cost     none to speak of
//   for      targets without the flags (NNAPI up to 1.2)
#include <fmt/format.h>

#include <cmath>

#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "ops/resize_bilinear.h"
#include "passes/graph_edit.h"
#include "passes/minimal_version.h"

namespace monolite::legalize {
namespace {

// The two resizes' options have the same fields.
using Flags = ops::ResizeBilinear;

// The input's index for each of the output's, in LiteRT's float arithmetic.
std::vector<int32_t> picked(int32_t in, int32_t out, const Flags& flags) {
  const float scale = flags.align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                                     : static_cast<float>(in) / static_cast<float>(out);
  const float offset = flags.half_pixel_centers ? 0.5f : 0.0f;
  std::vector<int32_t> indices;
  for (int32_t i = 0; i < out; ++i) {
    const float position = (static_cast<float>(i) + offset) * scale;
    const auto index = static_cast<int32_t>(flags.align_corners ? std::round(position) : std::floor(position));
    indices.push_back(std::clamp(index, 0, in - 1));
  }
  return indices;
}

Node gather(Graph& g, TensorId in, TensorId out, int axis, std::vector<int32_t> indices) {
  const auto count = static_cast<int32_t>(indices.size());
  const TensorId id = passes::add_constant<int32_t>(g, g.tensor(out).name + "/indices", {count}, std::move(indices));
  Node made = passes::make_node(OpCode::GATHER, {in, id}, {out}, "GatherOptions", {{"axis", int64_t{axis}}});
  if (g.tensor(in).dtype == DType::int8) made.version = 2;
  return made;
}

Outcome apply(const Site& site) {
  const auto flags = attributes_as<Flags>(site.node().attributes);
  if ((!flags.align_corners && !flags.half_pixel_centers) || !site.has_shapes()) return no_match();
  if (site.ints(site.input(1)).size() != 2) return no_match("the output's size is computed while the graph runs");
  Graph& g = site.graph();
  const TensorId in = site.input(0), out = site.output();
  const Shape shape = site.shape(in), result = site.shape(out);
  if (shape.rank() != 4 || result.rank() != 4 || shape.checked_elements().value_or(0) == 0) return no_match();
  const auto rows = picked(shape[1], result[1], flags), columns = picked(shape[2], result[2], flags);
  if (rows == picked(shape[1], result[1], {}) && columns == picked(shape[2], result[2], {})) {
    Node& node = g.nodes[site.index];
    set_attributes(node.attributes, Flags{});
    passes::set_minimal_version(g, node);
    return Applied{.note = "without flags it picks the same elements"};
  }
  const TensorId between = passes::add_like(g, out, "/rows", {shape[0], result[1], shape[2], shape[3]});
  passes::replace_node(g, site.index, {gather(g, in, between, 1, rows), gather(g, between, out, 2, columns)});
  return Applied{.note = fmt::format("{}x{} -> {}x{} by a GATHER of rows and one of columns", shape[1], shape[2],
                                     result[1], result[2])};
}

}  // namespace

extern const Rewrite resize_nearest_flags;
const Rewrite resize_nearest_flags{.name = "resize_nearest_flags",
                                   .summary = "nearest-neighbour resize without flags, or as GATHER",
                                   .proof = Proof::exact,
                                   .ops = {OpCode::RESIZE_NEAREST_NEIGHBOR},
                                   .apply = apply};

}  // namespace monolite::legalize
