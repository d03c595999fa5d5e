// resize_identity
//   match    RESIZE_BILINEAR or RESIZE_NEAREST_NEIGHBOR to the size that its input has
//   rewrite  nothing: its readers read its input
//   proof    exact: every sample falls on an element
//   cost     none
//   for      targets that refuse the node
#include <fmt/format.h>

#include "legalize/rewrite.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match();
  const TensorId in = site.input(0), out = site.output();
  const Shape shape = site.shape(in);
  if (shape.rank() != 4 || shape != site.shape(out) || site.graph().is_output(out)) return no_match();
  if (!same_mapping(site.tensor(in).quantization, site.tensor(out).quantization)) return no_match();
  passes::bypass_node(site.model, 0, site.index, in);
  Applied applied{.note = fmt::format("{0}x{1} -> {0}x{1} is gone", shape[1], shape[2])};
  applied.pixels_before = int64_t{shape[1]} * shape[2];
  return applied;
}

}  // namespace

extern const Rewrite resize_identity;
const Rewrite resize_identity{.name = "resize_identity",
                              .summary = "a resize to the same size goes",
                              .proof = Proof::exact,
                              .ops = {OpCode::RESIZE_BILINEAR, OpCode::RESIZE_NEAREST_NEIGHBOR},
                              .apply = apply};

}  // namespace monolite::legalize
